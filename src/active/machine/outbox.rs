//! The outgoing half of a connection.

use crate::wire::peer::{Message, encode};

/// Blocks are added to the bytes that wait to be sent while there are fewer than this.
const UPLOAD_WATERMARK: usize = 512 << 10;

/// When more bytes than this wait to be sent, the peer must read them first.
const MAX_BACKLOG_BYTES: usize = 8 * UPLOAD_WATERMARK;

/// Encoded messages that wait to be sent.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    /// How many of `bytes` are sent: they are removed many at a time, so that the rest is
    /// seldom moved.
    sent: usize,
}

impl Outbox {
    /// Adds a message; `data` is that of a piece message.
    pub(super) fn push(&mut self, message: &Message<'_>, data: &[u8]) {
        encode(message, data, &mut self.bytes);
    }

    /// The bytes that wait to be sent.
    pub(super) fn unsent(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Counts bytes of [`Outbox::unsent`] as sent.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.sent += bytes;
        if self.sent < self.bytes.len() && self.sent <= UPLOAD_WATERMARK {
            return;
        }
        self.bytes.drain(..self.sent.min(self.bytes.len()));
        self.sent = 0;
        // Blocks never make it this long; a burst of other messages did.
        if self.bytes.len() < self.bytes.capacity() / 4 {
            self.bytes.shrink_to(2 * UPLOAD_WATERMARK);
        }
    }

    /// Whether a block may be added.
    pub(super) fn has_room_for_blocks(&self) -> bool {
        self.len() < UPLOAD_WATERMARK
    }

    /// Whether so much waits to be sent that the peer does not seem to read: it should
    /// neither be read from nor be answered at length.
    pub(super) fn is_backlogged(&self) -> bool {
        self.len() > MAX_BACKLOG_BYTES
    }
}
