//! Handshakes that are nearly right: the commonest first bugs of new clients.
//!
//! The name of the protocol is there, so that it is certain what was meant; what
//! is before it or behind it is not as BEP 3 says. Such a handshake is read as it
//! was meant, as far as that can be told, and what is wrong is said.

mod beginning;
mod coding;
mod parts;
mod sizes;
mod text;

use nom::bytes::complete::take;
use nom::number::complete::u8;

use super::anomalies;
use super::handshake::{Handshake, LENGTH, PREFIX, PSTR, PSTRLEN, STRAY};
use crate::wire::reader::{Malformed, Reader};
use crate::wire::sink::Sink;
use beginning::Beginning;
use parts::Parts;
use sizes::NAME_LENGTH;

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
    /// All of it is so many letters of base64, in which no part has a place of its own.
    base64: Option<usize>,
}

impl NearHandshake {
    /// The handshake that `bytes` nearly begin with; `None` for one as it should
    /// be, and where nothing is like one.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if let Some(text) = text::of(bytes) {
            return Some(Self {
                beginning: text.beginning,
                name: text.name,
                parts: text.parts,
                fault: Malformed::new(0, text.anomaly),
                second: None,
                base64: text.base64,
            });
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
            base64: None,
        })
    }

    /// Its bytes on the wire.
    pub fn length(&self) -> usize {
        let parts = || self.beginning.length() + self.name + self.parts.length();
        self.base64.unwrap_or_else(parts)
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
        if let Some(letters) = self.base64 {
            let letters = reader.bulk(&PSTR, letters);
            return (text::handshake(letters), self.fault);
        }
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

#[cfg(test)]
mod tests;
