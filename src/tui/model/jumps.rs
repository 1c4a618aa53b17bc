//! From a message to another that it is about: answers, requests, findings.

use super::Model;
use super::layout::Pane;
use super::pending::Then;
use super::scroll::Step;
use super::whence::Whence;
use crate::tui::find::Wanted;
use crate::tui::spool::Sort;

/// Places that one can come back to.
const MAX_JUMPS: usize = 100;

impl Model {
    /// To the answer of a request, or back.
    pub(super) fn jump(&mut self) {
        let Some(detail) = &self.detail else { return };
        let number = detail.number;
        let sort = self.reader.entry(number).map(|entry| entry.sort);
        match sort {
            Ok(Sort::Request) => {
                self.search(Wanted::AnswerOf(number), "no answer to it", Then::Jump);
            }
            Ok(Sort::Answer) => {
                self.search(
                    Wanted::RequestOf(number),
                    "its request is not there",
                    Then::Jump,
                );
            }
            _ => self.complain("neither a request nor an answer"),
        }
    }

    /// One can come back to where one is now.
    pub(super) fn remember(&mut self) {
        let Some(number) = self.listing.number(self.messages.selected) else {
            return;
        };
        if self.jumps.len() >= MAX_JUMPS {
            self.jumps.remove(0);
        }
        self.jumps.push(Whence {
            number,
            choice: self.choice.clone(),
            filter: self.filter.clone(),
            follows: self.follows,
        });
    }

    /// To where one jumped from, and to what was listed then.
    pub(super) fn jump_back(&mut self) {
        let Some(was) = self.jumps.pop() else {
            return self.complain("nowhere to go back to");
        };
        self.pending = None;
        self.notice = None;
        if was.follows && matches!(self.focus, Pane::Connections | Pane::Findings) {
            self.focus = Pane::Messages;
        }
        self.follows = was.follows;
        if was.choice.stream == self.choice.stream && was.filter == self.filter {
            self.go_to(was.number, Then::Select);
        } else {
            self.choose_at(was.choice, was.filter, Some(was.number));
        }
    }

    /// To the message of the finding that is selected.
    pub(super) fn show_finding(&mut self) {
        self.go_to_finding(Then::Jump);
    }

    /// Shows the message of the finding that is selected.
    pub(super) fn go_to_finding(&mut self, then: Then) {
        let place = usize::try_from(self.findings.selected).unwrap_or(usize::MAX);
        let Some(found) = self.found.get(place) else {
            return self.complain("nothing was found");
        };
        let words = format!("{}: {}", found.rule.id, found.words);
        let wanted = Wanted::Frame {
            frame: found.stamp.frame,
            stream: found.stream,
            message: found.message,
        };
        let words = crate::view::text::Safe::from(words.as_str()).to_string();
        self.search(wanted, "no message was completed by its packet", then);
        self.has_shown_finding = true;
        if then == Then::Jump || self.notice.is_none() {
            self.tell(words);
        }
    }

    pub(super) fn next_finding(&mut self, by: i64) {
        if self.found.is_empty() {
            return self.complain("nothing was found");
        }
        let count = self.found.len() as u64;
        let height = self.layout().rows(Pane::Findings);
        // The first time it is the one that is selected.
        if self.has_shown_finding {
            self.findings.step(Step::By(by), count, height);
        }
        self.shows_findings = true;
        self.show_finding();
    }
}
