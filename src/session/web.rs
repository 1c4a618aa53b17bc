//! Connections of the web: requests, their responses, and the bodies of these as they
//! pass by.
//!
//! For who asks for it ([`Interest::web`](crate::pipeline::Interest)): web seeds
//! (BEP 17, BEP 19) and downloads of `.torrent` files are plain HTTP. Heads are kept
//! until they are whole; of bodies nothing is kept.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::budget::{Budget, Charge};
use super::http::MAX_HEAD;
use crate::flow::{Chunk, Gap, Side};
use crate::packet::Stamp;
use crate::wire::headers::{Line, decimal};
use crate::wire::http_tracker::{BodyLength, body_length, next_head_end};

/// Requests that may wait for their response at a time.
const MAX_WAITING: usize = 64;

/// The longest line with the size of a chunk.
const MAX_SIZE_LINE: usize = 1024;

/// What an observer is told of a connection of the web.
#[derive(Debug, Clone, Copy)]
pub struct WebPart<'a> {
    /// Number of the connection.
    pub stream: u64,
    /// Who asks.
    pub client: SocketAddr,
    /// Who answers.
    pub server: SocketAddr,
    /// The packet that brought it, or its last byte.
    pub stamp: Stamp,
    /// What it is.
    pub event: WebEvent<'a>,
}

