//! The header fields of a request or response.

use std::ops::Range;

use super::body::Coding;
use crate::wire::field::{Field, Kind};
use crate::wire::headers::{Header, Line, decimal, next_head_end};
use crate::wire::message_type::Member;
use crate::wire::sink::{Group, Label, Sink, Value};

static HEADERS: Field = Field::new("headers", Kind::Group, "Headers of HTTP.");
static END: Field = Field::new("end", Kind::Framing, "The empty line after the headers.");
static LINE: Field = Field::new("line", Kind::Text, "A header line without a name.");

/// The headers, as a field of every message.
pub(super) static MEMBERS: &[Member] = &[
    Member::Group(&HEADERS, &[Member::Field(&LINE)]),
    Member::Field(&END),
];

/// The `User-Agent` of a request for a range of a file, as web seeds get them
/// (BEP 19): `bytes` are the beginning of a stream.
pub fn ranged_by(bytes: &[u8]) -> Option<&[u8]> {
    let (mut at, mut agent, mut is_ranged) = (0, None, false);
    while let Some(line) = Line::at(bytes, at).filter(|line| !line.text.is_empty()) {
        if let Some(header) = line.header(bytes) {
            let value = &bytes[header.value.clone()];
            if header.is(bytes, "user-agent") {
                agent = Some(value);
            }
            is_ranged |= header.is(bytes, "range") && value.starts_with(b"bytes=");
        }
        at = line.span.end;
    }
    agent.filter(|_| is_ranged)
}

/// The value of a header field of a message, by its name in small letters.
pub fn header_of<'b>(message: &'b [u8], name: &str) -> Option<&'b [u8]> {
    let mut at = 0;
    while let Some(line) = Line::at(message, at).filter(|line| !line.text.is_empty()) {
        let header = line.header(message);
        if let Some(header) = header.filter(|header| header.is(message, name)) {
            return Some(&message[header.value]);
        }
        at = line.span.end;
    }
    None
}

/// What stands behind the head of a message.
pub fn body_of(message: &[u8]) -> &[u8] {
    let end = next_head_end(message, &mut 0);
    end.map_or(&[], |end| &message[end..])
}

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLength {
    /// There is no body.
    None,
    /// It has this many bytes.
    Bytes(u64),
    /// It comes in chunks, the last of which is empty.
    Chunked,
    /// It goes on until the connection is closed.
    UntilClose,
}

/// What the header fields say about the message.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// Offset after the empty line; `None` when it has not come.
    pub end: Option<usize>,
    /// Offset after what was read and reported.
    pub reached: usize,
    /// `Content-Length`
    pub content_length: Option<u64>,
    /// `Transfer-Encoding` ends with `chunked`.
    pub is_chunked: bool,
    /// `Content-Encoding`, where that is not `identity`.
    pub encoding: Option<Range<usize>>,
    /// `Host`
    pub host: Option<Range<usize>>,
    /// `User-Agent`
    pub user_agent: Option<Range<usize>>,
}

impl Head {
    /// Reads and reports the header fields that begin at `at`, up to and with
    /// the empty line.
    pub fn dissect<S: Sink>(bytes: &[u8], at: usize, sink: &mut S) -> Self {
        let mut head = Self::default();
        let mut at = at;
        sink.open(Label::Field(&HEADERS), at, Group::Dictionary);
        while let Some(line) = Line::at(bytes, at).filter(|line| !line.text.is_empty()) {
            let header = line.header(bytes);
            report(&line, header.as_ref(), sink);
            if let Some(header) = header {
                head.take(bytes, &header);
            }
            at = line.span.end;
        }
        sink.close(at);
        head.reached = at;
        if let Some(line) = Line::at(bytes, at).filter(|line| line.is_ended(bytes)) {
            let value = text(&line.span);
            sink.leaf(Label::Field(&END), line.span.start, line.span.end, value);
            head.end = Some(line.span.end);
            head.reached = line.span.end;
        }
        head
    }

    fn take(&mut self, bytes: &[u8], header: &Header) {
        let value = &bytes[header.value.clone()];
        if header.is(bytes, "content-length") {
            self.content_length = decimal(value);
        } else if header.is(bytes, "transfer-encoding") {
            self.is_chunked = value.to_ascii_lowercase().ends_with(b"chunked");
        } else if header.is(bytes, "content-encoding") {
            let is_plain = Coding::named(value) == Some(Coding::Identity);
            self.encoding = (!is_plain).then(|| header.value.clone());
        } else if header.is(bytes, "host") {
            self.host = Some(header.value.clone());
        } else if header.is(bytes, "user-agent") {
            self.user_agent = Some(header.value.clone());
        }
    }
}

fn report<S: Sink>(line: &Line, header: Option<&Header>, sink: &mut S) {
    let (label, value) = match header {
        Some(header) => (
            Label::Key {
                start: header.name.start as u32,
                end: header.name.end as u32,
                field: None,
            },
            text(&header.value),
        ),
        None => (Label::Field(&LINE), text(&line.text)),
    };
    sink.leaf(label, line.span.start, line.span.end, value);
}

/// A value that is the text of `range`.
pub fn text(range: &Range<usize>) -> Value {
    Value::Bytes {
        start: range.start as u32,
        end: range.end as u32,
    }
}

/// How the body behind this head of a response to a GET request ends.
pub fn body_length(head: &[u8]) -> BodyLength {
    let Some(line) = Line::at(head, 0) else {
        return BodyLength::None;
    };
    let fields = Head::dissect(head, line.span.end, &mut ());
    match status_of(head) {
        Some(100..=199 | 204 | 304) => BodyLength::None,
        _ if fields.is_chunked => BodyLength::Chunked,
        _ => fields
            .content_length
            .map_or(BodyLength::UntilClose, BodyLength::Bytes),
    }
}

/// The code that this head of a response begins with.
pub fn status_of(head: &[u8]) -> Option<u16> {
    Line::at(head, 0).and_then(|line| status(&head[line.text]))
}

/// The code in a status line.
pub fn status(line: &[u8]) -> Option<u16> {
    let mut words = line.split(|&byte| byte == b' ');
    let is_http = words.next()?.starts_with(b"HTTP/1.");
    let code = decimal(words.find(|word| !word.is_empty())?)?;
    is_http.then(|| u16::try_from(code).ok())?
}
