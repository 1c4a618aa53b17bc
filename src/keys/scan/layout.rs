//! Where the two indices stand, and how a state is read again.

use crate::wire::mse::Rc4;

/// Bytes before and behind a permutation that are looked at.
pub(super) const MARGIN: usize = 8;

/// How wide the values of a permutation are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Width {
    /// 8 bits.
    One,
    /// 32 bits.
    Four,
    /// 64 bits, the value in the high half.
    Eight,
}

impl Width {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::One, Self::Four, Self::Eight];

    /// Bytes of a value.
    pub fn bytes(self) -> usize {
        match self {
            Self::One => 1,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// Bytes of a permutation.
    pub fn all_bytes(self) -> usize {
        256 * self.bytes()
    }
}

/// How a state lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layout {
    /// i and j, 32 bits each, and then the values.
    WordsBefore(Width),
    /// The values, and then i and j of 32 bits each.
    WordsBehind(Width),
    /// i and j, a byte each, and then the values.
    BytesBefore(Width),
    /// The values, and then i and j, a byte each.
    BytesBehind(Width),
    /// An array of V8; i and j are small integers at this address.
    Object(u64),
}

/// A permutation in memory, with one view of where its indices are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Address of its first value.
    pub address: u64,
    /// How it lies there.
    pub layout: Layout,
}

impl Place {
    /// The stretches of memory that hold it: the permutation, and for an object
    /// the indices.
    pub fn stretches(&self) -> (std::ops::Range<u64>, Option<std::ops::Range<u64>>) {
        let at = self.address;
        let values = |width: Width| width.all_bytes() as u64;
        match self.layout {
            Layout::WordsBefore(width) => (at - 8..at + values(width), None),
            Layout::BytesBefore(width) => (at - 2..at + values(width), None),
            Layout::WordsBehind(width) => (at..at + values(width) + 8, None),
            Layout::BytesBehind(width) => (at..at + values(width) + 2, None),
            Layout::Object(indices) => (
                at..at + values(Width::Eight),
                Some(indices..indices + 2 * Width::Eight.bytes() as u64),
            ),
        }
    }
}

/// Reads a state from the bytes of its stretches, one after the other; `None` if
/// there is none (any more, or just now).
pub fn read(layout: Layout, bytes: &[u8]) -> Option<Rc4> {
    let (width, at) = match layout {
        Layout::WordsBefore(width) => (width, 8),
        Layout::BytesBefore(width) => (width, 2),
        Layout::WordsBehind(width) | Layout::BytesBehind(width) => (width, 0),
        Layout::Object(_) => (Width::Eight, 0),
    };
    let values = bytes.get(at..at + width.all_bytes())?;
    let behind = &bytes[at + width.all_bytes()..];
    let (i, j) = match layout {
        Layout::WordsBefore(_) => words(bytes)?,
        Layout::WordsBehind(_) => words(behind)?,
        Layout::BytesBefore(_) => bytes.first_chunk().map(|[i, j]| (*i, *j))?,
        Layout::BytesBehind(_) => behind.first_chunk().map(|[i, j]| (*i, *j))?,
        Layout::Object(_) => small_integers(behind)?,
    };
    let step = width.bytes();
    let mut state = [0; 256];
    for (value, bytes) in state.iter_mut().zip(values.chunks_exact(step)) {
        *value = match width {
            Width::One | Width::Four => bytes[0],
            Width::Eight => bytes[4],
        };
    }
    Rc4::from_state(state, i, j)
}

/// Two indices of 32 bits.
fn words(bytes: &[u8]) -> Option<(u8, u8)> {
    let [i, 0, 0, 0, j, 0, 0, 0] = bytes.first_chunk()? else {
        return None;
    };
    Some((*i, *j))
}

/// Two indices that are small integers of V8.
pub(super) fn small_integers(bytes: &[u8]) -> Option<(u8, u8)> {
    let [0, 0, 0, 0, i, 0, 0, 0, 0, 0, 0, 0, j, 0, 0, 0] = bytes.first_chunk()? else {
        return None;
    };
    Some((*i, *j))
}

/// Notes the permutation at `at` with what may be its indices. Two words that
/// can be indices are believed; otherwise it is bytes, before or behind.
pub(super) fn places(bytes: &[u8], at: usize, width: Width, address: u64, found: &mut Vec<Place>) {
    let mut note = |layout| {
        found.push(Place {
            address: address + at as u64,
            layout,
        });
    };
    if width == Width::Eight {
        // Where its indices are, only the pointers to it tell.
        return note(Layout::Object(0));
    }
    let end = at + width.all_bytes();
    let before = at
        .checked_sub(MARGIN)
        .and_then(|from| words(&bytes[from..]));
    let behind = words(&bytes[end..]);
    if before.is_some() {
        note(Layout::WordsBefore(width));
    }
    // Zeros are indices only of a state that was never used, or nothing.
    if behind.is_some_and(|indices| indices != (0, 0)) || (before.is_none() && behind.is_some()) {
        note(Layout::WordsBehind(width));
    }
    if before.is_some_and(|indices| indices != (0, 0)) {
        return;
    }
    if bytes.len() >= end + 2 {
        note(Layout::BytesBehind(width));
    }
    if at >= 2 {
        note(Layout::BytesBefore(width));
    }
}
