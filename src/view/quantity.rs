//! Amounts in words, rounded: for tables, where the eye compares.

use std::fmt;

/// Bytes in the binary unit that suits, to three digits: `215 B`, `2.01 MiB`.
#[derive(Debug, Clone, Copy)]
pub struct Bytes(pub u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        let mut amount = self.0 as f64 / 1024.0;
        let mut units = UNITS.iter();
        let mut unit = units.next();
        // What would be rounded to 1000 or more reads better in the next unit.
        while amount >= 999.5
            && let Some(next) = units.next()
        {
            amount /= 1024.0;
            unit = Some(next);
        }
        let decimals = match amount {
            ..9.995 => 2,
            ..99.95 => 1,
            _ => 0,
        };
        write!(
            f,
            "{amount:.decimals$} {}",
            unit.copied().unwrap_or_default()
        )
    }
}

/// A span of time in nanoseconds: `15.5 ms`, `3.21 s`, `4 min 10 s`, `1 h 3 min`.
#[derive(Debug, Clone, Copy)]
pub struct Duration(pub i64);

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MILLI: i64 = 1_000_000;
        const SECOND: i64 = 1000 * MILLI;
        let seconds = self.0 / SECOND;
        match self.0 {
            ..0 => f.write_str("0 s"),
            0..SECOND => write!(f, "{:.1} ms", self.0 as f64 / MILLI as f64),
            _ if seconds < 60 => write!(f, "{:.2} s", self.0 as f64 / SECOND as f64),
            _ if seconds < 3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            _ if seconds < 86400 => {
                write!(f, "{} h {} min", seconds / 3600, seconds % 3600 / 60)
            }
            _ => write!(f, "{} d {} h", seconds / 86400, seconds % 86400 / 3600),
        }
    }
}

/// A span of time in nanoseconds that is to be compared with others: milliseconds
/// or seconds, nine columns at most.
#[derive(Debug, Clone, Copy)]
pub struct Latency(pub i64);

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MILLI: f64 = 1e6;
        let millis = self.0.max(0) as f64 / MILLI;
        match millis {
            ..999.95 => write!(f, "{millis:.1} ms"),
            ..99_995.0 => write!(f, "{:.2} s", millis / 1e3),
            _ => write!(f, "{:.0} s", (millis / 1e3).min(9_999_999.0)),
        }
    }
}

/// So many bytes in so many nanoseconds, as bytes a second; nothing of no time.
#[derive(Debug, Clone, Copy)]
pub struct Rate(pub u64, pub i64);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(bytes, nanos) = *self;
        let Ok(nanos @ 1..) = u128::try_from(nanos) else {
            return Ok(());
        };
        let rate = u128::from(bytes) * 1_000_000_000 / nanos;
        write!(f, "{}/s", Bytes(u64::try_from(rate).unwrap_or(u64::MAX)))
    }
}

/// From the least to the most, or one of them where both read alike.
pub fn between(least: impl fmt::Display, most: impl fmt::Display) -> String {
    let (least, most) = (least.to_string(), most.to_string());
    if least == most {
        least
    } else {
        format!("{least} to {most}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_alike_is_said_once() {
        let between = |least, most| between(Duration(least), Duration(most));
        assert_eq!(between(600_000, 163_800_000), "0.6 ms to 163.8 ms");
        assert_eq!(between(1_001_000_000, 1_004_000_000), "1.00 s");
    }

    #[test]
    fn bytes_have_three_digits() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.00 KiB"),
            (16384, "16.0 KiB"),
            (1_023_500, "0.98 MiB"),
            (2_109_497, "2.01 MiB"),
            (u64::MAX, "16.0 EiB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }

    #[test]
    fn latencies_compare() {
        let cases = [
            (-5, "0.0 ms"),
            (83_000, "0.1 ms"),
            (999_940_000, "999.9 ms"),
            (999_960_000, "1.00 s"),
            (250_000_000_000, "250 s"),
            (i64::MAX, "9999999 s"),
        ];
        for (nanos, text) in cases {
            assert_eq!(Latency(nanos).to_string(), text);
        }
    }

    #[test]
    fn rates_are_bytes_a_second() {
        assert_eq!(Rate(2 << 20, 500_000_000).to_string(), "4.00 MiB/s");
        assert_eq!(Rate(u64::MAX, 1).to_string(), "16.0 EiB/s");
        assert_eq!(Rate(5, 0).to_string(), "");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let cases = [
            (-1, "0 s"),
            (15_501_000, "15.5 ms"),
            (3_215_000_000, "3.21 s"),
            (250_000_000_000, "4 min 10 s"),
            (3_780_000_000_000, "1 h 3 min"),
            (i64::MAX, "106751 d 23 h"),
        ];
        for (nanos, text) in cases {
            assert_eq!(Duration(nanos).to_string(), text);
        }
    }
}
