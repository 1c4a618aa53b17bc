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
#[cfg(test)]
mod tests;
mod v8;
mod window;

pub use layout::{Layout, Place, Width, read};
pub use v8::Pointers;

/// Bytes before and behind a permutation that the indices may be in: what two
/// stretches of one mapping must overlap by.
pub const OVERLAP: usize = window::LONGEST + 2 * layout::MARGIN;

/// Finds the permutations in `bytes`, which are at `address`. Several places are
/// given where it is not clear which bytes are the indices.
pub fn scan(bytes: &[u8], address: u64, found: &mut Vec<Place>) {
    for width in Width::ALL {
        window::each(bytes, width, |at, state| {
            if !decoy::is_known(&state) {
                layout::places(bytes, at, width, address, found);
            }
        });
    }
}
