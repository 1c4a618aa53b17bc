//! Searches: one at a time, by a thread, and what becomes of what it finds.

use std::thread;
use std::time::{Duration, Instant};

use super::Model;
use super::layout::Pane;
use super::pending::{Pending, Then};
use crate::tui::find::{Search, Wanted};
use crate::tui::listing::Choice;

/// Places that one can come back to.
const MAX_JUMPS: usize = 100;

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
            Some(number) => self.go_to(number, pending.then),
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
        let here = self.listing.number(self.messages.selected);
        if then == Then::Jump
            && let Some(here) = here
        {
            self.jumps.push(here);
            if self.jumps.len() > MAX_JUMPS {
                self.jumps.remove(0);
            }
        }
        self.tails = false;
        let place = self.listing.place(number).or_else(|near| {
            if then == Then::Stay {
                return Ok(near);
            }
            self.tell("all messages again: that one was not listed");
            self.choose(Choice::default(), String::new());
            self.listing.place(number)
        });
        if let Ok::<u64, u64>(place) = place {
            let height = self.layout().rows(Pane::Messages);
            self.messages.select(place, self.listing.len(), height);
            self.notice = self.notice.take().filter(|notice| !notice.is_trouble);
        }
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
