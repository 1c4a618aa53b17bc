//! Numbers as people type them: with a unit, a fraction, in hex.

use crate::wire::Unit;

/// What a number counts, as far as it says how the number is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Nothing.
    Plain,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Microseconds.
    Micros,
    /// Nanoseconds, which nobody types: a unit has to be said.
    Time,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 5] = [
        Self::Plain,
        Self::Bytes,
        Self::Seconds,
        Self::Micros,
        Self::Time,
    ];

    /// What a number that a user types is, in words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Plain => "a number",
            Self::Bytes => "a number of bytes, such as 16384 or 16KiB",
            Self::Seconds => "a number of seconds, such as 90 or 2min",
            Self::Micros => "a number of microseconds, such as 1500 or 2ms",
            Self::Time => "a time with its unit, such as 2s or 250ms",
        }
    }

    const fn nanos(self) -> i128 {
        match self {
            Self::Plain | Self::Bytes | Self::Time => 1,
            Self::Micros => 1_000,
            Self::Seconds => 1_000_000_000,
        }
    }
}

impl From<Unit> for Measure {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::None => Self::Plain,
            Unit::Bytes => Self::Bytes,
            Unit::Seconds => Self::Seconds,
            Unit::Micros => Self::Micros,
        }
    }
}

/// Fractions are kept to this part.
const PARTS: i128 = 1_000_000_000;

/// Digits of a fraction that are kept.
const FRACTION: usize = 9;

/// A number of a measure, exact to [`PARTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

impl Quantity {
    /// A whole number.
    pub fn whole(number: i128) -> Self {
        Self(number.saturating_mul(PARTS))
    }

    /// What `text` is as a number of this measure.
    pub fn parse(text: &str, measure: Measure) -> Option<Self> {
        if let Some(digits) = text.strip_prefix("0x") {
            let is_hex = measure != Measure::Time && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let number = u64::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
            return Some(Self::whole(number.into()));
        }
        let (sign, text) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || fraction.len() > FRACTION {
            return None;
        }
        let padding = 10_i128.pow((FRACTION - fraction.len()) as u32);
        let fraction = fraction.parse::<i128>().ok()? * padding;
        let parts = whole.parse::<i128>().ok()?.checked_mul(PARTS)?;
        let parts = parts.checked_add(fraction)?.checked_mul(sign)?;
        let (times, per) = factor(unit, measure)?;
        Some(Self(parts.checked_mul(times)? / per))
    }
}

/// By what a number with this unit is multiplied and divided.
fn factor(unit: &str, measure: Measure) -> Option<(i128, i128)> {
    let bare = measure != Measure::Time;
    if unit.is_empty() {
        return bare.then_some((1, 1));
    }
    match measure {
        Measure::Plain => None,
        Measure::Bytes => Some((bytes(unit)?, 1)),
        Measure::Seconds | Measure::Micros | Measure::Time => Some((nanos(unit)?, measure.nanos())),
    }
}

fn bytes(unit: &str) -> Option<i128> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    })
}

fn nanos(unit: &str) -> Option<i128> {
    Some(match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_in_the_unit_of_the_field() {
        use Measure::{Bytes, Micros, Plain, Seconds, Time};
        for (text, measure, times, per) in [
            ("60", Plain, 60, 1),
            ("-3", Plain, -3, 1),
            ("0x1f", Plain, 31, 1),
            ("2.5", Plain, 5, 2),
            ("18446744073709551615", Plain, i128::from(u64::MAX), 1),
            ("16KiB", Bytes, 16384, 1),
            ("1.5kB", Bytes, 1500, 1),
            ("90", Seconds, 90, 1),
            ("250ms", Seconds, 1, 4),
            ("2min", Seconds, 120, 1),
            ("2ms", Micros, 2000, 1),
            ("7", Micros, 7, 1),
            ("1.5s", Time, 1_500_000_000, 1),
            ("1us", Time, 1000, 1),
        ] {
            let expected = Quantity(times * PARTS / per);
            assert_eq!(Quantity::parse(text, measure), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_the_measure_is_none() {
        use Measure::{Bytes, Plain, Seconds, Time};
        for (text, measure) in [
            ("", Plain),
            ("-", Plain),
            ("x", Plain),
            ("1.", Plain),
            (".5", Plain),
            ("1.2.3", Plain),
            ("0x", Plain),
            ("0x+1", Plain),
            ("2s", Plain),
            ("16KiB", Plain),
            ("2s", Bytes),
            ("2B", Seconds),
            ("2", Time),
            ("0x2", Time),
            ("99999999999999999999999999999999999999999", Plain),
            ("99999999999999999999999TiB", Bytes),
            ("1.0123456789", Plain),
        ] {
            assert_eq!(Quantity::parse(text, measure), None, "{text}");
        }
    }
}
