//! Windows of 256 different values.

use super::layout::Width;

/// Values of a permutation.
const VALUES: usize = 256;

/// Bytes of the widest permutation.
pub(super) const LONGEST: usize = VALUES * 8;

/// Values that are looked at one by one where jumps would be short.
const STRETCH: usize = 2048;

/// Jumps over fewer values than these are short.
const SHORT: usize = 16;

/// Windows that are given where each begins one value behind the other. Only what
/// repeats itself has more: tables, patterns, no states.
const MAX_RUN: usize = 16;

/// Calls `found` with the place of windows of 256 different values of one width, at any
/// alignment, and their values; of those that lie value by value behind each other, with the
/// first [`MAX_RUN`].
///
/// A window is read from its end: where a value stands twice (or is none), no
/// window can hold both, and the next one begins behind the first of the two. Of
/// memory that holds no permutation, a part is looked at only. Where that gets on
/// too slowly, as in data that repeats itself, each value is looked at once.
pub(super) fn each(bytes: &[u8], width: Width, mut found: impl FnMut(usize, [u8; VALUES])) {
    match width {
        Width::One => each_of(bytes, 0, 1, |bytes, at| Some(bytes[at]), &mut found),
        Width::Four => {
            for phase in 0..4 {
                each_of(bytes, phase, 4, four, &mut found);
            }
        }
        Width::Eight => {
            for phase in 0..8 {
                each_of(bytes, phase, 8, eight, &mut found);
            }
        }
    }
}

/// A value of 32 bits, either byte order.
#[inline]
fn four(bytes: &[u8], at: usize) -> Option<u8> {
    let value: &[u8; 4] = bytes.get(at..)?.first_chunk()?;
    u8::try_from(u32::from_le_bytes(*value)).ok()
}

/// A small integer of V8: 64 bits, the value in the high half.
#[inline]
fn eight(bytes: &[u8], at: usize) -> Option<u8> {
    let value: &[u8; 8] = bytes.get(at..)?.first_chunk()?;
    let value = u64::from_le_bytes(*value);
    u8::try_from(value >> 32).ok().filter(|_| value as u32 == 0)
}

#[inline]
fn each_of(
    bytes: &[u8],
    phase: usize,
    width: usize,
    value: impl Fn(&[u8], usize) -> Option<u8>,
    found: &mut impl FnMut(usize, [u8; VALUES]),
) {
    let mut seen = Seen::default();
    let mut run = Run::default();
    let mut start = phase;
    while start + VALUES * width <= bytes.len() {
        let window = &bytes[start..start + VALUES * width];
        start = match repeated(window, width, &value, &mut seen) {
            Some(index) if index >= SHORT => start + (index + 1) * width,
            _ => one_by_one(bytes, start, width, &value, |at| {
                if run.goes_on(at, width) {
                    let state = |n| value(bytes, at + n * width).unwrap_or(0);
                    found(at, std::array::from_fn(state));
                }
            }),
        };
    }
}

/// Windows that lie value by value behind each other.
#[derive(Default)]
struct Run {
    /// Where the next one of them would begin.
    next: usize,
    length: usize,
}

impl Run {
    /// Whether a window at `at` is among the first ones of its run.
    fn goes_on(&mut self, at: usize, width: usize) -> bool {
        self.length = if at == self.next { self.length + 1 } else { 1 };
        self.next = at + width;
        self.length <= MAX_RUN
    }
}

/// Looks at a stretch from `start` on, and gives where windows begin in it. Returns where
/// the next one can begin that was not given.
fn one_by_one(
    bytes: &[u8],
    start: usize,
    width: usize,
    value: &impl Fn(&[u8], usize) -> Option<u8>,
    mut found: impl FnMut(usize),
) -> usize {
    // How many values there were up to the last one that was the same.
    let mut last = [0; VALUES];
    // Where the window begins that is looked at, and the next one that was not given.
    let (mut from, mut next) = (0, 0);
    let values = (bytes.len() - start) / width;
    for at in 0..values.min(STRETCH) {
        match value(bytes, start + at * width) {
            Some(value) => {
                let last = &mut last[usize::from(value)];
                from = from.max(*last);
                *last = at + 1;
            }
            None => from = at + 1,
        }
        next = next.max(from);
        if at + 1 - from == VALUES {
            found(start + from * width);
            next = from + 1;
        }
    }
    start + next * width
}

/// The last place in a window whose value stands there again further on, or is
/// none.
#[inline]
fn repeated(
    window: &[u8],
    width: usize,
    value: &impl Fn(&[u8], usize) -> Option<u8>,
    seen: &mut Seen,
) -> Option<usize> {
    seen.begin();
    (0..VALUES).rev().find(|index| {
        let value = value(window, index * width);
        value.is_none_or(|value| seen.has(value))
    })
}

/// The values that a window has shown so far: those with the number of the
/// window, so that nothing need be cleared for the next one.
struct Seen {
    windows: [u32; VALUES],
    window: u32,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            windows: [0; VALUES],
            window: 0,
        }
    }
}

impl Seen {
    #[inline]
    fn begin(&mut self) {
        self.window = self.window.wrapping_add(1);
        if self.window == 0 {
            *self = Self::default();
            self.window = 1;
        }
    }

    /// Whether the value was there before.
    #[inline]
    fn has(&mut self, value: u8) -> bool {
        let window = &mut self.windows[usize::from(value)];
        std::mem::replace(window, self.window) == self.window
    }
}
