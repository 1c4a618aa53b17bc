//! Lengths of the parts of a handshake, in bytes.

use crate::wire::peer::handshake::PREFIX;

/// The name of the protocol.
pub const NAME_LENGTH: usize = PREFIX.len() - 1;

/// The reserved bytes.
pub const RESERVED_LENGTH: usize = 8;

/// The info-hash, and the peer id as well.
pub const VALUE_LENGTH: usize = 20;

/// Bytes of a character of UTF-16.
pub const WIDE: usize = 2;

/// Digits of a byte in hex.
pub const DIGITS: usize = 2;
