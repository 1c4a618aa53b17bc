//! Conversations with HTTP trackers: cuts the two streams of a connection into
//! requests and their responses.
//!
//! The connection begins with a request. As soon as a request is not for a
//! tracker no further one is read, so that the rest of the web costs a line.

use std::collections::VecDeque;

use super::budget::{Budget, Charge};
use super::framer::Frame;
use crate::flow::{Chunk, Gap, GapCause, Side};
use crate::packet::Stamp;
use crate::wire::bencode::Document;
use crate::wire::http_tracker::{
    BodyLength, Chunks, MAX_BODY, Progress, Purpose, body_length, next_head_end, purpose,
};

/// The longest head of a message that is believed.
pub const MAX_HEAD: usize = 16 << 10;

/// Requests that may wait for their response at a time.
const MAX_WAITING: usize = 64;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// A request.
    Request,
    /// The response to a request.
    Response(TrackerRequest),
}

/// A request that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackerRequest {
    /// What for.
    pub purpose: Purpose,
    /// The packet that completed it.
    pub stamp: Stamp,
}

/// Receives the messages as they are complete.
pub type Tell<'t> = &'t mut dyn FnMut(Side, Turn, Frame<'_>);

/// One connection to a tracker.
#[derive(Debug)]
pub struct HttpTracker {
    client: Side,
    requests: Half,
    responses: Half,
    /// Requests without a response.
    waiting: VecDeque<TrackerRequest>,
    /// No further request will be read.
    is_last: bool,
    is_over: bool,
    charge: Charge,
}

/// The bytes of one direction that belong to no complete message yet.
#[derive(Debug)]
struct Half {
    bytes: Vec<u8>,
    /// Stream offset of the first one.
    offset: u64,
    /// The packets with the first and the last one.
    first: Stamp,
    last: Stamp,
    /// Where the search for the end of the head goes on.
    scanned: usize,
    body: Option<Body>,
    /// Bytes to pass over: the rest of a message that a gap has broken.
    skip: u64,
}

/// The body of a response whose head is complete.
#[derive(Debug, Clone)]
struct Body {
    /// Where it begins.
    start: usize,
    length: BodyLength,
    chunks: Chunks,
}

impl Half {
    fn new() -> Self {
        let nowhere = Stamp {
            frame: 0,
            time: crate::capture::Timestamp::UNKNOWN,
        };
        Self {
            bytes: Vec::new(),
            offset: 0,
            first: nowhere,
            last: nowhere,
            scanned: 0,
            body: None,
            skip: 0,
        }
    }

    fn push(&mut self, chunk: Chunk<'_>) {
        let passed = self.skip.min(chunk.bytes.len() as u64);
        self.skip -= passed;
        let bytes = &chunk.bytes[passed as usize..];
        if bytes.is_empty() {
            return;
        }
        if self.bytes.is_empty() {
            self.offset = chunk.offset + passed;
            self.first = chunk.stamp;
        }
        self.bytes.extend_from_slice(bytes);
        self.last = chunk.stamp;
    }

    /// Offset after the head, when that is complete.
    fn head_end(&mut self) -> Option<usize> {
        next_head_end(&self.bytes, &mut self.scanned)
    }

    /// The first `length` bytes (or what there is of them) as a message.
    fn frame(&self, length: u64, missing: u64) -> Frame<'_> {
        let kept = usize::try_from(length).unwrap_or(usize::MAX);
        Frame {
            bytes: &self.bytes[..kept.min(self.bytes.len())],
            length,
            offset: self.offset,
            missing,
            unsent: 0,
            first: self.first,
            last: self.last,
        }
    }

    /// Drops a message of `length` bytes; the rest came with the last packet.
    fn consume(&mut self, length: usize) {
        self.bytes.drain(..length);
        self.offset += length as u64;
        self.first = self.last;
        self.scanned = 0;
        self.body = None;
    }

    fn clear(&mut self) {
        self.consume(self.bytes.len());
    }

    /// Length of the message being read when no more comes of it, and how much of that
    /// the capture lacks: the rest of what it says, or a byte at least.
    fn broken_off(&self, has_stopped: bool) -> (u64, u64) {
        let have = self.bytes.len() as u64;
        if has_stopped || self.has_whole_body() {
            return (have, 0);
        }
        let length = self.message_length();
        let length = length.filter(|length| *length > have).unwrap_or(have + 1);
        (length, length - have)
    }

    /// Whether the body is all there by what it says itself, whatever the head says.
    fn has_whole_body(&self) -> bool {
        let Some(body) = &self.body else {
            return false;
        };
        let document = Document::parse(&self.bytes[body.start..]);
        match (body.length, document.error()) {
            (BodyLength::Chunked, _) => false,
            (_, None) => true,
            (BodyLength::UntilClose, Some(error)) => !error.reason.is_truncation(),
            (_, Some(_)) => false,
        }
    }

    /// Bytes of the message being read, if it says.
    fn message_length(&self) -> Option<u64> {
        let body = self.body.as_ref()?;
        match body.length {
            BodyLength::Bytes(length) => (body.start as u64).checked_add(length),
            _ => None,
        }
    }
}

