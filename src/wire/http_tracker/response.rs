//! Responses of a tracker.

use std::ops::Range;

use super::anomalies;
use super::body::{self, Chunks, Progress};
use super::head::{self, Head, status, text};
use super::keys::REPLY;
use super::purpose::{Purpose, message};
use super::reply::{self, Reply};
use crate::wire::anomaly::{Anomaly, Argument, Breach, Deviation};
use crate::wire::bencode::{self, Document};
use crate::wire::dissected::Dissected;
use crate::wire::field::{Field, Kind, QUERY_FRAME, Unit};
use crate::wire::headers::Line;
use crate::wire::message_type::{Member, MessageType, Topic};
use crate::wire::reader::{Malformed, Problem};
use crate::wire::sink::{Fact, Label, Note, Sink, Value};

static VERSION: Field = Field::new("version", Kind::Framing, "Version of HTTP.");
static STATUS: Field = Field::new("status", Kind::Uint(Unit::None), "Status code of HTTP.");
static REASON: Field = Field::new("reason", Kind::Text, "Text of the status.");
static CHUNK: Field = Field::new(
    "chunk",
    Kind::Framing,
    "Length of a chunk, or what ends one.",
);
static BODY: Field = Field::new(
    "body",
    Kind::Data,
    "A body that is no bencode as it stands.",
);
static TRAILING: Field = Field::new("trailing_bytes", Kind::Unclaimed, "Bytes after the body.");

/// What a message of HTTP has beside its body.
static HEAD: &[Member] = &[
    Member::Field(&VERSION),
    Member::Field(&STATUS),
    Member::Field(&REASON),
    Member::Shared(head::MEMBERS),
    Member::Field(&CHUNK),
    Member::Field(&BODY),
    Member::Fact(&QUERY_FRAME),
];

/// Brings peers.
pub static ANNOUNCE_RESPONSE: MessageType = message("announce_response", Topic::Discovery)
    .bep(3)
    .members(&[Member::Shared(HEAD), Member::Keys(&REPLY)]);

/// Brings counts.
pub static SCRAPE_RESPONSE: MessageType = message("scrape_response", Topic::Discovery)
    .bep(48)
    .members(&[Member::Shared(HEAD), Member::Keys(&REPLY)]);

/// A refusal, of the tracker or of HTTP.
pub static ERROR: MessageType = message("error", Topic::Refusal)
    .bep(3)
    .members(&[Member::Shared(HEAD), Member::Keys(&REPLY)]);

/// What is left over of a response.
pub(super) static ANYWHERE: &[Member] = &[Member::Field(&TRAILING)];

/// A response.
#[derive(Debug, Clone, PartialEq)]
pub struct Response<'i> {
    /// What was asked for.
    pub purpose: Purpose,
    /// The status code; `None` when the status line has none.
    pub status: Option<u16>,
    /// The text behind it.
    pub reason: &'i [u8],
    /// What the body says.
    pub reply: Reply,
    /// The body was compressed or came in several chunks, so that the reply's
    /// fields have no place among the message's bytes.
    pub is_decoded: bool,
}

/// Dissects the response to a request for `purpose`, of `declared` bytes, of
/// which `bytes` were captured.
pub fn dissect_response<'i, S: Sink>(
    bytes: &'i [u8],
    declared: usize,
    purpose: Purpose,
    sink: &mut S,
) -> Dissected<Response<'i>> {
    let bytes = &bytes[..bytes.len().min(declared)];
    let mut message = Response {
        purpose,
        status: None,
        reason: &[],
        reply: Reply::default(),
        is_decoded: false,
    };
    let mut walk = Walk {
        bytes,
        declared,
        sink,
    };
    let at = walk.status_line(&mut message);
    let head = Head::dissect(bytes, at, walk.sink);
    let problem = match head.end {
        None => walk.rest(head.reached, Some(&anomalies::NO_END)),
        Some(end) => walk.body(&head, end, &mut message),
    };
    let problem = problem.or_else(|| message.status.is_none().then(|| no_status().into()));
    Dissected { message, problem }
}

fn no_status() -> Malformed {
    Malformed::new(0, &anomalies::NO_STATUS)
}

struct Walk<'i, 's, S: Sink> {
    bytes: &'i [u8],
    declared: usize,
    sink: &'s mut S,
}

