//! Windows of 256 different values.

use super::layout::Width;

/// Values of a permutation.
const VALUES: usize = 256;

/// Bytes of the widest permutation.
pub(super) const LONGEST: usize = VALUES * 8;

/// Calls `found` with the place of each window of 256 different values of one
/// width, at any alignment, and its values.
///
/// A window is read from its end: where a value stands twice (or is none), no
/// window can hold both, and the next one begins behind the first of the two. Of
/// memory that holds no permutation, a part is looked at only.
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
    let mut start = phase;
    while start + VALUES * width <= bytes.len() {
        let window = &bytes[start..start + VALUES * width];
        if let Some(index) = repeated(window, width, &value, &mut seen) {
            start += (index + 1) * width;
            continue;
        }
        let state = std::array::from_fn(|n| value(window, n * width).unwrap_or(0));
        found(start, state);
        start += width;
    }
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
