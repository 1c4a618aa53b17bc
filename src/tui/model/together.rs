//! Panes move each other: a message selects its connection, a connection and a finding
//! show their message.
//!
//! There is no way round: what is selected for a pane is set, and moves nothing else.

use super::Model;
use super::layout::Pane;
use super::pending::Then;
use crate::tui::find::Wanted;

impl Model {
    /// The connection of the message that is selected is selected too.
    pub(super) fn select_connection(&mut self) {
        let detail = self.detail.as_ref();
        let Some(stream) = detail.and_then(|detail| detail.line.stream) else {
            return;
        };
        let height = self.layout().rows(Pane::Connections);
        let spool = self.spool.clone();
        spool.overview(|overview| self.connections.select(overview, stream, height));
    }

    /// To the first message of the connection that is selected, among those listed. The
    /// messages of one connection stay.
    pub(super) fn show_connection(&mut self) {
        self.connections.awaited = None;
        if self.choice.stream.is_some() {
            return;
        }
        let spool = self.spool.clone();
        let first = spool.overview(|overview| {
            let row = self.connections.selected(overview)?;
            Some((row.stream, row.start?))
        });
        let Some((stream, from)) = first.filter(|(_, from)| *from < self.spool.len()) else {
            return;
        };
        let detail = self.detail.as_ref();
        if detail.is_some_and(|detail| detail.line.stream == Some(stream)) {
            return;
        }
        if self.choice.is_everything() {
            self.pending = None;
            self.notice = None;
            self.go_to(from, Then::Stay);
        } else {
            let wanted = Wanted::Stream { stream, from };
            self.search(wanted, "no message of it is listed", Then::Stay);
        }
    }

    /// To the message of the finding that is selected, if it is listed.
    pub(super) fn look_at_finding(&mut self) {
        if !self.found.is_empty() {
            self.go_to_finding(Then::Look);
        }
    }
}
