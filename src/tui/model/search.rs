//! Searches: one at a time, by a thread, and what becomes of what it finds.

use std::thread;
use std::time::{Duration, Instant};

use super::Model;
use super::layout::Pane;
use super::pending::{Pending, Then};
use crate::tui::find::{Search, Wanted};
use crate::tui::listing::Choice;
use crate::tui::spool::Item;

/// A search that takes no longer is waited for.
const SOON: Duration = Duration::from_millis(15);

impl Model {
    /// What a search has found.
    pub(super) fn take_result(&mut self) {
        let Some(result) = self
            .pending
            .as_mut()
            .and_then(|pending| pending.search.result())
        else {
            return;
        };
        let Some(pending) = self.pending.take() else {
            return;
        };
        match result {
            Some(number) => {
                self.go_to(number, pending.then);
                if let Then::Packet(frame) = pending.then {
                    self.tell_where(number, frame);
                }
            }
            None => self.complain(pending.otherwise),
        }
    }

    /// What is near is found before anybody looks: it need not wait for a tick.
    fn take_soon(&mut self) {
        let until = Instant::now() + SOON;
        while self.pending.is_some() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
            self.take_result();
        }
    }

    /// Selects a message; where it is not listed, the list is widened.
    pub(super) fn go_to(&mut self, number: u64, then: Then) {
        if matches!(then, Then::Jump | Then::Packet(_)) {
            self.remember();
        }
        self.tails = false;
        let place = self.listing.place(number).or_else(|near| {
            match then {
                Then::Stay => return Ok(near),
                Then::Look => {
                    self.tell("its message is not listed: Enter lists all, and shows it");
                    return Ok(near);
                }
                Then::Select | Then::Jump | Then::Packet(_) => {}
            }
            self.tell("all messages again: that one was not listed");
            self.follows = false;
            self.choose(Choice::default(), String::new());
            self.listing.place(number)
        });
        if let Ok::<u64, u64>(place) = place {
            let height = self.layout().rows(Pane::Messages);
            self.messages.select(place, self.listing.len(), height);
            self.notice = self.notice.take().filter(|notice| !notice.is_trouble);
        }
    }

    /// Says how a message has to do with a packet that did not complete one.
    fn tell_where(&mut self, number: u64, frame: u64) {
        let packets = self.reader.with(number, |item| match item {
            Item::Message(heard) => [heard.first.frame, heard.last.frame],
            Item::Event(happened) => [happened.stamp.frame; 2],
        });
        match packets {
            Ok([_, last]) if last == frame => {}
            Ok([first, last]) if (first..last).contains(&frame) => self.tell(format!(
                "packet {frame} completes no message: this one goes from packet {first} to {last}"
            )),
            Ok([_, last]) => self.tell(format!(
                "packet {frame} completes no message: this is the next one, of packet {last}"
            )),
            Err(_) => {}
        }
    }

    /// Messages that the search that goes on has still to look at.
    pub fn left_to_search(&self) -> u64 {
        let pending = self.pending.as_ref();
        pending.map_or(0, |pending| pending.search.left())
    }

    pub(super) fn search(&mut self, wanted: Wanted, otherwise: &'static str, then: Then) {
        let listing = self.listing.again();
        match Search::start(self.spool.reader(), listing, wanted) {
            Ok(search) => {
                self.notice = None;
                self.pending = Some(Pending {
                    search,
                    otherwise,
                    then,
                });
                self.take_soon();
            }
            Err(error) => self.complain(format!("cannot search: {error}")),
        }
    }

    pub(super) fn search_again(&mut self, other_way: bool) {
        let Some((text, backwards)) = self.sought.clone() else {
            return self.complain("nothing was searched for yet: / asks for a text");
        };
        let wanted = Wanted::Text {
            text,
            from: self.messages.selected,
            backwards: backwards != other_way,
        };
        self.search(wanted, "not found", Then::Select);
    }
}
