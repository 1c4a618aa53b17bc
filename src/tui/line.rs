//! The lines of messages, as data for a table: the columns, and the words in runs.

use std::net::SocketAddr;

use super::spool::{Item, Sort};
use crate::flow::{Carrier, Side};
use crate::packet::Stamp;
use crate::view::{Describer, Document, Format, Medium, Options, Role};

/// One line of the list of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The packet that completed the message.
    pub stamp: Stamp,
    /// Number of its connection.
    pub stream: Option<u64>,
    /// What carries it.
    pub carrier: Carrier,
    /// Sender and receiver.
    pub ends: [SocketAddr; 2],
    /// The initiator sent it.
    pub from_initiator: bool,
    /// What it is.
    pub sort: Sort,
    /// The message in words, sanitised.
    pub runs: Vec<(Role, String)>,
}

/// Makes lines.
#[derive(Debug)]
pub struct Lines {
    describer: Describer,
    document: Document,
}

impl Default for Lines {
    fn default() -> Self {
        let options = Options {
            medium: Medium::Terminal,
            ..Options::default()
        };
        Self {
            describer: Describer::new(Format::Line, options),
            document: Document::new(true),
        }
    }
}

impl Lines {
    /// The line of a message or event.
    pub fn line(&mut self, item: Item<'_>) -> Line {
        self.document.clear();
        let line = match item {
            Item::Message(heard) => {
                self.describer.heard_words(&mut self.document, heard);
                Line {
                    stamp: heard.last,
                    stream: Some(heard.stream),
                    carrier: heard.carrier,
                    ends: [heard.src, heard.dst],
                    from_initiator: heard.from == Side::Initiator,
                    sort: if heard.is_gap() {
                        Sort::Gap
                    } else {
                        Sort::Other
                    },
                    runs: Vec::new(),
                }
            }
            Item::Event(happened) => {
                let role = if happened.is_failure {
                    Role::Warning
                } else {
                    Role::Setup
                };
                self.document.role(role);
                self.document.push_display(happened.words);
                Line {
                    stamp: happened.stamp,
                    stream: happened.stream,
                    carrier: Carrier::Tcp,
                    ends: happened.ends,
                    from_initiator: happened.by_initiator,
                    sort: Sort::Event,
                    runs: Vec::new(),
                }
            }
        };
        let runs = self.document.lines().next().into_iter();
        let runs = runs.flat_map(crate::view::Line::runs);
        Line {
            runs: runs.map(|(role, text)| (role, text.to_owned())).collect(),
            ..line
        }
    }

    /// The same as plain text, for a search.
    pub fn plain(&mut self, item: Item<'_>) -> String {
        let line = self.line(item);
        let [src, dst] = line.ends;
        let mut text = format!("#{} {src} > {dst} ", line.stamp.frame);
        line.runs.iter().for_each(|(_, run)| text.push_str(run));
        text
    }
}
