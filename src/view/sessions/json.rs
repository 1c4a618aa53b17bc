//! Connections and attempts as JSON.

use super::card::push_card;
use super::summary::{End, SessionSummary, close_name};
use super::values::{SIDES, push_id, push_key, push_requests, push_text};
use crate::report::Card;
use crate::session::{Actor, ConnectionEvent};
use crate::view::clock::Calendar;
use crate::view::json::{push_optional, push_string, push_time};
use crate::view::number::{push_socket, push_u64};

/// Writes connections as JSON, one object a line (`docs/json.md`), into a buffer
/// that it reuses.
#[derive(Debug, Default)]
pub struct SessionJson {
    out: String,
    calendar: Calendar,
}

impl SessionJson {
    /// The line of a connection, line feed included.
    pub fn record(&mut self, summary: &SessionSummary<'_>) -> &[u8] {
        self.connection(summary);
        self.out.push_str("}\n");
        self.out.as_bytes()
    }

    /// The same with all that is known of it.
    pub fn card(&mut self, card: &Card) -> &[u8] {
        let name = card.past.torrent_name();
        self.connection(&SessionSummary::of(&card.past, name.as_deref()));
        push_card(&mut self.out, card);
        self.out.push_str("}\n");
        self.out.as_bytes()
    }

    /// The object of a connection, still open.
    fn connection(&mut self, summary: &SessionSummary<'_>) {
        let out = &mut self.out;
        out.clear();
        out.push_str("{\"stream\":");
        push_u64(out, summary.stream);
        out.push_str(",\"transport\":");
        push_string(out, summary.carrier.name());
        for (side, end) in SIDES.into_iter().zip(&summary.ends) {
            push_key(out, side);
            push_end(out, end);
        }
        push_key(out, "info_hash");
        push_id(out, summary.info_hash);
        push_key(out, "name");
        push_text(out, summary.name);
        push_key(out, "start");
        push_time(out, &mut self.calendar, summary.start);
        push_key(out, "end");
        push_time(out, &mut self.calendar, summary.end);
        push_key(out, "encryption");
        push_string(out, summary.encryption);
        push_key(out, "messages");
        push_sides(out, summary, push_counts);
        push_key(out, "payload_bytes");
        push_sides(out, summary, |out, end| push_u64(out, end.payload_bytes));
        push_key(out, "payload_missing");
        push_sides(out, summary, |out, end| push_u64(out, end.payload_missing));
        push_key(out, "gaps");
        push_u64(out, summary.ends.iter().map(|end| end.gaps).sum());
        push_key(out, "close");
        push_string(out, close_name(summary.close));
        push_key(out, "certainty");
        push_string(out, summary.certainty.name());
        push_key(out, "closed_by");
        push_text(out, summary.closed_by.map(|(side, _)| SIDES[side.index()]));
        push_key(out, "closed_in");
        push_optional(out, summary.closed_by.map(|(_, frame)| frame));
        push_key(out, "requests");
        push_sides(out, summary, |out, end| push_requests(out, &end.requests));
        push_key(out, "wire_bytes");
        push_sides(out, summary, |out, end| push_u64(out, end.wire_bytes));
        push_key(out, "not_seen");
        push_sides(out, summary, |out, end| {
            out.push_str(if end.is_unseen { "true" } else { "false" });
        });
    }

    /// The line of an attempt at a connection that failed, line feed included.
    pub fn attempt(&mut self, attempt: &ConnectionEvent) -> &[u8] {
        let out = &mut self.out;
        out.clear();
        out.push_str("{\"kind\":\"attempt\",\"stream\":");
        push_optional(out, attempt.stream);
        push_key(out, "transport");
        push_string(out, attempt.carrier.name());
        for (side, address) in SIDES.into_iter().zip(attempt.ends) {
            push_key(out, side);
            out.push_str("{\"address\":\"");
            push_socket(out, address);
            out.push_str("\"}");
        }
        push_key(out, "outcome");
        push_string(out, attempt.change.name());
        push_key(out, "by");
        push_text(out, attempt.by.map(Actor::name));
        push_key(out, "frame");
        push_u64(out, attempt.stamp.frame);
        push_key(out, "start");
        push_time(out, &mut self.calendar, attempt.first.time);
        push_key(out, "end");
        push_time(out, &mut self.calendar, attempt.stamp.time);
        push_key(out, "bytes");
        push_u64(out, attempt.bytes.iter().sum());
        push_key(out, "may_be_mse");
        let may_be = attempt.looks_encrypted && attempt.last_message.is_none();
        out.push_str(if may_be { "true" } else { "false" });
        push_key(out, "then");
        push_optional(out, attempt.then.map(|then| then.frame));
        out.push_str("}\n");
        out.as_bytes()
    }
}

fn push_end(out: &mut String, end: &End<'_>) {
    out.push_str("{\"address\":\"");
    push_socket(out, end.address);
    out.push_str("\",\"peer_id\":");
    push_id(out, end.peer_id);
    out.push_str(",\"client\":");
    push_text(out, end.client);
    out.push('}');
}

fn push_sides(
    out: &mut String,
    summary: &SessionSummary<'_>,
    push: impl Fn(&mut String, &End<'_>),
) {
    for (index, (side, end)) in SIDES.into_iter().zip(&summary.ends).enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        push_string(out, side);
        out.push(':');
        push(out, end);
    }
    out.push('}');
}

fn push_counts(out: &mut String, end: &End<'_>) {
    out.push('{');
    for (index, (name, count)) in end.messages.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(out, name);
        out.push(':');
        push_u64(out, *count);
    }
    out.push('}');
}
