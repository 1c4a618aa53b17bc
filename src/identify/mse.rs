//! Recognises Message Stream Encryption without keys.
//!
//! Nothing in the first two flights can prove MSE: they are a Diffie-Hellman
//! number and padding. What can be seen is their sizes (96 to 608 bytes each, and
//! the initiator sends first), that they look random, and, where the acceptor
//! chose plaintext, its BitTorrent handshake a little later, which is proof.
//!
//! Much else looks random. What speaks against MSE is a header, sizes that its
//! steps cannot have, and a conversation that is over after one question and one
//! answer. What passes all that *may be* MSE, and no more is said of it.

use super::header::Flight;
use crate::wire::mse::{CHOICE, MAX_PAD, OFFER, PUBLIC_KEY, looks_random};
use crate::wire::peer::PREFIX;

/// The acceptor's first plaintext byte comes before this offset, if it comes.
pub const PLAINTEXT_BY: usize = PUBLIC_KEY + MAX_PAD + CHOICE + MAX_PAD;

/// Flights that the negotiation has: key, key, offer, choice.
pub const FLIGHTS: usize = 4;

/// What the first bytes of both directions look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not MSE.
    No,
    /// It may still become one.
    Unsure,
    /// It may be MSE: sizes and randomness of all flights fit, and nothing speaks
    /// against it.
    Encrypted {
        /// If it is, the stream goes on in RC4: plaintext would have been seen.
        is_rc4: bool,
    },
    /// The acceptor's plaintext handshake begins at this offset of its stream:
    /// certain.
    Plaintext(usize),
}

/// The beginning of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// First bytes of the initiator.
    pub initiator: &'a [u8],
    /// First bytes of the acceptor.
    pub acceptor: &'a [u8],
    /// Bytes in the first packet of each.
    pub first_packets: [usize; 2],
    /// The flights so far.
    pub flights: Flights,
    /// The acceptor is known to be a peer: what is only unlikely is believed.
    pub at_known_end: bool,
}

/// How long each flight is, the initiator's and the acceptor's in turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flights {
    lengths: [usize; FLIGHTS],
    /// Flights that began.
    begun: usize,
}

impl Flights {
    /// `bytes` more, sent by the initiator or by the acceptor.
    pub fn add(&mut self, by_initiator: bool, bytes: usize) {
        // The initiator's flights are those with an even index.
        let is_turn = self.begun.is_multiple_of(2) == by_initiator;
        if is_turn {
            self.begun += 1;
        }
        if self.begun == 0 {
            // The acceptor spoke first: the initiator's first flight is empty.
            self.begun = 2;
        }
        if let Some(length) = self.lengths.get_mut(self.begun - 1) {
            *length += bytes;
        }
    }

    /// Flights that began.
    pub fn begun(&self) -> usize {
        self.begun.min(FLIGHTS)
    }

    /// Bytes of a flight (from 0), if it has begun.
    pub fn length(&self, flight: usize) -> Option<usize> {
        (flight < self.begun).then(|| self.lengths.get(flight).copied())?
    }

    /// Bytes of a flight that is over: the other side went on.
    pub fn whole(&self, flight: usize) -> Option<usize> {
        (flight + 1 < self.begun).then(|| self.lengths.get(flight).copied())?
    }
}

/// Judges an opening, `more` saying whether more bytes may come.
pub fn judge(opening: &Opening<'_>, more: bool) -> Verdict {
    let flights = opening.flights;
    let first = flights.length(0).unwrap_or(0);
    if !flight_fits(opening.initiator, first, more && flights.whole(0).is_none()) {
        return Verdict::No;
    }
    if opening.acceptor.is_empty() {
        return if more { Verdict::Unsure } else { Verdict::No };
    }
    if let Some(at) = plaintext(opening.acceptor) {
        return Verdict::Plaintext(at);
    }
    let second = flights.length(1).unwrap_or(0);
    let is_growing = more && flights.whole(1).is_none();
    if !flight_fits(opening.acceptor, second, is_growing) || is_out_of_turn(flights) {
        return Verdict::No;
    }
    if !opening.at_known_end && !is_growing && have_header(opening, first, second) {
        return Verdict::No;
    }
    let negotiated =
        opening.initiator.len() >= first + OFFER && opening.acceptor.len() >= second + CHOICE;
    let no_plaintext = opening.acceptor.len() >= PLAINTEXT_BY + PREFIX.len();
    let is_rc4 = negotiated && no_plaintext;
    match more {
        true if is_rc4 => Verdict::Encrypted { is_rc4 },
        true => Verdict::Unsure,
        // A question and an answer: so ends all that is not a negotiation, and
        // hardly one that is.
        false if flights.length(2).is_none() && !opening.at_known_end => Verdict::No,
        // It broke off, as a failed negotiation does.
        false => Verdict::Encrypted { is_rc4 },
    }
}

/// Whether what an initiator sent, and nobody answered, may be the first flight
/// of a negotiation: a public key and padding.
pub fn may_be_first_flight(bytes: &[u8]) -> bool {
    (PUBLIC_KEY..=PUBLIC_KEY + MAX_PAD).contains(&bytes.len()) && looks_random(&bytes[..PUBLIC_KEY])
}

/// Whether a first flight begins with the header of another protocol.
pub fn has_header(bytes: &[u8], first_packet: usize) -> bool {
    Flight {
        bytes,
        first_packet,
    }
    .has_header()
}

/// Whether a side went on before the other's step was complete.
fn is_out_of_turn(flights: Flights) -> bool {
    flights.whole(2).is_some_and(|offer| offer < OFFER)
        || flights.whole(3).is_some_and(|choice| choice < CHOICE)
}

/// Whether what should be public keys begins with the header of another
/// protocol.
fn have_header(opening: &Opening<'_>, first: usize, second: usize) -> bool {
    let [one, other] = [
        (opening.initiator, first, opening.first_packets[0]),
        (opening.acceptor, second, opening.first_packets[1]),
    ]
    .map(|(bytes, length, first_packet)| Flight {
        bytes: &bytes[..length.min(bytes.len())],
        first_packet,
    });
    one.has_header() || other.has_header() || one.shares_header(&other)
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

#[cfg(test)]
#[path = "mse_tests.rs"]
mod tests;
