//! Handshakes that are nearly right: the commonest first bugs of new clients.
//!
//! The name of the protocol is there, so that it is certain what was meant; what
//! is before it or behind it is not as BEP 3 says. Such a handshake is read as it
//! was meant, as far as that can be told, and what is wrong is said.

mod beginning;
mod coding;
mod parts;
mod sizes;

use nom::bytes::complete::take;
use nom::number::complete::u8;

use super::anomalies;
use super::handshake::{Handshake, LENGTH, PREFIX, PSTR, PSTRLEN, STRAY};
use crate::wire::reader::{Malformed, Reader};
use crate::wire::sink::Sink;
use beginning::Beginning;
use parts::Parts;
use sizes::{DIGITS, NAME_LENGTH};

/// How a handshake is laid out that is nearly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearHandshake {
    /// What stands before the name.
    beginning: Beginning,
    /// Bytes of the name.
    name: usize,
    /// What follows it.
    parts: Parts,
    /// What is wrong, and where.
    fault: Malformed,
    /// What is wrong beside it.
    second: Option<Malformed>,
}

impl NearHandshake {
    /// The handshake that `bytes` nearly begin with; `None` for one as it should
    /// be, and where nothing is like one.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if is_in_digits(bytes) {
            return Some(Self::in_digits());
        }
        let beginning = Beginning::of(bytes)?;
        let name_at = beginning.length();
        let (name, rest) = bytes[name_at..].split_at(NAME_LENGTH);
        let spelling =
            (name != &PREFIX[1..]).then(|| Malformed::new(name_at, &anomalies::NAME_SPELLING));
        let parts = Parts::of(rest, beginning.counts_zero(bytes));
        let wrong = parts.fault.map(|fault| Malformed {
            at: name_at + name.len() + fault.at,
            ..fault
        });
        let counts = beginning.counts_zero(bytes) && parts.zeros > 0;
        let begun = beginning.fault(bytes).filter(|_| !counts);
        let mut faults = [begun, spelling, wrong].into_iter().flatten();
        Some(Self {
            beginning,
            name: NAME_LENGTH,
            parts,
            fault: faults.next()?,
            second: faults.next(),
        })
    }

    /// All of it as text, two digits a byte.
    fn in_digits() -> Self {
        Self {
            beginning: Beginning::plain(DIGITS),
            name: DIGITS * NAME_LENGTH,
            parts: Parts::in_digits(),
            fault: Malformed::new(0, &anomalies::HEX_HANDSHAKE),
            second: None,
        }
    }

    /// Its bytes on the wire.
    pub fn length(&self) -> usize {
        self.beginning.length() + self.name + self.parts.length()
    }

    /// The byte that stands where the length of the name is due, if that is what
    /// is wrong.
    pub fn wrong_length_byte(&self, bytes: &[u8]) -> Option<u8> {
        let is_wrong =
            self.beginning.length() == 1 && self.fault.anomaly == &anomalies::LENGTH_BYTE;
        bytes.first().copied().filter(|_| is_wrong)
    }

    /// Dissects it; gives what was meant, if that can be told, and what is wrong.
    pub(super) fn dissect<S: Sink>(
        &self,
        reader: &mut Reader<'_, '_, S>,
    ) -> (Option<Handshake>, Malformed) {
        if self.beginning.stray > 0 {
            reader.bulk(&STRAY, self.beginning.stray);
        }
        match self.beginning.lead {
            0 => {}
            1 => {
                let _ = reader.field(&PSTRLEN, u8);
            }
            lead => {
                reader.bulk(&PSTRLEN, lead);
            }
        }
        let _ = reader.field(&PSTR, take(self.name));
        if let Some(second) = self.second {
            reader.anomaly_at(second.at, second.anomaly);
        }
        (self.parts.dissect(reader), self.fault)
    }
}

/// Bytes of the handshake that `bytes` begin with, as far as they tell.
pub fn handshake_length(bytes: &[u8]) -> usize {
    NearHandshake::of(bytes).map_or(LENGTH, |near| near.length())
}

/// Whether the beginning of a handshake stands here as hex digits.
fn is_in_digits(bytes: &[u8]) -> bool {
    let mut begun = [0; PREFIX.len()];
    let digits = bytes.get(..DIGITS * PREFIX.len());
    digits
        .is_some_and(|digits| hex::decode_to_slice(digits, &mut begun).is_ok() && begun == *PREFIX)
}

#[cfg(test)]
mod tests;
