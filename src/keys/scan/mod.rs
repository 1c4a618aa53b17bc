//! Finds what may be states of RC4 in bytes of memory.
//!
//! A pure function over bytes. RC4 keeps a permutation of 0 to 255, with its two
//! indices beside it; libraries differ in how wide they write the values and
//! where the indices are:
//!
//! | values | indices | seen in |
//! |---|---|---|
//! | 32 bits | 32 bits each, before | OpenSSL (Transmission), libtorrent, rTorrent |
//! | 8 bits | 32 bits each, before | libtorrent 2.0 (qBittorrent) |
//! | 8 bits | 8 bits each, behind | nettle (aria2) |
//! | 64 bits, the value in the high half | in an object, two pointers away | V8 (WebTorrent) |
//!
//! The other combinations of the widths and of before and behind are tried too.
//! What is found is a candidate: tables of other ciphers are permutations as well.

mod decoy;
mod layout;
mod search;
#[cfg(test)]
mod tests;
mod v8;
mod window;

pub use layout::{Layout, Place, Width, read};
pub use search::{OVERLAP, scan};
pub use v8::Pointers;
