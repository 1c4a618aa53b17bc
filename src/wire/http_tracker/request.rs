//! Requests to a tracker.

use std::borrow::Cow;
use std::ops::Range;

use super::anomalies;
use super::head::{self, Head, text};
use super::parameters::{self, Parameter, Reporter};
use super::purpose::{Purpose, message};
use crate::wire::dissected::Dissected;
use crate::wire::field::{Field, Kind};
use crate::wire::headers::{Line, decimal};
use crate::wire::message_type::{Member, MessageType, Topic};
use crate::wire::percent;
use crate::wire::reader::{Malformed, Problem};
use crate::wire::sink::{Label, Note, Sink};

static METHOD: Field = Field::new("method", Kind::Framing, "Method of HTTP.");
static PATH: Field = Field::new(
    "path",
    Kind::Text,
    "Path of the URL, which may hold a passkey.",
);
static VERSION: Field = Field::new("version", Kind::Framing, "Version of HTTP.");
static TRAILING: Field = Field::new(
    "trailing_bytes",
    Kind::Unclaimed,
    "Bytes after the request.",
);

/// A request, around its parameters.
static HEAD: &[Member] = &[
    Member::Field(&METHOD),
    Member::Field(&PATH),
    Member::Field(&VERSION),
    Member::Shared(head::MEMBERS),
];

/// Announces a peer.
pub static ANNOUNCE_REQUEST: MessageType = message("announce_request", Topic::Discovery)
    .bep(3)
    .members(&[
        Member::Shared(HEAD),
        Member::Shared(parameters::ANNOUNCE_MEMBERS),
    ]);

/// Asks for counts.
pub static SCRAPE_REQUEST: MessageType = message("scrape_request", Topic::Discovery)
    .bep(48)
    .members(&[
        Member::Shared(HEAD),
        Member::Shared(parameters::SCRAPE_MEMBERS),
    ]);

/// What is left over of a request.
pub(super) static ANYWHERE: &[Member] = &[Member::Field(&TRAILING)];

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request<'i> {
    /// What it is for.
    pub purpose: Purpose,
    /// The path of the URL, which may hold a passkey.
    pub path: &'i [u8],
    /// The query.
    pub parameters: Parameters<'i>,
    /// The tracker's host name, with its port.
    pub host: Option<&'i [u8]>,
    /// The client.
    pub user_agent: Option<&'i [u8]>,
}

/// The query of a request, percent-decoded. A number that is none is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters<'i> {
    /// The torrent, 20 bytes; several in a scrape.
    pub info_hashes: Vec<Cow<'i, [u8]>>,
    /// The client, 20 bytes.
    pub peer_id: Option<Cow<'i, [u8]>>,
    /// The client's peer port.
    pub port: Option<u64>,
    /// Bytes.
    pub uploaded: Option<u64>,
    /// Bytes.
    pub downloaded: Option<u64>,
    /// Bytes.
    pub left: Option<u64>,
    /// `started`, `completed`, `stopped`, `paused` (BEP 21); empty is the same as
    /// none (BEP 3).
    pub event: Option<Cow<'i, [u8]>>,
    /// Not 0: the peers may come as a string (BEP 23).
    pub compact: Option<u64>,
    /// Peers wanted; negative leaves it to the tracker.
    pub numwant: Option<i64>,
    /// Proves that a client that changed its address is the same.
    pub key: Option<Cow<'i, [u8]>>,
    /// As the tracker gave it.
    pub tracker_id: Option<Cow<'i, [u8]>>,
    /// The client's address, as it says itself.
    pub ip: Option<Cow<'i, [u8]>>,
}

/// The first line of a request: offsets in the message.
struct RequestLine {
    method: Range<usize>,
    path: Range<usize>,
    /// What follows the `?`.
    query: Range<usize>,
    line: Line,
}

