//! A request and its fate, as a line and as JSON.

use std::fmt::{self, Write as _};

use super::json::push_optional;
use super::quantity::Latency;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::wire::peer::Block;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestFate {
    /// The block came.
    Answered,
    /// It was rejected (BEP 6).
    Rejected,
    /// Its sender cancelled it, and it did not come.
    Cancelled,
    /// A choke dropped it, and it did not come.
    ChokedAway,
    /// The same request was made again while it was open: what came answered that one.
    Repeated,
    /// Nothing, to the end.
    Unanswered,
    /// The capture lacks what the other side said.
    NotSeen,
}

impl RequestFate {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::ChokedAway => "choked_away",
            Self::Repeated => "repeated",
            Self::Unanswered => "unanswered",
            Self::NotSeen => "not_seen",
        }
    }
}

/// A request and its fate.
#[derive(Debug, Clone, Copy)]
pub struct RequestLine {
    /// Number of the connection.
    pub stream: u64,
    /// Who asked.
    pub from: Side,
    /// The packet that completed the request.
    pub asked: Stamp,
    /// For what.
    pub block: Block,
    /// What became of it.
    pub fate: RequestFate,
    /// The packet that says so.
    pub closed: Option<Stamp>,
}

impl RequestLine {
    /// From the request to its end, in nanoseconds.
    fn nanos(&self) -> Option<i64> {
        Some(self.closed?.time.since(self.asked.time))
    }

    /// Appends it as an object, line feed included.
    pub fn push_json(&self, out: &mut String) {
        let from = ["initiator", "acceptor"][self.from.index()];
        let Block {
            index,
            begin,
            length,
        } = self.block;
        let _ = write!(
            out,
            "{{\"stream\":{},\"from\":\"{from}\",\"frame\":{},\"index\":{index},\
             \"begin\":{begin},\"length\":{length},\"fate\":\"{}\",\"fate_frame\":",
            self.stream,
            self.asked.frame,
            self.fate.name()
        );
        push_optional(out, self.closed.map(|stamp| stamp.frame));
        out.push_str(",\"latency_us\":");
        let micros = self.nanos().map(|nanos| nanos.max(0).unsigned_abs() / 1000);
        push_optional(out, micros);
        out.push_str("}\n");
    }
}

impl fmt::Display for RequestLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = ["A>B", "B>A"][self.from.index()];
        let Block { index, begin, .. } = self.block;
        let place = format!("piece {index}, offset {begin}");
        let frame = format!("#{}", self.asked.frame);
        let fate = self.fate.name().replace('_', " ");
        write!(f, "{} {arrow} {frame:<8} {place:<28} {fate}", self.stream)?;
        if let (Some(closed), Some(nanos)) = (self.closed, self.nanos()) {
            write!(f, " in #{} after {}", closed.frame, Latency(nanos))?;
        }
        Ok(())
    }
}