/// A step of an exchange; on one connection a response ends before the next one
/// begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebEvent<'a> {
    /// The head of a request.
    Request(&'a [u8]),
    /// The head of a response begins an exchange.
    Response {
        /// The head of the request that it answers.
        request: &'a [u8],
        /// Its own head.
        head: &'a [u8],
    },
    /// Bytes of its body, without the marks of chunks. What is missing before them
    /// shows in the offset.
    Body {
        /// Offset in the body.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// The response is over, in good order or not.
    End,
}

/// Receives the steps with the packet of each.
pub type Tell<'t> = &'t mut dyn FnMut(WebEvent<'_>, Stamp);

/// A connection on which one side makes requests.
#[derive(Debug)]
pub struct WebConnection {
    client: Side,
    /// The head of the request under way.
    request: Head,
    /// Bytes of a request's body that are still to come.
    request_body: u64,
    /// No further request can be read.
    is_last: bool,
    /// The heads of requests without a response.
    waiting: VecDeque<Box<[u8]>>,
    /// The head of the response under way.
    response: Head,
    body: Body,
    charge: Charge,
}

/// A head under way.
#[derive(Debug, Default)]
struct Head {
    bytes: Vec<u8>,
    scanned: usize,
}

/// Where the response side is.
#[derive(Debug)]
enum Body {
    /// Between two responses, or in a head.
    Head,
    /// In a body: offset, and bytes still to come.
    Bytes(u64, u64),
    /// In a body that ends with the connection.
    UntilClose(u64),
    /// In a body of chunks.
    Chunks(u64, ChunkStep),
    /// Nothing more can be read.
    Over,
}

#[derive(Debug)]
enum ChunkStep {
    /// In the line with the size of a chunk, or the empty one behind a chunk.
    Size(Vec<u8>),
    /// Bytes still to come of a chunk.
    Data(u64),
    /// In a line behind the last chunk; whether anything stands in it.
    Trailer(bool),
}

/// What one step of the response side took, and whether the response is over.
struct Progress {
    bytes: usize,
    is_end: bool,
}

impl Head {
    /// Takes what belongs to the head; gives its length when it is whole. `Err` for
    /// one that is too long.
    fn take(&mut self, bytes: &[u8]) -> Result<Option<usize>, ()> {
        let before = self.bytes.len();
        let most = bytes.len().min(MAX_HEAD + 1 - before.min(MAX_HEAD));
        self.bytes.extend_from_slice(&bytes[..most]);
        match next_head_end(&self.bytes, &mut self.scanned) {
            Some(end) => {
                self.bytes.truncate(end);
                Ok(Some(end - before))
            }
            None if self.bytes.len() > MAX_HEAD => Err(()),
            None => Ok(None),
        }
    }

    fn give(&mut self) -> Vec<u8> {
        self.scanned = 0;
        std::mem::take(&mut self.bytes)
    }
}

impl WebConnection {
    /// A connection on which `client` makes the requests.
    pub fn new(client: Side, budget: &Budget) -> Self {
        Self {
            client,
            request: Head::default(),
            request_body: 0,
            is_last: false,
            waiting: VecDeque::new(),
            response: Head::default(),
            body: Body::Head,
            charge: budget.charge(),
        }
    }

    /// Who makes the requests.
    pub fn client(&self) -> Side {
        self.client
    }

    /// Whether nothing more will come of it.
    pub fn is_over(&self) -> bool {
        let is_idle = matches!(self.body, Body::Head) && self.waiting.is_empty();
        matches!(self.body, Body::Over) || (self.is_last && is_idle)
    }

    /// Bytes of `from`.
    pub fn data(&mut self, from: Side, chunk: Chunk<'_>, tell: Tell<'_>) {
        if from == self.client {
            self.read_requests(chunk, tell);
        } else {
            self.read_responses(chunk, tell);
        }
        self.settle(chunk.stamp, tell);
    }

    fn read_requests(&mut self, chunk: Chunk<'_>, tell: Tell<'_>) {
        let mut bytes = chunk.bytes;
        while !bytes.is_empty() && !self.is_last {
            let passed = self.request_body.min(bytes.len() as u64);
            self.request_body -= passed;
            bytes = &bytes[passed as usize..];
            match self.request.take(bytes) {
                Err(()) => self.is_last = true,
                Ok(None) => return,
                Ok(Some(length)) => {
                    bytes = &bytes[length..];
                    let head = self.request.give();
                    self.request_body = content_length(&head);
                    tell(WebEvent::Request(&head), chunk.stamp);
                    self.waiting.push_back(head.into());
                    self.is_last = self.waiting.len() >= MAX_WAITING;
                }
            }
        }
    }

    fn read_responses(&mut self, chunk: Chunk<'_>, tell: Tell<'_>) {
        let mut bytes = chunk.bytes;
        while !bytes.is_empty() {
            let taken = match &mut self.body {
                Body::Over => return,
                Body::Head => match self.read_head(bytes, chunk.stamp, tell) {
                    Some(taken) => taken,
                    None => return,
                },
                Body::Bytes(offset, left) => {
                    let here = bytes
                        .len()
                        .min(usize::try_from(*left).unwrap_or(usize::MAX));
                    tell_body(*offset, &bytes[..here], chunk.stamp, tell);
                    *offset += here as u64;
                    *left -= here as u64;
                    Progress {
                        bytes: here,
                        is_end: *left == 0,
                    }
                }
                Body::UntilClose(offset) => {
                    tell_body(*offset, bytes, chunk.stamp, tell);
                    *offset += bytes.len() as u64;
                    return;
                }
                Body::Chunks(offset, step) => match step.take(bytes, offset, chunk.stamp, tell) {
                    Some(taken) => taken,
                    None => return self.break_off(chunk.stamp, tell),
                },
            };
            bytes = &bytes[taken.bytes..];
            if taken.is_end {
                tell(WebEvent::End, chunk.stamp);
                self.body = Body::Head;
            }
        }
    }

    /// Goes on with the head of a response; `None` when it is not whole yet, or
    /// nothing that can be read.
    fn read_head(&mut self, bytes: &[u8], stamp: Stamp, tell: Tell<'_>) -> Option<Progress> {
        let Ok(taken) = self.response.take(bytes) else {
            self.body = Body::Over;
            return None;
        };
        let taken = taken?;
        let head = self.response.give();
        if is_interim(&head) {
            return Some(Progress {
                bytes: taken,
                is_end: false,
            });
        }
        let Some(request) = self
            .waiting
            .pop_front()
            .filter(|_| head.starts_with(b"HTTP/1."))
        else {
            self.body = Body::Over;
            return None;
        };
        tell(
            WebEvent::Response {
                request: &request,
                head: &head,
            },
            stamp,
        );
        self.body = match body_length(&head) {
            _ if request.starts_with(b"HEAD ") => Body::Bytes(0, 0),
            BodyLength::None => Body::Bytes(0, 0),
            BodyLength::Bytes(length) => Body::Bytes(0, length),
            BodyLength::Chunked => Body::Chunks(0, ChunkStep::Size(Vec::new())),
            BodyLength::UntilClose => Body::UntilClose(0),
        };
        Some(Progress {
            bytes: taken,
            is_end: matches!(self.body, Body::Bytes(_, 0)),
        })
    }

    /// Bytes of `from` are missing.
    pub fn gap(&mut self, from: Side, gap: Gap, tell: Tell<'_>) {
        if from == self.client {
            // The responses to what was lost would be paired wrongly.
            self.is_last = true;
            self.request = Head::default();
        } else {
            self.gap_in_response(gap, tell);
        }
        self.settle(gap.stamp, tell);
    }

    fn gap_in_response(&mut self, gap: Gap, tell: Tell<'_>) {
        let passed = match (&mut self.body, gap.length) {
            (Body::Bytes(offset, left), Some(missing)) if missing <= *left => {
                *offset += missing;
                *left -= missing;
                if *left == 0 {
                    tell(WebEvent::End, gap.stamp);
                    self.body = Body::Head;
                }
                true
            }
            (Body::UntilClose(offset), Some(missing)) => {
                *offset += missing;
                true
            }
            (Body::Chunks(offset, ChunkStep::Data(left)), Some(missing)) if missing < *left => {
                *offset += missing;
                *left -= missing;
                true
            }
            _ => false,
        };
        if !passed {
            self.break_off(gap.stamp, tell);
        }
    }

    /// `from` sends no more.
    pub fn end(&mut self, from: Side, stamp: Stamp, tell: Tell<'_>) {
        if from == self.client {
            self.is_last = true;
        } else {
            self.break_off(stamp, tell);
        }
        self.settle(stamp, tell);
    }

    /// No more responses can be read.
    fn break_off(&mut self, stamp: Stamp, tell: Tell<'_>) {
        if !matches!(self.body, Body::Head | Body::Over) {
            tell(WebEvent::End, stamp);
        }
        self.body = Body::Over;
    }

    /// Charges what is held; where that cannot be, it is over.
    fn settle(&mut self, stamp: Stamp, tell: Tell<'_>) {
        let heads: usize = self.waiting.iter().map(|head| head.len()).sum();
        let line = match &self.body {
            Body::Chunks(_, ChunkStep::Size(line)) => line.capacity(),
            _ => 0,
        };
        let held = heads + self.request.bytes.capacity() + self.response.bytes.capacity() + line;
        if !self.charge.resize(held) {
            self.break_off(stamp, tell);
        }
        if self.is_over() {
            self.request = Head::default();
            self.response = Head::default();
            self.waiting = VecDeque::new();
            self.charge.release();
        }
    }
}

impl ChunkStep {
    /// Takes the next bytes; `None` where they break the layout of chunks.
    fn take(
        &mut self,
        bytes: &[u8],
        offset: &mut u64,
        stamp: Stamp,
        tell: Tell<'_>,
    ) -> Option<Progress> {
        let more = |bytes| {
            Some(Progress {
                bytes,
                is_end: false,
            })
        };
        let line_end = bytes.iter().position(|byte| *byte == b'\n');
        let here = line_end.map_or(bytes.len(), |feed| feed + 1);
        match self {
            Self::Data(left) => {
                let here = bytes
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                tell_body(*offset, &bytes[..here], stamp, tell);
                *offset += here as u64;
                *left -= here as u64;
                if *left == 0 {
                    *self = Self::Size(Vec::new());
                }
                more(here)
            }
            Self::Size(line) => {
                if line.len() + here > MAX_SIZE_LINE {
                    return None;
                }
                line.extend_from_slice(&bytes[..here]);
                if line_end.is_some() {
                    let text = line.trim_ascii();
                    *self = match chunk_size(text) {
                        Some(0) => Self::Trailer(false),
                        Some(size) => Self::Data(size),
                        // The end of the chunk before.
                        None if text.is_empty() => Self::Size(Vec::new()),
                        None => return None,
                    };
                }
                more(here)
            }
            Self::Trailer(is_something) => {
                *is_something |= !bytes[..here].trim_ascii().is_empty();
                let is_end = line_end.is_some() && !*is_something;
                if line_end.is_some() {
                    *is_something = false;
                }
                Some(Progress {
                    bytes: here,
                    is_end,
                })
            }
        }
    }
}

/// The size in hex digits that a line begins with.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii();
    let is_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    u64::from_str_radix(text, 16).ok()
}

fn tell_body(offset: u64, bytes: &[u8], stamp: Stamp, tell: Tell<'_>) {
    if !bytes.is_empty() {
        tell(WebEvent::Body { offset, bytes }, stamp);
    }
}

/// Bytes of a request's body.
fn content_length(head: &[u8]) -> u64 {
    header(head, "content-length")
        .and_then(decimal)
        .unwrap_or(0)
}

/// The value of a header field in a head.
pub fn header<'h>(head: &'h [u8], name: &str) -> Option<&'h [u8]> {
    let mut at = Line::at(head, 0)?.span.end;
    while let Some(line) = Line::at(head, at) {
        if let Some(header) = line.header(head)
            && header.is(head, name)
        {
            return Some(&head[header.value]);
        }
        at = line.span.end;
    }
    None
}

/// Whether a head is that of an interim response, which the real one follows.
fn is_interim(head: &[u8]) -> bool {
    let code = head.split(|&byte| byte == b' ').nth(1);
    code.is_some_and(|code| code.len() == 3 && code.starts_with(b"1") && code != b"101")
}

#[cfg(test)]
#[path = "web_tests.rs"]
mod tests;
