//! Rows of numbers in any base and width: `od`, `hexdump`, `xxd -b`, and the
//! examine commands of debuggers.

use std::ops::Range;

use crate::paste::column::{self, Order};
use crate::paste::found::PlacedByte;
use crate::paste::text::Text;

/// How the numbers of a row are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notation {
    pub base: u32,
    /// Bytes that each stands for.
    pub width: usize,
    /// Each begins with `0x`, or with a 0 in base 8.
    pub is_prefixed: bool,
}

/// Widths that programs print.
const WIDTHS: [usize; 4] = [1, 2, 4, 8];

/// Digits that a number of `width` bytes takes where all are written.
fn digits(base: u32, width: usize) -> usize {
    match base {
        2 => 8 * width,
        8 => (8 * width).div_ceil(3),
        _ => 2 * width,
    }
}

impl Notation {
    /// That of tokens with all digits of `width` bytes each; `None` if they are no
    /// such numbers.
    pub fn full<'r>(
        tokens: &(impl Iterator<Item = &'r str> + Clone),
        width: usize,
    ) -> Option<Self> {
        [2, 8, 16]
            .into_iter()
            .map(|base| Self::plain(base, width))
            .find(|notation| {
                let digits = digits(notation.base, width);
                let fits = |token: &str| token.len() == digits && notation.read(token).is_some();
                WIDTHS.contains(&width) && tokens.clone().all(fits)
            })
    }

    /// That of tokens which are decimal numbers of `width` bytes, or octal ones
    /// with a 0 before them.
    pub fn decimal<'r>(
        tokens: &(impl Iterator<Item = &'r str> + Clone),
        width: usize,
    ) -> Option<Self> {
        let is_octal = |token: &str| token.len() > 1 && token.starts_with('0');
        let mut widths = tokens.clone().map(str::len);
        let first = widths.next();
        let is_padded = widths.all(|width| Some(width) == first);
        let base = if !is_padded && tokens.clone().any(is_octal) {
            8
        } else {
            10
        };
        let notation = Self::plain(base, width);
        let fits = |token: &str| notation.read(token).is_some();
        (WIDTHS.contains(&width) && tokens.clone().all(fits)).then_some(notation)
    }

    /// Numbers without a prefix.
    pub fn plain(base: u32, width: usize) -> Self {
        Self {
            base,
            width,
            is_prefixed: false,
        }
    }

    /// That of numbers of which the width is seen: behind `0x`.
    pub fn prefixed(token: &str) -> Option<Self> {
        let digits = token.strip_prefix("0x")?;
        let width = digits.len().div_ceil(2);
        WIDTHS.contains(&width).then_some(Self {
            base: 16,
            width,
            is_prefixed: true,
        })
    }

    /// Reads one number.
    fn read(&self, token: &str) -> Option<u64> {
        let (is_negative, digits) = match token.strip_prefix('-') {
            Some(digits) if self.base == 10 => (true, digits),
            _ => (false, token),
        };
        let digits = match (self.is_prefixed, self.base) {
            (true, 16) => digits.strip_prefix("0x")?,
            _ => digits,
        };
        // WinDbg parts the halves of a wide one.
        let joined = digits.replacen('`', "", 1);
        let digits = if self.width == 8 { &joined } else { digits };
        if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let value = u64::from_str_radix(digits, self.base).ok()?;
        let bits = 8 * self.width as u32;
        let limit = 1_u128 << bits;
        if is_negative {
            let fits = u128::from(value) <= limit / 2;
            return fits.then(|| value.wrapping_neg() & (u64::MAX >> (64 - bits)));
        }
        (u128::from(value) < limit).then_some(value)
    }

    /// The bytes of a row: of its first numbers, up to a column of characters;
    /// `due` drops what fills up the last number. All bytes of a number stand
    /// where it does. Of them the `usual` end comes first, unless characters beside the
    /// numbers say that the big one does.
    pub fn row(
        &self,
        text: &Text<'_>,
        body: &Range<usize>,
        due: Option<usize>,
        usual: Order,
    ) -> Option<Vec<PlacedByte>> {
        let mut little = Vec::new();
        let mut big = Vec::new();
        for (at, token) in tokens(text, body) {
            let Some(value) = self.read(token) else {
                // What stands behind a number of gdb is the same as a character.
                if token.starts_with('\'') {
                    continue;
                }
                break;
            };
            let bytes = value.to_be_bytes();
            let bytes = &bytes[bytes.len() - self.width..];
            big.extend(bytes.iter().map(|byte| (*byte, at)));
            little.extend(bytes.iter().rev().map(|byte| (*byte, at)));
            if due.is_some_and(|due| big.len() >= due) {
                break;
            }
        }
        if big.is_empty() {
            return None;
        }
        let is_big = usual == Order::Big || self.is_big_beside(text, body, &big);
        let mut row = if is_big { big } else { little };
        row.truncate(due.unwrap_or(row.len()));
        Some(row)
    }

    /// Whether characters beside the numbers say that their big end comes first.
    fn is_big_beside(&self, text: &Text<'_>, body: &Range<usize>, big: &[PlacedByte]) -> bool {
        let after = big.last().map_or(body.end, |(_, at)| *at);
        let rest = text.text.get(after..body.end).unwrap_or_default();
        let rest = rest.split_once(char::is_whitespace).map(|(_, rest)| rest);
        let bytes: Vec<_> = big.iter().map(|(byte, _)| *byte).collect();
        let agrees = |rest: &str| column::follows(&format!("  {rest}"), &bytes);
        self.width > 1 && rest.is_some_and(agrees)
    }
}

/// The words of a row and where they stand.
pub fn tokens<'t>(
    text: &Text<'t>,
    body: &Range<usize>,
) -> impl Iterator<Item = (usize, &'t str)> + Clone {
    let line = text.text.get(body.clone()).unwrap_or_default();
    let start = line.as_ptr() as usize;
    let base = body.start;
    let is_gap = |c: char| c.is_whitespace() || c == ',';
    let words = line.split(is_gap).filter(|word| !word.is_empty());
    words.map(move |word| (base + (word.as_ptr() as usize - start), word))
}
