//! The line of something that happened to a connection.

use super::LineWriter;
use crate::session::ConnectionEvent;
use crate::view::connection::Happening;
use crate::view::record::Captured;
use crate::view::style::{Ink, Role};

impl LineWriter {
    /// The line of an event. `aligned` is as for [`LineWriter::record`].
    pub fn event(&mut self, ink: &mut Ink, event: &ConnectionEvent, aligned: bool) {
        self.head(ink, &Captured::of_event(event), "peer", aligned);
        ink.role(if event.change.is_failure() {
            Role::Warning
        } else {
            Role::Setup
        });
        ink.push_display(Happening(event));
        ink.end_line();
    }
}
