//! Why a connection ends.

use std::time::Duration;

use thiserror::Error;

/// Why our side ends a connection. Each is one line for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Close {
    /// What came breaks the protocol.
    #[error("protocol error: {0}")]
    Malformed(&'static str),
    /// A length prefix beyond all that is sent in earnest.
    #[error("protocol error: a message of {0} bytes")]
    TooLong(usize),
    /// It is about another torrent.
    #[error("it is about another torrent")]
    OtherTorrent,
    /// Our own peer id: we have dialled ourselves.
    #[error("it is ourselves")]
    Ourselves,
    /// Another connection to the same peer exists.
    #[error("a second connection to the same peer")]
    Twice,
    /// It sent data that nobody had asked for, again and again.
    #[error("it sends data that was not asked for")]
    Unsolicited,
    /// It asked for more than anybody may, or talks more than anybody needs to.
    #[error("it floods us with messages")]
    Flood,
    /// What it has begun to say takes more memory than there is for that.
    #[error("it begins long messages and does not end them")]
    Hoards,
    /// It went silent.
    #[error("nothing came for {} s", .0.as_secs())]
    Silent(Duration),
    /// The peer closed when it had been told what we want, and said nothing. What
    /// may be the reason depends on how it was dialled.
    #[error("it closed before its handshake: {0}")]
    Dropped(&'static str),
    /// It cannot be reached.
    #[error("{0}")]
    Unreachable(String),
    /// No handshake came.
    #[error("no handshake came in {} s", .0.as_secs())]
    NoHandshake(Duration),
    /// It was of no use, and others wait for its place.
    #[error("it is of no use, and others wait")]
    MadeRoom,
    /// It has sent data that fails the hash check.
    #[error("it sent data that fails the hash check")]
    Liar,
    /// The encrypted handshake failed.
    #[error("encrypted handshake failed: {0}")]
    Encryption(&'static str),
    /// The peer has closed, or the network has.
    #[error("{0}")]
    Lost(String),
}
