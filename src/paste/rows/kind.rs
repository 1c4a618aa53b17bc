//! How the bytes of a row are written, by its digits and by the bytes that its
//! offset says it has.

use super::head::Head;
use super::number::{self, Notation};
use super::{chars, decimal};
use crate::paste::cells;
use crate::paste::column::Order;
use crate::paste::form::Form;
use crate::paste::text::Text;

/// How the bytes of a row are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In groups of hex digits.
    Hex,
    /// As numbers.
    Numbers(Notation),
    /// As characters and escapes.
    Characters,
}

impl Kind {
    /// Which end of a number or a group usually comes first.
    pub fn usual_order(self) -> Order {
        match self {
            Self::Numbers(_) => Order::Little,
            Self::Hex | Self::Characters => Order::Big,
        }
    }

    /// The form of such a dump.
    pub fn form(self) -> Form {
        match self {
            Self::Hex
            | Self::Numbers(Notation {
                base: 16, width: 1, ..
            }) => Form::Rows,
            Self::Numbers(Notation {
                base: 2, width: 1, ..
            }) => Form::Bits,
            Self::Numbers(Notation {
                base: 8, width: 1, ..
            }) => Form::Octal,
            Self::Numbers(Notation { width: 1, .. }) => Form::Decimal,
            Self::Characters => Form::Characters,
            Self::Numbers(_) => Form::Words,
        }
    }
}

/// Bytes that most programs put in a row.
pub const USUAL_ROW: usize = 16;

/// Decimal digits of a 32-bit number, most often.
const WIDE: usize = 10;

/// Octal digits of a 16-bit word.
const OCTAL_WORD: usize = 6;

/// The kind of a row; `steps` are the bytes up to the next row by each radix.
pub fn kind(text: &Text<'_>, head: &Head, steps: &[Option<usize>; 3]) -> Option<Kind> {
    let tokens = number::tokens(text, &head.body).map(|(_, token)| token);
    let first = tokens.clone().next()?;
    if head.is_marked && first.starts_with("0x") {
        return Notation::prefixed(first).map(Kind::Numbers);
    }
    if let Some(notation) = of_windbg(text, head, first) {
        return Some(Kind::Numbers(notation));
    }
    // Escapes and letters, or an octal number with a 0 before it.
    let is_character = |token: &str| {
        let is_padded = token.len() == 3 && token.starts_with('0');
        is_padded || !token.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let is_od = head.is_of_od();
    if is_od && tokens.clone().any(is_character) && chars::row(text, &head.body).is_some() {
        return Some(Kind::Characters);
    }
    if let Some(notation) = by_steps(head, tokens.clone(), steps) {
        let is_octal = notation == Notation::plain(8, 1);
        let notation = if is_octal && decimal::are_numbers(text, head, decimal::is_not_octal) {
            Notation::plain(10, 1)
        } else {
            notation
        };
        return Some(Kind::Numbers(notation));
    }
    let is_wide = is_od && head.gap(text) >= cells::COLUMN_GAP;
    if is_wide && decimal::are_numbers(text, head, decimal::is_no_pair) {
        return Some(Kind::Numbers(Notation::plain(10, 1)));
    }
    let is_octal = |token: &str| token.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let all = |width: usize| tokens.clone().all(|token| token.len() == width);
    let words = |base, width| Some(Kind::Numbers(Notation::plain(base, width)));
    match first.len() {
        4 if is_od && all(4) && cells::is_hex(first) => words(16, 2),
        OCTAL_WORD if is_od && all(OCTAL_WORD) && is_octal(first) => words(8, 2),
        2.. if cells::is_group(first) || cells::is_joined(first) => Some(Kind::Hex),
        _ if is_od && chars::row(text, &head.body).is_some() => Some(Kind::Characters),
        _ => None,
    }
}

/// Words of `dd` and `dq` of WinDbg, behind a whole address: `000001f4`3c2a4d20  0d000000`,
/// `00000006`0d000000`.
fn of_windbg(text: &Text<'_>, head: &Head, first: &str) -> Option<Notation> {
    if !head.is_address() || head.gap(text) < cells::COLUMN_GAP {
        return None;
    }
    let digits = first.replace('`', "");
    let width = match first.len() {
        8 => 4,
        17 if digits.len() == 16 => 8,
        _ => return None,
    };
    cells::is_hex(&digits).then_some(Notation::plain(16, width))
}

/// Numbers that fill the row, of which each takes a share of its bytes.
fn by_steps<'r>(
    head: &Head,
    tokens: impl Iterator<Item = &'r str> + Clone,
    steps: &[Option<usize>; 3],
) -> Option<Notation> {
    // A column of characters is no number.
    let is_number = |token: &&str| {
        let digits = token.strip_prefix('-').unwrap_or(token);
        digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    // gdb puts the character behind its number.
    let tokens = tokens.filter(|token| !token.starts_with('\''));
    let numbers = tokens.clone().take_while(is_number);
    let count = numbers.clone().count();
    let mut behind = tokens.skip(count);
    let is_column = |token: &str| head.is_marked || token.starts_with(['>', '|']);
    if count < 2 || !behind.next().is_none_or(is_column) {
        return None;
    }
    // What most programs put in a row is tried first.
    let usual = steps.iter().flatten().filter(|step| **step == USUAL_ROW);
    let shares = usual.chain(steps.iter().flatten());
    // A last number of two bytes may have one.
    let is_odd = |step: usize| step + 1 == 2 * count;
    let shares = shares.filter(|step| **step > 0 && (step.is_multiple_of(count) || is_odd(**step)));
    let shares = shares.map(|step| step.div_ceil(count));
    let full = || {
        shares
            .clone()
            .find_map(|share| Notation::full(&numbers, share))
    };
    // Groups of digits that are all as wide are no decimal numbers.
    let width = numbers.clone().next().map_or(0, str::len);
    let is_grouped = width.is_multiple_of(2) && numbers.clone().all(|token| token.len() == width);
    // Unless they are wide, and as groups had another size than the offsets say.
    let pairs = count * width / 2;
    let mut known = steps.iter().flatten().peekable();
    let is_due = known.peek().is_none() || known.any(|step| *step == pairs);
    let is_grouped = is_grouped && (width < WIDE || is_due);
    let decimal = || {
        shares
            .clone()
            .find_map(|share| Notation::decimal(&numbers, share))
    };
    let notation = full().or_else(|| decimal().filter(|_| !is_grouped))?;
    // Pairs of hex are read with care for columns; in words the first byte comes
    // first but for programs that print numbers.
    let is_hex = notation.base == 16 && (notation.width == 1 || !head.is_of_od());
    (!is_hex).then_some(notation)
}
