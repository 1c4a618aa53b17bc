//! What takes part in an analysis, and what it is told beside messages.

use crate::flow::{Connection, Side};
use crate::packet::Stamp;
use crate::session::{Conflict, ConnectionEvent, Conversation, Ended, Heard, WebPart};
use crate::wire::peer::Block;

use super::interest::Interest;

/// Bytes of a stream, as they were sent: what is encrypted stays so.
#[derive(Debug, Clone, Copy)]
pub struct StreamBytes<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// Who sent them.
    pub from: Side,
    /// Where the first of them stands in the sender's stream. Where that is behind
    /// the last one told, the capture lacks what is between.
    pub offset: u64,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// Some of the data of a piece, as it lies in a packet. Where the capture lacks
/// bytes, the next chunk is further on in the block. A second copy of the same
/// bytes is none: chunks are of the stream, in its order.
#[derive(Debug, Clone, Copy)]
pub struct BodyChunk<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// What was said on it before.
    pub conversation: &'a Conversation,
    /// Who sent it.
    pub from: Side,
    /// The block that the message brings, by its header.
    pub block: Block,
    /// Offset of the chunk within the block.
    pub offset: u32,
    /// The data.
    pub bytes: &'a [u8],
    /// The packet that completed it.
    pub stamp: Stamp,
}

/// Takes part in an analysis.
pub trait Observer {
    /// What it needs: always the same. Asked before the first packet, and, of an
    /// observer that takes part beside others, often.
    fn interest(&self) -> Interest {
        Interest::default()
    }

    /// The first packet of the capture.
    fn begin(&mut self, first: Stamp) {
        let _ = first;
    }

    /// A message or a gap.
    fn message(&mut self, heard: &Heard<'_>) {
        let _ = heard;
    }

    /// Bytes of a piece's data passed by ([`Interest::bodies`]). The message that
    /// they belong to is told behind its last ones, or where the capture ends it.
    fn body(&mut self, chunk: &BodyChunk<'_>) {
        let _ = chunk;
    }

    /// A BitTorrent connection ended, or the capture did.
    fn ended(&mut self, ended: &Ended<'_>) {
        let _ = ended;
    }

    /// Something happened to a connection: it ended, an attempt failed
    /// ([`Interest::attempts`]), it proved to be BitTorrent
    /// ([`Interest::opened`]). An end is told after [`Observer::ended`].
    fn connection(&mut self, event: &ConnectionEvent) {
        let _ = event;
    }

    /// Bytes of a connection that was asked for ([`Interest::bytes_of`]), in order.
    fn bytes(&mut self, bytes: &StreamBytes<'_>) {
        let _ = bytes;
    }

    /// A retransmission on a BitTorrent connection contradicts what came first.
    /// What was delivered already is gone and cannot be compared.
    fn conflict(&mut self, conflict: &Conflict<'_>) {
        let _ = conflict;
    }

    /// A step of an exchange of HTTP ([`Interest::web`]).
    fn web(&mut self, part: &WebPart<'_>) {
        let _ = part;
    }

    /// The next packet may be long in coming: what was told so far should be
    /// seen now. Told when reading from a pipe or an interface.
    fn idle(&mut self) {}

    /// The last packet that took part is through, and every connection was reported.
    fn over(&mut self, last: Stamp) {
        let _ = last;
    }

    /// The last packet is through and every connection was reported.
    fn finish(&mut self) {}

    /// It needs no more: the analysis stops.
    fn is_done(&self) -> bool {
        false
    }
}