impl RequestLine {
    fn read(message: &[u8]) -> Option<Self> {
        let line = Line::at(message, 0)?;
        let text = &message[line.text.clone()];
        let find = |byte: u8, from: usize| {
            let rest = text.get(from..)?;
            Some(from + rest.iter().position(|&other| other == byte)?)
        };
        let method_end = find(b' ', 0)?;
        let target = method_end + 1;
        let target_end = find(b' ', target).unwrap_or(text.len());
        let mark = find(b'?', target).filter(|&mark| mark < target_end);
        Some(Self {
            method: 0..method_end,
            path: target..mark.unwrap_or(target_end),
            query: mark.map_or(target_end, |mark| mark + 1)..target_end,
            line,
        })
    }

    fn purpose(&self, message: &[u8]) -> Option<Purpose> {
        let path = &message[self.path.clone()];
        let last = path.rsplit(|&byte| byte == b'/').next()?;
        let stem = last.split(|&byte| byte == b'.').next()?;
        let has = |key: &[u8]| {
            parameters::parameters(message, self.query.clone())
                .any(|parameter| &message[parameter.key] == key)
        };
        match stem {
            _ if &message[self.method.clone()] != b"GET" => None,
            b"announce" => Some(Purpose::Announce),
            b"scrape" => Some(Purpose::Scrape),
            // A web seed (BEP 17) is asked for a piece.
            _ if has(b"info_hash") && !has(b"piece") => Some(Purpose::Announce),
            _ => None,
        }
    }
}

/// What a request is for, by its first line; `None` if it is not for a tracker.
pub fn purpose(message: &[u8]) -> Option<Purpose> {
    RequestLine::read(message)?.purpose(message)
}

/// Dissects a request of `declared` bytes, of which `bytes` were captured.
/// `None` if it is not for a tracker.
pub fn dissect_request<'i, S: Sink>(
    bytes: &'i [u8],
    declared: usize,
    sink: &mut S,
) -> Option<Dissected<Request<'i>>> {
    let bytes = &bytes[..bytes.len().min(declared)];
    let first = RequestLine::read(bytes)?;
    let purpose = first.purpose(bytes)?;
    let parameters = first_line(bytes, &first, purpose, sink);
    let head = Head::dissect(bytes, first.line.span.end, sink);
    let field = |range: &Option<Range<usize>>| Some(&bytes[range.clone()?]);
    let message = Request {
        purpose,
        path: &bytes[first.path.clone()],
        parameters,
        host: field(&head.host),
        user_agent: field(&head.user_agent),
    };
    let problem = end(bytes, declared, &head, sink)
        .or_else(|| fault(&message, first.query.start).map(Problem::Malformed));
    Some(Dissected { message, problem })
}

fn first_line<'i, S: Sink>(
    bytes: &'i [u8],
    first: &RequestLine,
    purpose: Purpose,
    sink: &mut S,
) -> Parameters<'i> {
    let path = first.path.start;
    let query = first.query.start;
    sink.leaf(Label::Field(&METHOD), 0, path, text(&first.method));
    sink.leaf(Label::Field(&PATH), path, query, text(&first.path));
    let mut reporter = Reporter {
        sink,
        lists_hashes: purpose == Purpose::Scrape,
        listing: None,
    };
    let mut parameters = Parameters::default();
    for parameter in parameters::parameters(bytes, first.query.clone()) {
        reporter.parameter(bytes, &parameter);
        parameters.take(bytes, &parameter);
    }
    reporter.end_list(first.query.end);
    let rest = first.query.end..first.line.span.end;
    sink.leaf(Label::Field(&VERSION), rest.start, rest.end, text(&rest));
    parameters
}

/// Claims what no header field did.
fn end<S: Sink>(bytes: &[u8], declared: usize, head: &Head, sink: &mut S) -> Option<Problem> {
    let at = head.reached;
    if at == declared && head.end.is_some() {
        return None;
    }
    if at < declared {
        sink.leaf(Label::Field(&TRAILING), at, declared, text(&(at..declared)));
    }
    if bytes.len() < declared {
        sink.note(Note::Cut((declared - bytes.len()) as u64));
        return Some(Problem::Cut);
    }
    let anomaly = match head.end {
        Some(_) => &anomalies::AFTER_REQUEST,
        None => &anomalies::NO_END,
    };
    sink.note(Note::Malformed(anomaly));
    Some(Malformed::new(at, anomaly).into())
}

