//! Local service discovery: announces to a multicast group (BEP 14).

pub mod anomalies;

use std::fmt;
use std::ops::Range;

use super::anomaly::{Anomaly, Breach};
use super::dissected::Dissected;
use super::field::{Field, Kind, Unit};
use super::headers::{Header, Line, decimal};
use super::message_type::{Member, MessageType, Topic};
use super::protocol::Protocol;
use super::reader::{Malformed, Problem};
use super::sink::{Group, Label, Note, Sink, Value};
use super::words::ShortId;

/// What an announce begins with.
pub const PREFIX: &[u8] = b"BT-SEARCH ";

/// The multicast groups of BEP 14.
pub const HOSTS: [&str; 2] = ["239.192.152.143:6771", "[ff15::efc0:988f]:6771"];

static REQUEST_LINE: Field = Field::new(
    "request_line",
    Kind::Framing,
    "The line `BT-SEARCH * HTTP/1.1`.",
);
static HOST: Field = Field::new(
    "host",
    Kind::Text,
    "Multicast group and port that the announce is sent to.",
);
static PORT: Field = Field::new(
    "port",
    Kind::Uint(Unit::None),
    "TCP port on which the sender accepts connections.",
);
static INFO_HASHES: Field = Field::new("infohashes", Kind::List, "Torrents that the sender has.");
static INFO_HASH: Field = Field::new("infohash", Kind::Text, "Info-hash in 40 hex digits.");
static COOKIE: Field = Field::new(
    "cookie",
    Kind::Text,
    "By which the sender knows its own announces.",
);
static LINE: Field = Field::new("line", Kind::Text, "Any other header line.");
static END: Field = Field::new("end", Kind::Framing, "The empty line after the headers.");
static MISSING: Field = Field::new(
    "missing_bytes",
    Kind::Unclaimed,
    "Bytes that the capture does not hold.",
);

/// The multicast groups of BEP 14, as the header `Host` has them.
const GROUPS: [&[u8]; 2] = [b"239.192.152.143:6771", b"[ff15::efc0:988f]:6771"];

/// Bytes of the longest announce (BEP 14).
const MAX_SIZE: usize = 1400;

/// Announces torrents to the neighbours.
pub static ANNOUNCE: MessageType = MessageType::new(Protocol::Lsd, "announce", Topic::Discovery)
    .bep(14)
    .members(&[
        Member::Field(&REQUEST_LINE),
        Member::Field(&HOST),
        Member::Field(&PORT),
        Member::Group(&INFO_HASHES, &[Member::Field(&INFO_HASH)]),
        Member::Field(&COOKIE),
        Member::Field(&LINE),
        Member::Field(&END),
    ]);

/// What the capture lacks of a message.
pub(super) static ANYWHERE: &[Member] = &[Member::Field(&MISSING)];

/// An announce. The peer is at the datagram's source address and this port.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announce<'i> {
    /// The multicast group.
    pub host: Option<&'i [u8]>,
    /// The sender's peer port.
    pub port: Option<u16>,
    /// The torrents, as they were written: 40 hex digits each.
    pub info_hashes: Vec<&'i [u8]>,
    /// By which a sender knows its own announces.
    pub cookie: Option<&'i [u8]>,
}

/// Dissects one datagram of `declared` bytes, of which `bytes` were captured.
pub fn dissect<'i, S: Sink>(
    bytes: &'i [u8],
    declared: usize,
    sink: &mut S,
) -> Dissected<Announce<'i>> {
    let bytes = &bytes[..bytes.len().min(declared)];
    let mut walk = Walk {
        bytes,
        sink,
        message: Announce::default(),
        listing: None,
        problem: None,
    };
    let mut at = 0;
    let mut empty = 0;
    while let Some(line) = Line::at(bytes, at) {
        empty = if line.text.is_empty() { empty + 1 } else { 0 };
        walk.line(&line);
        at = line.span.end;
    }
    walk.end_list(at);
    walk.check_end(declared, empty);
    if declared > MAX_SIZE {
        walk.anomaly(0, anomalies::LONG.with(declared));
    }
    Dissected {
        message: walk.message,
        problem: walk.problem,
    }
}

struct Walk<'i, 's, S: Sink> {
    bytes: &'i [u8],
    sink: &'s mut S,
    message: Announce<'i>,
    /// Items of the open list of info-hashes.
    listing: Option<u32>,
    problem: Option<Problem>,
}

impl<S: Sink> Walk<'_, '_, S> {
    fn line(&mut self, line: &Line) {
        let header = line.header(self.bytes).filter(|_| line.span.start > 0);
        if let Some(header) = &header
            && header.is(self.bytes, "infohash")
        {
            return self.info_hash(line, header);
        }
        self.end_list(line.span.start);
        match header {
            _ if line.span.start == 0 => self.text(&REQUEST_LINE, line, line.text.clone()),
            Some(header) => self.header(line, &header),
            None if line.text.is_empty() => self.text(&END, line, line.text.clone()),
            None => self.text(&LINE, line, line.text.clone()),
        }
    }