impl<'i, S: Sink> Walk<'i, '_, S> {
    fn status_line(&mut self, message: &mut Response<'i>) -> usize {
        let Some(line) = Line::at(self.bytes, 0) else {
            return 0;
        };
        let status = status(&self.bytes[line.text.clone()]);
        let code = status.and_then(|_| code(self.bytes, &line));
        let Some(code) = code else {
            self.leaf(&VERSION, line.span.clone(), text(&line.text));
            return line.span.end;
        };
        let reason = line.text.end.min(code.end + 1)..line.text.end;
        message.status = status;
        message.reason = &self.bytes[reason.clone()];
        self.leaf(&VERSION, 0..code.start, text(&(0..code.start)));
        let number = Value::Uint(u64::from(status.unwrap_or_default()));
        self.leaf(&STATUS, code.start..reason.start, number);
        self.leaf(&REASON, reason.start..line.span.end, text(&reason));
        line.span.end
    }

    /// The body, from `at` to the end of the message.
    fn body(&mut self, head: &Head, at: usize, message: &mut Response<'i>) -> Option<Problem> {
        let bytes = self.bytes;
        let (spans, end) = spans(bytes, at, head.is_chunked);
        let encoding = head.encoding.clone().map(|range| &bytes[range]);
        match (spans.as_slice(), encoding) {
            ([], None) => self.rest(at, None),
            ([span], None) => {
                self.chunk(at..span.start);
                let problem = self.reply(span.clone(), message);
                self.chunk(span.end..end);
                self.rest(end, None).or(problem)
            }
            _ => {
                message.is_decoded = true;
                self.leaf(&BODY, at..end, text(&(at..end)));
                let unpacked = unpack(bytes, &spans, encoding);
                let problem = self.decoded(at, head.encoding.clone(), unpacked, message);
                self.rest(end, None).or(problem)
            }
        }
    }

    /// A body that lies in the message as it is.
    fn reply(&mut self, span: Range<usize>, message: &mut Response<'i>) -> Option<Problem> {
        if span.is_empty() {
            return None;
        }
        if is_text(&self.bytes[span.clone()], message) {
            self.leaf(&BODY, span.clone(), text(&span));
            return None;
        }
        let document = Document::parse(&self.bytes[span.clone()]);
        bencode::report(&document, self.sink, span.start, &REPLY);
        message.reply = Reply::read(&document);
        if S::NOTES && document.error().is_none() && says_nothing(message) {
            self.anomaly(Some(span.start), &anomalies::NOTHING_SAID);
        }
        if document.error().is_none() && !document.trailing().is_empty() {
            let rest = span.start + document.end()..span.end;
            self.leaf(&TRAILING, rest.clone(), text(&rest));
        }
        self.fault(&document, span.start, message)
    }

    /// A body that had to be put together or unpacked.
    fn decoded(
        &mut self,
        at: usize,
        encoding: Option<Range<usize>>,
        unpacked: Option<Vec<u8>>,
        message: &mut Response<'i>,
    ) -> Option<Problem> {
        let Some(unpacked) = unpacked else {
            self.fact(Fact::NotDecoded);
            return None;
        };
        self.fact(Fact::Decoded {
            encoding: encoding.map(|name| (name.start as u32, name.end as u32)),
            length: unpacked.len() as u64,
        });
        if is_text(&unpacked, message) {
            return None;
        }
        let document = Document::parse(&unpacked);
        message.reply = Reply::read(&document);
        if S::NOTES {
            bencode::report(&document, &mut Unplaced(self.sink), 0, &REPLY);
            if says_nothing(message) {
                self.anomaly(None, &anomalies::NOTHING_SAID);
            }
        }
        self.fault(&document, 0, message)
            .map(|problem| match problem {
                Problem::Malformed(malformed) => Problem::Malformed(Malformed { at, ..malformed }),
                Problem::Cut => Problem::Cut,
            })
    }

    /// What is wrong with a reply that begins at offset `base`.
    fn fault(
        &self,
        document: &Document<'_>,
        base: usize,
        message: &Response<'_>,
    ) -> Option<Problem> {
        let is_cut = self.bytes.len() < self.declared
            && document
                .error()
                .is_some_and(|error| error.reason.is_truncation());
        if is_cut {
            return Some(Problem::Cut);
        }
        let fault = reply::fault(document, &message.reply)?;
        let at = base + fault.at;
        Some(Malformed { at, ..fault }.into())
    }

    fn fact(&mut self, fact: Fact) {
        if S::NOTES {
            self.sink.note(Note::Fact(fact));
        }
    }

    fn anomaly(&mut self, at: Option<usize>, anomaly: &'static Anomaly) {
        let at = at.map(|at| at as u32);
        let deviation = Deviation {
            at,
            ..Breach::from(anomaly).at(0)
        };
        self.sink.note(Note::Anomaly(deviation));
    }

    fn chunk(&mut self, span: Range<usize>) {
        if !span.is_empty() {
            self.leaf(&CHUNK, span.clone(), text(&span));
        }
    }

    /// Claims what is left from `at` on; `fault` is what is wrong if the capture
    /// holds all.
    fn rest(&mut self, at: usize, fault: Option<&'static Anomaly>) -> Option<Problem> {
        let rest = at..self.declared;
        let is_cut = self.bytes.len() < self.declared;
        if !rest.is_empty() {
            self.leaf(&TRAILING, rest.clone(), text(&rest));
        }
        if is_cut {
            let missing = self.declared - self.bytes.len();
            self.sink.note(Note::Cut(missing as u64));
            return Some(Problem::Cut);
        }
        let trailing = (!rest.is_empty()).then_some(&anomalies::AFTER_BODY);
        let anomaly = fault.or(trailing)?;
        self.sink.note(Note::Malformed(anomaly));
        Some(Malformed::new(at, anomaly).into())
    }

    fn leaf(&mut self, field: &'static Field, span: Range<usize>, value: Value) {
        self.sink
            .leaf(Label::Field(field), span.start, span.end, value);
    }
}

