//! Recognises Message Stream Encryption without keys.
//!
//! Nothing in the first two flights can prove MSE: they are a Diffie-Hellman
//! number and padding. What can be seen is their sizes (96 to 608 bytes each, and
//! the initiator sends first), that they look random, and, where the acceptor
//! chose plaintext, its BitTorrent handshake a little later, which is proof.

use crate::wire::mse::{CHOICE, MAX_PAD, OFFER, PUBLIC_KEY};
use crate::wire::peer::PREFIX;

/// The acceptor's first plaintext byte comes before this offset, if it comes.
pub const PLAINTEXT_BY: usize = PUBLIC_KEY + MAX_PAD + CHOICE + MAX_PAD;

/// What the first bytes of both directions look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not MSE.
    No,
    /// It may still become one.
    Unsure,
    /// Sizes and randomness of all flights fit; what follows is encrypted.
    Encrypted,
    /// The acceptor's plaintext handshake begins at this offset of its stream:
    /// certain.
    Plaintext(usize),
}

/// The flights at the beginning of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// First bytes of the initiator.
    pub initiator: &'a [u8],
    /// First bytes of the acceptor.
    pub acceptor: &'a [u8],
    /// Bytes of the initiator before the acceptor's first one.
    pub first_flight: usize,
    /// Bytes of the acceptor before the initiator went on; `None` until then.
    pub second_flight: Option<usize>,
}

/// Judges an opening, `more` saying whether more bytes may come.
pub fn judge(opening: Opening<'_>, more: bool) -> Verdict {
    if !flight_fits(
        opening.initiator,
        opening.first_flight,
        more && opening.acceptor.is_empty(),
    ) {
        return Verdict::No;
    }
    if opening.acceptor.is_empty() {
        return if more { Verdict::Unsure } else { Verdict::No };
    }
    if let Some(at) = plaintext(opening.acceptor) {
        return Verdict::Plaintext(at);
    }
    let second = opening.second_flight.unwrap_or(opening.acceptor.len());
    if !flight_fits(
        opening.acceptor,
        second,
        more && opening.second_flight.is_none(),
    ) {
        return Verdict::No;
    }
    let negotiated = opening.initiator.len() >= opening.first_flight + OFFER
        && opening.acceptor.len() >= second + CHOICE;
    let no_plaintext = opening.acceptor.len() >= PLAINTEXT_BY + PREFIX.len();
    match (more, negotiated) {
        (true, true) if no_plaintext => Verdict::Encrypted,
        (true, _) => Verdict::Unsure,
        // It broke off, as a failed negotiation does.
        (false, _) => Verdict::Encrypted,
    }
}

/// Whether the acceptor's bytes hold a plaintext handshake where it can be.
fn plaintext(acceptor: &[u8]) -> Option<usize> {
    let from = PUBLIC_KEY + CHOICE;
    let to = acceptor.len().min(PLAINTEXT_BY + PREFIX.len());
    acceptor
        .get(from..to)?
        .windows(PREFIX.len())
        .position(|window| window == PREFIX)
        .map(|at| from + at)
}

fn flight_fits(bytes: &[u8], length: usize, growing: bool) -> bool {
    if length > PUBLIC_KEY + MAX_PAD {
        return false;
    }
    if length < PUBLIC_KEY {
        return growing;
    }
    bytes.get(..PUBLIC_KEY).is_some_and(looks_random)
}

/// Whether 96 bytes could be random: about 80 different values (fewer than 62
/// once in a billion), half of the bits set (each bound over 5 sigma away).
fn looks_random(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let ones: u32 = bytes.iter().map(|byte| byte.count_ones()).sum();
    different >= 62 && (310..=458).contains(&ones)
}
