//! The tokens by which the poll names what is ready.

use mio::Token;

use crate::active::torrent::PeerKey;

/// The token of the listening socket.
pub(in crate::active::driver) const LISTENER: Token = Token(0);

/// The token of the waker.
pub(in crate::active::driver) const WAKER: Token = Token(1);

/// The token of the first connection; those of the others follow.
const FIRST_PEER: usize = 2;

/// The token of a peer's connection.
pub(super) fn of_peer(key: PeerKey) -> Token {
    Token(key.0 as usize + FIRST_PEER)
}

/// The peer whose connection has this token.
pub(super) fn peer(token: Token) -> PeerKey {
    PeerKey((token.0 - FIRST_PEER) as u64)
}