impl HttpTracker {
    /// A connection on which `client` makes the requests.
    pub fn new(client: Side, budget: &Budget) -> Self {
        Self {
            client,
            requests: Half::new(),
            responses: Half::new(),
            waiting: VecDeque::new(),
            is_last: false,
            is_over: false,
            charge: budget.charge(),
        }
    }

    /// Whether nothing more will come of it.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Bytes of `from`.
    pub fn data(&mut self, from: Side, chunk: Chunk<'_>, tell: Tell<'_>) {
        if self.is_over {
            return;
        }
        if from == self.client && !self.is_last {
            self.requests.push(chunk);
            self.read_requests(tell);
        } else if from != self.client {
            self.responses.push(chunk);
        }
        self.read_responses(tell);
        self.settle();
    }

    fn read_requests(&mut self, tell: Tell<'_>) {
        while !self.requests.bytes.is_empty() {
            let end = self.requests.head_end();
            let has_line = self.requests.scanned > 0;
            let Some(purpose) = purpose(&self.requests.bytes).filter(|_| has_line) else {
                let is_long = self.requests.bytes.len() > MAX_HEAD;
                self.is_last = has_line || is_long;
                return;
            };
            let Some(end) = end else {
                self.is_last = self.requests.bytes.len() > MAX_HEAD;
                return;
            };
            self.tell_request(purpose, end as u64, 0, tell);
            self.requests.consume(end);
        }
    }

    fn tell_request(&mut self, purpose: Purpose, length: u64, missing: u64, tell: Tell<'_>) {
        tell(
            self.client,
            Turn::Request,
            self.requests.frame(length, missing),
        );
        self.waiting.push_back(TrackerRequest {
            purpose,
            stamp: self.requests.last,
        });
        self.is_last = self.waiting.len() >= MAX_WAITING;
    }

    fn read_responses(&mut self, tell: Tell<'_>) {
        while let Some(&asked) = self.waiting.front() {
            let Some(body) = self.response_body() else {
                // Where there is no end of the head in sight, there is none.
                self.is_over |= self.responses.bytes.len() > MAX_HEAD;
                return;
            };
            let Some(end) = self.response_end(&body) else {
                return;
            };
            let status_is_interim = end == body.start && is_interim(&self.responses.bytes);
            if status_is_interim {
                self.responses.consume(end);
                continue;
            }
            self.tell_response(asked, end as u64, 0, tell);
            self.responses.consume(end);
        }
    }

    /// The body of the response being read, when its head is complete.
    fn response_body(&mut self) -> Option<Body> {
        if self.responses.body.is_none() {
            let start = self.responses.head_end()?;
            self.responses.body = Some(Body {
                start,
                length: body_length(&self.responses.bytes[..start]),
                chunks: Chunks::default(),
            });
        }
        self.responses.body.clone()
    }

    /// Where the response being read ends, when it is complete, or too long to
    /// be waited for.
    fn response_end(&mut self, body: &Body) -> Option<usize> {
        let have = self.responses.bytes.len();
        let is_long = have > body.start + MAX_BODY;
        let end = match body.length {
            BodyLength::None => Some(body.start),
            BodyLength::Bytes(length) => {
                let end = usize::try_from(length)
                    .ok()
                    .map(|length| body.start + length);
                end.filter(|&end| end <= have)
            }
            BodyLength::Chunked => self.chunks_end(body.start),
            BodyLength::UntilClose => None,
        };
        if end.is_none() && is_long {
            self.is_over = true;
            return Some(have);
        }
        end
    }