/// Passes anomalies of a decoded body on, without their places and arguments:
/// both are of other bytes than those of the message.
struct Unplaced<'s, S: Sink>(&'s mut S);

impl<S: Sink> Sink for Unplaced<'_, S> {
    const FIELDS: bool = false;
    const NOTES: bool = S::NOTES;

    fn note(&mut self, note: Note) {
        if let Note::Anomaly(deviation) = note {
            let is_number = |argument: &Argument| matches!(argument, Argument::Number(_));
            let mut arguments = deviation.arguments;
            for argument in arguments.iter_mut().filter(|argument| !is_number(argument)) {
                *argument = Argument::None;
            }
            self.0.note(Note::Anomaly(Deviation {
                at: None,
                arguments,
                ..deviation
            }));
        }
    }
}

/// Whether a reply to an announce has neither peers nor a reason.
fn says_nothing(message: &Response<'_>) -> bool {
    let reply = &message.reply;
    message.purpose == Purpose::Announce
        && message.status == Some(200)
        && reply.failure_reason.is_none()
        && (reply.interval.is_none() || reply.peer_count().is_none())
}

/// The body of a response that was compressed or came in several chunks, as the
/// tracker meant it: `sink` is told its fields, with offsets within the decoded
/// body. `None` where the fields have a place in the message, or where there are
/// none.
pub fn dissect_decoded_body<S: Sink>(bytes: &[u8], sink: &mut S) -> Option<Vec<u8>> {
    let at = Line::at(bytes, 0)?.span.end;
    let head = Head::dissect(bytes, at, &mut ());
    let (spans, _) = spans(bytes, head.end?, head.is_chunked);
    let encoding = head.encoding.clone().map(|range| &bytes[range]);
    if encoding.is_none() && spans.len() < 2 {
        return None;
    }
    let body = unpack(bytes, &spans, encoding)?;
    if body.first() != Some(&b'd') {
        return None;
    }
    let document = Document::parse(&body);
    bencode::report(&document, sink, 0, &REPLY);
    let rest = document.end()..body.len();
    if document.error().is_none() && !rest.is_empty() {
        let value = text(&rest);
        sink.leaf(Label::Field(&TRAILING), rest.start, rest.end, value);
    }
    Some(body)
}

/// Joins the chunks and undoes the compression; `None` for an encoding that is
/// not known.
fn unpack(bytes: &[u8], spans: &[Range<usize>], encoding: Option<&[u8]>) -> Option<Vec<u8>> {
    let chunks: Vec<_> = spans.iter().map(|span| &bytes[span.clone()]).collect();
    let joined = chunks.concat();
    match encoding {
        None => Some(joined),
        Some(encoding) => body::decompress(encoding, &joined),
    }
}

/// Where the status code stands in its line.
fn code(bytes: &[u8], line: &Line) -> Option<Range<usize>> {
    let text = &bytes[line.text.clone()];
    let space = text.iter().position(|&byte| byte == b' ')?;
    let start = space + text[space..].iter().position(|&byte| byte != b' ')?;
    let length = text[start..].iter().position(|&byte| byte == b' ');
    Some(start..length.map_or(text.len(), |length| start + length))
}

/// Where the bytes of the body are, and where it ends.
fn spans(bytes: &[u8], at: usize, is_chunked: bool) -> (Vec<Range<usize>>, usize) {
    if !is_chunked {
        let span = at..bytes.len();
        return (
            Vec::from_iter((!span.is_empty()).then_some(span)),
            bytes.len(),
        );
    }
    let mut spans = Vec::new();
    let progress = Chunks::default().advance(&bytes[at..], |span| {
        spans.push(at + span.start..at + span.end);
    });
    match progress {
        Progress::End(end) => (spans, at + end),
        Progress::More | Progress::Broken => (spans, bytes.len()),
    }
}

/// A body that is no bencoding, which is no wonder with this status.
fn is_text(body: &[u8], message: &Response<'_>) -> bool {
    message.status != Some(200) && body.first() != Some(&b'd')
}

/// Writes a response as HTTP/1.1, its body as it is.
pub fn encode_response(response: &Response<'_>) -> Vec<u8> {
    let body = response.reply.encode();
    let status = response.status.unwrap_or(200);
    let mut out = format!("HTTP/1.1 {status} ").into_bytes();
    out.extend_from_slice(response.reason);
    out.extend_from_slice(
        format!(
            "\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .as_bytes(),
    );
    out.extend_from_slice(&body);
    out
}