fn fault(request: &Request<'_>, at: usize) -> Option<Malformed> {
    let parameters = &request.parameters;
    let is_announce = request.purpose == Purpose::Announce;
    let is_odd = |id: &Cow<'_, [u8]>| id.len() != 20;
    let anomaly = if is_announce && parameters.info_hashes.is_empty() {
        &anomalies::NO_INFO_HASH
    } else if parameters.info_hashes.iter().any(is_odd) {
        &anomalies::INFO_HASH_LENGTH
    } else if parameters.peer_id.as_ref().is_some_and(is_odd) {
        &anomalies::PEER_ID_LENGTH
    } else if is_announce && parameters.peer_id.is_none() {
        &anomalies::NO_PEER_ID
    } else if is_announce && parameters.port.is_none() {
        &anomalies::NO_PORT
    } else {
        return None;
    };
    Some(Malformed::new(at, anomaly))
}

impl<'i> Parameters<'i> {
    fn take(&mut self, message: &'i [u8], parameter: &Parameter) {
        let raw = &message[parameter.value.clone()];
        let value = percent::decode(raw);
        match &message[parameter.key.clone()] {
            b"info_hash" => self.info_hashes.push(value),
            b"peer_id" => self.peer_id = Some(value),
            b"port" => self.port = decimal(raw),
            b"uploaded" => self.uploaded = decimal(raw),
            b"downloaded" => self.downloaded = decimal(raw),
            b"left" => self.left = decimal(raw),
            b"event" => self.event = Some(value),
            b"compact" => self.compact = decimal(raw),
            b"numwant" => {
                self.numwant = std::str::from_utf8(raw)
                    .ok()
                    .and_then(|text| text.parse().ok());
            }
            b"key" => self.key = Some(value),
            b"trackerid" => self.tracker_id = Some(value),
            b"ip" => self.ip = Some(value),
            _ => {}
        }
    }

    /// The query of a URL, percent-encoded, without its question mark.
    pub fn encode(&self) -> String {
        let mut out = Vec::new();
        let mut push = |key: &str, value: Option<&[u8]>| {
            let Some(value) = value else {
                return;
            };
            if !out.is_empty() {
                out.push(b'&');
            }
            out.extend_from_slice(key.as_bytes());
            out.push(b'=');
            percent::encode(value, &mut out);
        };
        for hash in &self.info_hashes {
            push("info_hash", Some(hash));
        }
        push("peer_id", self.peer_id.as_deref());
        let unsigned = |number: Option<u64>| number.map(|number| number.to_string());
        for (key, number) in [
            ("port", unsigned(self.port)),
            ("uploaded", unsigned(self.uploaded)),
            ("downloaded", unsigned(self.downloaded)),
            ("left", unsigned(self.left)),
            ("compact", unsigned(self.compact)),
            ("numwant", self.numwant.map(|number| number.to_string())),
        ] {
            push(key, number.as_deref().map(str::as_bytes));
        }
        push("key", self.key.as_deref());
        push("trackerid", self.tracker_id.as_deref());
        push("ip", self.ip.as_deref());
        push("event", self.event.as_deref());
        // Keys are ASCII, and so is what is percent-encoded.
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// Writes a request as HTTP/1.1.
pub fn encode_request(request: &Request<'_>) -> Vec<u8> {
    let mut out = b"GET ".to_vec();
    out.extend_from_slice(request.path);
    let query = request.parameters.encode();
    if !query.is_empty() {
        out.push(b'?');
        out.extend_from_slice(query.as_bytes());
    }
    out.extend_from_slice(b" HTTP/1.1\r\n");
    for (name, value) in [("Host", request.host), ("User-Agent", request.user_agent)] {
        if let Some(value) = value {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\r\n");
        }
    }
    out.extend_from_slice(b"\r\n");
    out
}
