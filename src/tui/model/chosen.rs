//! Which messages are listed: all, those of a connection, those that pass a filter.

use super::Model;
use super::input::Effect;
use super::layout::Pane;
use super::pending::Then;
use super::prompt::{Purpose, is_quit};
use super::scroll::Scroll;
use crate::filter::Filter;
use crate::tui::find::Wanted;
use crate::tui::listing::{Choice, Listing};

impl Model {
    /// Lists only these messages from the beginning; `text` is that of the filter.
    pub fn list(&mut self, choice: Choice, text: String) {
        self.choose(choice, text);
    }

    /// Lists other messages.
    pub(super) fn choose(&mut self, choice: Choice, text: String) {
        let here = self.listing.number(self.messages.selected);
        self.choose_at(choice, text, here);
    }

    /// The same, to stand at a message.
    pub(super) fn choose_at(&mut self, choice: Choice, text: String, here: Option<u64>) {
        match Listing::chosen(self.spool.clone(), choice.clone()) {
            Ok(listing) => {
                self.listing = listing;
                self.choice = choice;
                self.filter = text;
                self.messages = Scroll::default();
                // One stays where one was, or near; the list may take a moment.
                if self.choice.is_everything() {
                    if let Some(here) = here {
                        self.go_to(here, Then::Stay);
                    }
                } else if let Some(here) = here {
                    self.search(Wanted::Listed(here), "no message is listed", Then::Stay);
                }
            }
            Err(error) => self.complain(format!("cannot list that: {error}")),
        }
    }

    /// The messages of the connection that is selected alone, or all again.
    pub(super) fn choose_connection(&mut self) {
        let spool = self.spool.clone();
        let stream = spool.overview(|overview| {
            let row = self.connections.selected(overview);
            row.map(|row| row.stream)
        });
        let stream = stream.filter(|stream| self.choice.stream != Some(*stream));
        self.list_stream(stream);
        if stream.is_some() {
            self.focus = Pane::Messages;
        }
    }

    pub(super) fn list_stream(&mut self, stream: Option<u64>) {
        let choice = Choice {
            stream,
            filter: self.choice.filter.clone(),
        };
        let text = self.filter.clone();
        self.choose(choice, text);
    }

    /// The conversation that the message belongs to, or the list again.
    pub(super) fn follow(&mut self) {
        if self.follows {
            self.follows = false;
            return self.list_stream(None);
        }
        let detail = self.detail.as_ref();
        let Some(stream) = detail.and_then(|detail| detail.line.stream) else {
            return self.complain("it belongs to no connection");
        };
        self.follows = true;
        self.focus = Pane::Messages;
        self.list_stream(Some(stream));
    }

    /// A line was typed.
    pub(super) fn entered(&mut self, purpose: Purpose, text: String) -> Option<Effect> {
        match purpose {
            Purpose::Filter => {
                self.filters.add(&text);
                let filter = (!text.is_empty()).then(|| Filter::parse(&text));
                let filter = filter.transpose().ok()?;
                let waits = filter.as_ref().is_some_and(Filter::needs_fates);
                let choice = Choice {
                    stream: self.choice.stream,
                    filter,
                };
                self.choose(choice, text);
                if waits && !self.progress.is_complete {
                    self.tell("what is unanswered shows at the end of the capture");
                }
                self.focus = Pane::Messages;
            }
            Purpose::Search { backwards } => {
                let text = match (text.is_empty(), &self.sought) {
                    (true, Some((before, _))) => before.clone(),
                    _ => text,
                };
                if text.is_empty() {
                    return None;
                }
                self.searches.add(&text);
                self.sought = Some((text, backwards));
                self.search_again(false);
            }
            Purpose::Packet => {
                if is_quit(&text) {
                    return Some(Effect::Quit);
                }
                if let Ok(frame) = text.parse() {
                    let otherwise = "no message was completed by that packet, or after it";
                    self.search(Wanted::Packet(frame), otherwise, Then::Packet(frame));
                }
            }
        }
        None
    }
}
