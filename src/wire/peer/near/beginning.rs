//! What stands before the name of the protocol.

use super::sizes::{NAME_LENGTH, RESERVED_LENGTH};
use crate::wire::anomaly::Anomaly;
use crate::wire::peer::anomalies;
use crate::wire::peer::handshake::{LENGTH, PREFIX};
use crate::wire::reader::Malformed;

/// Bytes that a program may write before a handshake by mistake.
const MAX_STRAY: usize = 8;

/// U+FEFF, with which some programs begin a text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What is before the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beginning {
    /// Bytes that are of no handshake.
    pub stray: usize,
    /// Bytes of what stands for the length of the name: one, as it should be.
    pub lead: usize,
}

impl Beginning {
    /// Only what stands for the length.
    pub const fn plain(lead: usize) -> Self {
        Self { stray: 0, lead }
    }

    /// What `bytes` begin with before a name.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let mut leads = [1, 0, 2, 4, 5].into_iter();
        if let Some(lead) = leads.find(|lead| has_lead(bytes, *lead)) {
            return Some(Self::plain(lead));
        }
        let stray = (1..=MAX_STRAY).find(|at| {
            let (before, rest) = bytes.split_at((*at).min(bytes.len()));
            rest.starts_with(PREFIX) && stray(before).is_some()
        })?;
        Some(Self { stray, lead: 1 })
    }

    /// Bytes before the name.
    pub fn length(self) -> usize {
        self.stray + self.lead
    }

    /// The length before the name counts a zero byte behind it.
    pub fn counts_zero(self, bytes: &[u8]) -> bool {
        let length = bytes.get(self.stray).copied();
        self.lead == 1 && length.map(usize::from) == Some(NAME_LENGTH + 1)
    }

    /// What is wrong with it.
    pub fn fault(self, bytes: &[u8]) -> Option<Malformed> {
        if self.stray > 0 {
            return stray(&bytes[..self.stray]).map(|anomaly| Malformed::new(0, anomaly));
        }
        let is_right = self.lead == 1 && bytes[0] == PREFIX[0];
        (!is_right).then(|| Malformed::new(0, &anomalies::LENGTH_BYTE))
    }
}

/// What bytes are that stand before a handshake; `None` if a program may have meant
/// them (the header of a proxy).
fn stray(bytes: &[u8]) -> Option<&'static Anomaly> {
    if bytes == BYTE_ORDER_MARK {
        return Some(&anomalies::MARK_BEFORE);
    }
    let number = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    let is_length = |value: u64| bytes.len() > 1 && value == LENGTH as u64;
    if is_length(bytes.iter().fold(0, number)) || is_length(bytes.iter().rev().fold(0, number)) {
        return Some(&anomalies::LENGTH_BEFORE);
    }
    if bytes.iter().all(|byte| *byte == 0) {
        return Some(&anomalies::ZEROS_BEFORE);
    }
    if matches!(bytes, b"b'" | b"b\"" | b"'" | b"\"") {
        return Some(&anomalies::QUOTE_BEFORE);
    }
    let is_space = bytes
        .iter()
        .all(|byte| matches!(byte, b'\r' | b'\n' | b'\t' | b' '));
    is_space.then_some(&anomalies::LINE_BEFORE)
}

/// Whether the name of the protocol stands behind `lead` bytes that may have been
/// meant as its length.
fn has_lead(bytes: &[u8], lead: usize) -> bool {
    let end = lead + NAME_LENGTH;
    let (Some(name), Some(lead)) = (bytes.get(lead..end), bytes.get(..lead)) else {
        return false;
    };
    // Elsewhere the name may be a word of a text: reserved bytes are not.
    let is_followed = || {
        let rest = &bytes[end..];
        rest.len() >= RESERVED_LENGTH && rest[..RESERVED_LENGTH].contains(&0)
    };
    name.eq_ignore_ascii_case(&PREFIX[1..])
        && match lead {
            [_] => true,
            [] | [19, 0] | [0, 0, 0, 19] | [19, 0, 0, 0] | [0, 0, 0, _, 19] | b"19" => {
                is_followed()
            }
            _ => false,
        }
}
