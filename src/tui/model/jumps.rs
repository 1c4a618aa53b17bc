//! From a message to another that it is about: answers, requests, findings.

use super::Model;
use super::layout::Pane;
use super::pending::Then;
use super::scroll::Step;
use crate::tui::find::Wanted;
use crate::tui::spool::Sort;

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

    pub(super) fn jump_back(&mut self) {
        match self.jumps.pop() {
            Some(number) => self.go_to(number, Then::Select),
            None => self.complain("nowhere to go back to"),
        }
    }

    /// To the message of the finding that is selected.
    pub(super) fn show_finding(&mut self) {
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
        self.search(wanted, "no message was completed by its packet", Then::Jump);
        self.has_shown_finding = true;
        self.tell(words);
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