    fn chunks_end(&mut self, start: usize) -> Option<usize> {
        let have = self.responses.bytes.len();
        let body = self.responses.body.as_mut()?;
        match body.chunks.advance(&self.responses.bytes[start..], |_| {}) {
            Progress::More => None,
            Progress::End(end) => Some(start + end),
            Progress::Broken => {
                self.is_over = true;
                Some(have)
            }
        }
    }

    fn tell_response(&mut self, asked: TrackerRequest, length: u64, missing: u64, tell: Tell<'_>) {
        let frame = self.responses.frame(length, missing);
        tell(self.client.other(), Turn::Response(asked), frame);
        self.waiting.pop_front();
    }

    /// Bytes of `from` are missing: what is broken is told as far as it is there.
    pub fn gap(&mut self, from: Side, gap: Gap, tell: Tell<'_>) {
        if self.is_over {
            return;
        }
        let missing = gap.length.unwrap_or(0);
        if from == self.client {
            self.gap_in_request(missing, gap.cause, tell);
        } else {
            self.gap_in_response(missing, tell);
        }
        self.settle();
    }

    fn gap_in_request(&mut self, missing: u64, cause: GapCause, tell: Tell<'_>) {
        if self.is_last {
            return;
        }
        let known = purpose(&self.requests.bytes);
        if let Some(purpose) = known {
            let length = self.requests.bytes.len() as u64 + missing;
            self.tell_request(purpose, length, missing, tell);
        }
        self.requests.clear();
        // A lost packet may have held a request: the responses after it would be
        // paired wrongly. A packet that was cut ends with its request.
        self.is_last |= known.is_none() || cause != GapCause::Snaplen;
    }

    fn gap_in_response(&mut self, missing: u64, tell: Tell<'_>) {
        let have = self.responses.bytes.len() as u64;
        let passed = self.responses.skip.min(missing);
        if passed > 0 && passed == missing {
            self.responses.skip -= passed;
            return;
        }
        let Some(&asked) = self.waiting.front().filter(|_| have > 0) else {
            self.is_over = true;
            return;
        };
        let length = self.responses.message_length();
        let end = length.filter(|&length| length >= have + missing);
        self.tell_response(asked, end.unwrap_or(have + missing), missing, tell);
        self.responses.clear();
        match end {
            Some(end) => self.responses.skip = end - have - missing,
            None => self.is_over = true,
        }
    }

    /// `from` sends no more, or the capture is over before it has stopped: what it has
    /// begun is told as far as it came.
    pub fn end(&mut self, from: Side, has_stopped: bool, tell: Tell<'_>) {
        if self.is_over {
            return;
        }
        if from == self.client {
            if let Some(purpose) = purpose(&self.requests.bytes).filter(|_| !self.is_last) {
                let (length, missing) = self.requests.broken_off(has_stopped);
                self.tell_request(purpose, length, missing, tell);
                self.requests.clear();
            }
            self.is_last = true;
        } else {
            if let Some(&asked) = self.waiting.front()
                && !self.responses.bytes.is_empty()
            {
                let (length, missing) = self.responses.broken_off(has_stopped);
                self.tell_response(asked, length, missing, tell);
            }
            self.is_over = true;
        }
        self.settle();
    }

    /// Nothing to wait for, or nothing to hold it in: it is over.
    fn settle(&mut self) {
        let unasked = self.waiting.is_empty();
        self.is_over |= unasked && (self.is_last || self.responses.bytes.len() > MAX_HEAD);
        if self.is_last {
            self.requests.bytes = Vec::new();
        }
        let held = self.requests.bytes.len() + self.responses.bytes.len();
        self.is_over |= !self.charge.resize(held);
        if self.is_over {
            self.requests.bytes = Vec::new();
            self.responses.bytes = Vec::new();
            self.waiting = VecDeque::new();
            self.charge.release();
        }
    }
}

/// Whether a head is that of an interim response, which the real one follows.
fn is_interim(head: &[u8]) -> bool {
    let code = head.split(|&byte| byte == b' ').nth(1);
    code.is_some_and(|code| code.len() == 3 && code.starts_with(b"1") && code != b"101")
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
