//! The record of something that happened to a connection.

use super::{JsonWriter, push_string};
use crate::session::{ConnectionChange, ConnectionEvent, NamedBy};
use crate::view::number::push_u64;
use crate::view::record::Captured;

impl JsonWriter {
    /// The line of an event, line feed included.
    pub fn event(&mut self, event: &ConnectionEvent) -> &[u8] {
        let transport = match event.stream {
            Some(_) => event.carrier.name(),
            None => "icmp",
        };
        self.captured_by(&Captured::of_event(event), transport);
        self.head("connection", event.change.name(), 0);
        let out = &mut self.out;
        out.push_str(",\"fields\":{\"by\":");
        match event.by {
            Some(by) => push_string(out, by.name()),
            None => out.push_str("null"),
        }
        let open = event.open_requests.iter().map(|open| u64::from(*open));
        out.push_str(",\"unanswered_requests\":");
        push_u64(out, open.sum());
        out.push_str(",\"bytes\":");
        push_u64(out, event.bytes.iter().sum());
        out.push_str(",\"last_message\":");
        match event.last_message {
            Some(last) => push_string(out, last.name),
            None => out.push_str("null"),
        }
        out.push_str(",\"then\":");
        super::push_optional(out, event.then.map(|then| then.frame));
        if event.syns > 0 && event.change == ConnectionChange::Unanswered {
            out.push_str(",\"syns\":");
            push_u64(out, u64::from(event.syns));
        }
        if let ConnectionChange::Unreachable(reason) = event.change {
            out.push_str(",\"reason\":");
            push_string(out, reason.name());
        }
        if event.change == ConnectionChange::Dropped {
            out.push_str(",\"may_be_mse\":");
            let may_be = event.looks_encrypted && event.last_message.is_none();
            out.push_str(if may_be { "true" } else { "false" });
        }
        if let Some(naming) = event.named {
            out.push_str(",\"named_by\":");
            push_string(out, name(naming.by));
            out.push_str(",\"named_in\":");
            push_u64(out, naming.frame);
        }
        out.push('}');
        if event.is_late {
            out.push_str(",\"late\":true");
        }
        self.end()
    }
}

/// What has named an end, as JSON has it.
fn name(by: NamedBy) -> &'static str {
    match by {
        NamedBy::Tracker => "tracker",
        NamedBy::Dht => "dht",
        NamedBy::Peer => "pex",
        NamedBy::Lsd => "lsd",
        NamedBy::ExtendedHandshake => "extended_handshake",
        NamedBy::Connection => "connection",
    }
}
