//! The line of something that happened to a connection.

use super::LineWriter;
use crate::session::ConnectionEvent;
use crate::view::connection::Happening;
use crate::view::document::Document;
use crate::view::record::Captured;
use crate::view::style::Role;

impl LineWriter {
    /// The line of an event. `aligned` is as for [`LineWriter::record`].
    pub fn event(&mut self, document: &mut Document, event: &ConnectionEvent, aligned: bool) {
        self.head(document, &Captured::of_event(event), "peer", aligned);
        document.role(if event.change.is_failure() {
            Role::Warning
        } else {
            Role::Setup
        });
        document.push_display(Happening(event));
        document.end_line();
    }
}
