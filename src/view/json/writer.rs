//! JSON, a line a message.

use super::fields;
use super::head;
use super::private;
use super::text::push_string;
use super::values::push_optional;
use crate::capture::Timestamp;
use crate::flow::GapCause;
use crate::privacy::words_of;
use crate::session::Certainty;
use crate::view::number::push_u64;
use crate::view::record::{Captured, Gap, LogLine, Origin, Place, Record};
use crate::view::remarks::push_deviation;
use crate::wire::{Breach, Tree};

/// Writes records into a buffer that it reuses.
#[derive(Debug, Default)]
pub struct JsonWriter {
    pub(super) out: String,
    tree: Tree,
    heads: head::Heads,
    scratch: fields::Scratch,
    note: String,
    /// Where names stand for what tells of people.
    private: Option<Box<private::Private>>,
}

/// Anomalies of one message that are written: a hostile one may have thousands.
const MAX_ANOMALIES: usize = 64;

impl JsonWriter {
    /// A writer of records in which names stand for what tells of people.
    pub fn anonymous() -> Self {
        Self {
            private: Some(Box::default()),
            ..Self::default()
        }
    }

    /// The capture begins; only anonymous records need to know.
    pub fn start(&mut self, first: Timestamp) {
        if let Some(private) = &mut self.private
            && first != Timestamp::UNKNOWN
        {
            private.first = Some(first);
        }
    }

    /// The line of a message, line feed included.
    pub fn record(&mut self, record: &Record<'_>) -> &[u8] {
        let mut own = std::mem::take(&mut self.tree);
        let tree = record.fields(&mut own);
        match &record.origin {
            Origin::Capture(captured) => self.captured(captured),
            Origin::Text(place) => self.place(*place),
            Origin::Log(told) => self.told(told),
            Origin::Made => self.out.clear(),
        }
        self.head(record.protocol, record.message, record.length);
        self.out.push_str(",\"fields\":");
        let mut derived = record.subject.facts();
        if let Some(private) = &mut self.private {
            for (name, value) in &mut derived {
                *value = private.fact(name, value);
            }
        }
        fields::push_fields(
            &mut self.out,
            &mut self.scratch,
            tree,
            record.bytes,
            &derived,
            self.private.as_mut().map(|private| &mut private.aliases),
        );
        self.remarks(record);
        self.anomalies(record, tree);
        self.tree = own;
        self.end()
    }

    /// The line of a gap, line feed included.
    pub fn gap(&mut self, gap: &Gap) -> &[u8] {
        self.captured(&Captured::of_gap(gap));
        let length = gap
            .hole
            .missing
            .unwrap_or(0)
            .saturating_add(gap.hole.skipped);
        self.head("peer", "gap", length);
        self.out.push_str(",\"fields\":{\"bytes\":");
        push_optional(&mut self.out, gap.hole.missing);
        self.out.push_str(",\"skipped\":");
        push_u64(&mut self.out, gap.hole.skipped);
        self.out.push_str(",\"offset\":");
        push_u64(&mut self.out, gap.offset);
        self.out.push_str(match gap.hole.cause {
            Some(GapCause::Lost) => ",\"cause\":\"lost\"",
            Some(GapCause::Snaplen) => ",\"cause\":\"snaplen\"",
            None => ",\"cause\":null",
        });
        if gap.hole.at_end {
            self.out.push_str(",\"at_end\":true");
        }
        self.out.push('}');
        self.end()
    }

    /// Begins the record of a message in a capture.
    fn captured(&mut self, captured: &Captured<'_>) {
        self.captured_by(captured, captured.carrier.name());
    }

    pub(super) fn captured_by(&mut self, captured: &Captured<'_>, transport: &'static str) {
        self.out.clear();
        match &mut self.private {
            None => self.heads.push(&mut self.out, captured, transport, None),
            Some(private) => {
                let captured = Captured {
                    time: private.time(captured.time),
                    ..*captured
                };
                let aliases = Some(&mut private.aliases);
                self.heads
                    .push(&mut self.out, &captured, transport, aliases);
            }
        }
    }