    fn header(&mut self, line: &Line, header: &Header) {
        let value = &self.bytes[header.value.clone()];
        if header.is(self.bytes, "host") {
            self.message.host.get_or_insert(value);
            self.text(&HOST, line, header.value.clone());
            if !GROUPS.contains(&value) {
                self.anomaly(header.value.start, &anomalies::OTHER_GROUP);
            }
        } else if header.is(self.bytes, "port") {
            self.port(line, header);
        } else if header.is(self.bytes, "cookie") {
            self.message.cookie.get_or_insert(value);
            self.text(&COOKIE, line, header.value.clone());
        } else {
            self.text(&LINE, line, line.text.clone());
        }
    }

    fn port(&mut self, line: &Line, header: &Header) {
        let number = decimal(&self.bytes[header.value.clone()]);
        let port = number.and_then(|number| u16::try_from(number).ok());
        if let Some(port) = port.filter(|&port| port > 0) {
            self.message.port.get_or_insert(port);
            self.leaf(Label::Field(&PORT), line, Value::Uint(u64::from(port)));
        } else {
            self.text(&PORT, line, header.value.clone());
            self.fault(header.value.start, &anomalies::NOT_A_PORT);
        }
    }

    fn info_hash(&mut self, line: &Line, header: &Header) {
        let number = self.listing.unwrap_or_else(|| {
            self.sink
                .open(Label::Field(&INFO_HASHES), line.span.start, Group::List);
            0
        });
        self.listing = Some(number + 1);
        let text = &self.bytes[header.value.clone()];
        self.leaf(Label::Item(number, &INFO_HASH), line, span(&header.value));
        if hash(text).is_none() {
            self.fault(header.value.start, &anomalies::INFO_HASH_DIGITS);
        }
        self.message.info_hashes.push(text);
    }

    fn end_list(&mut self, at: usize) {
        if self.listing.take().is_some() {
            self.sink.close(at);
        }
    }

    fn text(&mut self, field: &'static Field, line: &Line, value: Range<usize>) {
        self.leaf(Label::Field(field), line, span(&value));
    }

    fn leaf(&mut self, label: Label, line: &Line, value: Value) {
        self.sink.leaf(label, line.span.start, line.span.end, value);
    }

    fn check_end(&mut self, declared: usize, empty_lines: usize) {
        let at = self.bytes.len();
        if at < declared {
            self.sink
                .leaf(Label::Field(&MISSING), at, declared, span(&(at..declared)));
            self.sink.note(Note::Cut((declared - at) as u64));
            self.problem = Some(Problem::Cut);
        } else if self.message.info_hashes.is_empty() {
            self.fault(at, &anomalies::NO_INFO_HASH);
        } else if self.message.port.is_none() {
            self.fault(at, &anomalies::NO_PORT);
        } else if empty_lines == 0 {
            self.fault(at, &anomalies::NO_END);
        }
    }

    /// Keeps the first fault; remarks on each.
    fn fault(&mut self, at: usize, anomaly: &'static Anomaly) {
        self.sink.note(Note::Malformed(anomaly));
        self.problem
            .get_or_insert(Malformed::new(at, anomaly).into());
    }

    /// What leaves the message as it is meant.
    fn anomaly(&mut self, at: usize, breach: impl Into<Breach>) {
        if S::NOTES {
            self.sink.note(Note::Anomaly(breach.into().at(at)));
        }
    }
}

fn span(range: &Range<usize>) -> Value {
    Value::Bytes {
        start: range.start as u32,
        end: range.end as u32,
    }
}

/// The info-hash that 40 hex digits spell.
fn hash(text: &[u8]) -> Option<[u8; 20]> {
    let mut hash = [0; 20];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}

impl Announce<'_> {
    /// The info-hashes that are well-formed.
    pub fn hashes(&self) -> impl Iterator<Item = [u8; 20]> + '_ {
        self.info_hashes.iter().filter_map(|text| hash(text))
    }
}

/// Writes an announce as one datagram; BEP 14 calls for at most 1400 bytes.
pub fn encode(announce: &Announce<'_>) -> Vec<u8> {
    let mut out = b"BT-SEARCH * HTTP/1.1\r\n".to_vec();
    let mut header = |name: &str, value: &[u8]| {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    };
    if let Some(host) = announce.host {
        header("Host", host);
    }
    if let Some(port) = announce.port {
        header("Port", port.to_string().as_bytes());
    }
    for hash in &announce.info_hashes {
        header("Infohash", hash);
    }
    if let Some(cookie) = announce.cookie {
        header("cookie", cookie);
    }
    out.extend_from_slice(b"\r\n\r\n");
    out
}

impl fmt::Display for Announce<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("announce")?;
        let mut hashes = self.hashes();
        match (hashes.next(), hashes.count()) {
            (Some(only), 0) => write!(f, " {}", ShortId(&only))?,
            (Some(first), more) => write!(f, " {} and {more} more", ShortId(&first))?,
            (None, _) => {}
        }
        match self.port {
            Some(port) => write!(f, ", port {port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
#[path = "lsd_tests.rs"]
mod tests;
