//! Responses over HTTP that are not read, though they bring what is looked for: data of
//! web seeds, `.torrent` files.

/// The longest name of a coding that is kept, in bytes.
const MAX_CODING: usize = 40;

/// How many there were, and the first of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// How many.
    pub count: u64,
    /// The packet with the head of the first.
    pub frame: u64,
    /// The beginning of the name of its coding.
    pub coding: Vec<u8>,
    /// What is wrong with it.
    pub reason: UnreadReason,
}

/// Why a body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnreadReason {
    /// It is packed in a way that is not known here.
    Coding,
    /// It is a range of what is packed, which cannot be read alone (RFC 9110, 14.2).
    Range,
}

impl Unread {
    /// Notes a response in `known`.
    pub fn note(known: &mut Option<Self>, frame: u64, coding: &[u8], reason: UnreadReason) {
        let first = known.get_or_insert_with(|| Self {
            count: 0,
            frame,
            coding: coding[..coding.len().min(MAX_CODING)].to_vec(),
            reason,
        });
        first.count += 1;
    }
}
