//! Sizes and values of the exchange.

/// Bytes of a public key, and of the shared secret S.
pub const PUBLIC_KEY: usize = 96;

/// Bytes of PadA, PadB, PadC and PadD, each, at most.
pub const MAX_PAD: usize = 512;

/// Padding beyond what is allowed is still looked through up to here, to say that it is too
/// long.
pub const LONGEST_PAD: usize = 2 * MAX_PAD;

/// The verification constant: 8 zero bytes at the beginning of what is encrypted
/// in each direction.
pub const VC: [u8; 8] = [0; 8];

/// crypto_provide, crypto_select: the stream goes on in plaintext.
pub const PLAINTEXT: u32 = 1;

/// crypto_provide, crypto_select: the stream goes on in RC4.
pub const RC4: u32 = 2;
