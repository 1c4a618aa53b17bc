//! The last reading: the messages that no packet shows.

use super::hidden::Hidden;
use super::output::Output;
use crate::capture::UpperPdu;
use crate::cli::selection::Selection;
use crate::packet::Stamp;
use crate::pipeline::{Bodies, Interest, Observer};
use crate::session::{Ended, Heard};

/// The dissector of messages between peers, as Wireshark registers it.
const DISSECTOR: &str = "bittorrent.tcp";

/// Writes the hidden messages that are selected.
pub struct Messages<'o> {
    selection: Selection,
    hidden: Hidden,
    output: &'o mut Output,
    written: anyhow::Result<()>,
}

impl<'o> Messages<'o> {
    /// Writes to `output`.
    pub fn new(selection: Selection, output: &'o mut Output) -> Self {
        Self {
            selection,
            hidden: Hidden::default(),
            output,
            written: Ok(()),
        }
    }

    /// What went wrong, if anything.
    pub fn close(self) -> anyhow::Result<()> {
        self.written
    }
}

impl Observer for Messages<'_> {
    fn interest(&self) -> Interest {
        Interest {
            bodies: Bodies::Whole,
            ..Interest::default()
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.selection.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        let is_due = self.hidden.is_one(heard) && self.selection.passes(heard);
        if !is_due || self.written.is_err() {
            return;
        }
        let pdu = UpperPdu {
            dissector: DISSECTOR,
            src: heard.src,
            dst: heard.dst,
            frame: heard.last.frame,
            bytes: heard.bytes,
            length: heard.length,
        };
        self.written = self.output.message(&pdu, heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.hidden.ended(ended);
    }

    fn is_done(&self) -> bool {
        self.written.is_err()
    }
}