    /// Begins the record of a message in a text.
    fn place(&mut self, place: Place) {
        let out = &mut self.out;
        out.clear();
        out.push_str("{\"line\":");
        push_u64(out, place.line as u64);
        out.push_str(",\"column\":");
        push_u64(out, place.column as u64);
    }

    /// Begins the record of a message of which a log tells.
    fn told(&mut self, told: &LogLine<'_>) {
        self.place(told.place);
        let keys = [
            ("log", Some(told.client)),
            ("log_time", told.time),
            ("direction", Some(told.direction)),
            ("peer", told.peer),
        ];
        for (key, value) in keys {
            if let Some(value) = value {
                self.out.push_str(",\"");
                self.out.push_str(key);
                self.out.push_str("\":");
                push_string(&mut self.out, value);
            }
        }
    }

    /// The keys that every record has.
    pub(super) fn head(&mut self, protocol: &str, message: &str, length: u64) {
        let out = &mut self.out;
        out.push(if out.is_empty() { '{' } else { ',' });
        out.push_str("\"protocol\":\"");
        out.push_str(protocol);
        out.push_str("\",\"message\":\"");
        out.push_str(message);
        out.push_str("\",\"length\":");
        push_u64(out, length);
    }

    /// What only some records have.
    fn remarks(&mut self, record: &Record<'_>) {
        let out = &mut self.out;
        if let Some(malformed) = record.malformed {
            out.push_str(",\"malformed\":{\"offset\":");
            push_u64(out, malformed.at as u64);
            out.push_str(",\"reason\":");
            push_string(out, malformed.reason());
            out.push('}');
        }
        if record.missing > 0 {
            out.push_str(",\"missing\":");
            push_u64(out, record.missing);
        }
        if let Origin::Capture(Captured {
            unsent: unsent @ 1..,
            ..
        }) = record.origin
        {
            out.push_str(",\"unsent\":");
            push_u64(out, unsent);
        }
        if let Origin::Capture(Captured {
            answers: Some(request),
            time,
            ..
        }) = record.origin
        {
            out.push_str(",\"request_frame\":");
            push_u64(out, request.frame);
            out.push_str(match record.protocol {
                "peer" => ",\"latency_us\":",
                _ => ",\"rtt_us\":",
            });
            // Packets out of order can show an answer before its request.
            push_u64(out, (time.since(request.time).max(0) / 1000).unsigned_abs());
        }
        if record.inferred {
            out.push_str(",\"inferred\":true");
        }
        if record.certainty != Certainty::Certain {
            out.push_str(",\"certainty\":");
            push_string(out, record.certainty.name());
        }
    }

    /// What departs from a specification: the fault of the layout first.
    fn anomalies(&mut self, record: &Record<'_>, tree: &Tree) {
        let fault = record.malformed.map(|malformed| {
            let breach = Breach::from(malformed.anomaly);
            breach.at(malformed.at)
        });
        let all = fault.iter().chain(tree.deviations());
        let mut separator = ",\"anomalies\":[";
        for deviation in all.take(MAX_ANOMALIES) {
            let out = &mut self.out;
            out.push_str(separator);
            separator = ",";
            out.push_str("{\"id\":\"");
            out.push_str(deviation.anomaly.id);
            out.push_str("\",\"offset\":");
            push_optional(out, deviation.at.map(u64::from));
            out.push_str(",\"note\":");
            self.note.clear();
            match self.private {
                None => push_deviation(&mut self.note, deviation, record.bytes),
                Some(_) => self.note.push_str(&words_of(deviation)),
            }
            push_string(out, &self.note);
            out.push('}');
        }
        if separator == "," {
            self.out.push(']');
        }
    }

    pub(super) fn end(&mut self) -> &[u8] {
        const KEEP: usize = 1 << 20;
        self.out.push_str("}\n");
        if self.out.len() < KEEP {
            self.out.shrink_to(KEEP);
        }
        self.out.as_bytes()
    }
}
