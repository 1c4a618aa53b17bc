//! Why a connection ends.

use std::time::Duration;

use thiserror::Error;

/// Why a connection has ended. Each is one line for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Close {
    /// What came breaks the protocol.
    #[error("protocol error: {0}")]
    Malformed(&'static str),
    /// A message that is longer than any peer sends.
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
    /// It has sent too much unsolicited data.
    #[error("it sends data that was not asked for")]
    Unsolicited,
    /// It sends too many messages, or too many invalid ones.
    #[error("it floods us with messages")]
    Flood,
    /// Its incomplete messages take more memory than there is for them.
    #[error("it begins long messages and does not end them")]
    Hoards,
    /// Nothing has come from it for too long.
    #[error("nothing came for {} s", .0.as_secs())]
    Silent(Duration),
    /// The peer has closed the connection after our handshake, without one of its own. The
    /// likely reason depends on how it was dialled.
    #[error("it closed before its handshake: {0}")]
    Dropped(&'static str),
    /// It cannot be reached.
    #[error("{0}")]
    Unreachable(String),
    /// No handshake came.
    #[error("no handshake came in {} s", .0.as_secs())]
    NoHandshake(Duration),
    /// It was useless, and others wait to be connected.
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
