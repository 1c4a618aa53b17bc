//! Times, as lines and records show them.

use jiff::Timestamp as Instant;

use super::number::{push_fraction, push_u64};
use crate::capture::Timestamp;

/// How a line shows the time of its message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TimeFormat {
    /// Seconds since the first packet of the capture.
    #[default]
    Relative,
    /// Date and time, RFC 3339, in UTC.
    Absolute,
    /// Time of day, in UTC.
    Daytime,
    /// Seconds since the message shown before; none for one that is told late.
    Delta,
    /// Seconds since 1970-01-01 UTC.
    Epoch,
}

const SECOND: i64 = 1_000_000_000;

/// Length of a date, with the T behind it.
const DATE: usize = "2026-11-22T".len();

/// Writes the times of one listing.
#[derive(Debug)]
pub struct Clock {
    format: TimeFormat,
    first: Option<Timestamp>,
    /// The latest so far, for the time since.
    previous: Option<Timestamp>,
    calendar: Calendar,
    digits: usize,
}

/// Digits of the fraction of a second, as tcpdump and tshark show them.
const DIGITS: usize = 6;

impl Clock {
    /// A clock that has seen no packet yet.
    pub fn new(format: TimeFormat) -> Self {
        Self {
            format,
            first: None,
            previous: None,
            calendar: Calendar::default(),
            digits: DIGITS,
        }
    }

    /// With so many digits (1 to 9) of the fraction of a second.
    #[must_use]
    pub fn with_digits(self, digits: usize) -> Self {
        Self { digits, ..self }
    }

    /// Relative times count from here: the first packet of the capture. Without
    /// this call they count from the first message shown.
    pub fn start(&mut self, first: Timestamp) {
        if first != Timestamp::UNKNOWN {
            self.first.get_or_insert(first);
        }
    }

    /// Appends a time; `-` where it is unknown.
    pub fn write(&mut self, out: &mut String, time: Timestamp) {
        let Some(nanos) = time.nanos() else {
            out.push('-');
            return;
        };
        let first = *self.first.get_or_insert(time);
        // What is told late adds nothing to the time that has gone by.
        let previous = self.previous.unwrap_or(time);
        self.previous = Some(time.max(previous));
        let digits = self.digits;
        match self.format {
            TimeFormat::Relative => push_seconds(out, time.since(first), digits),
            TimeFormat::Delta => push_seconds(out, time.since(previous).max(0), digits),
            TimeFormat::Epoch => push_seconds(out, nanos, digits),
            TimeFormat::Absolute => self.calendar.write(out, nanos, digits),
            TimeFormat::Daytime => {
                let begin = out.len();
                self.calendar.write(out, nanos, digits);
                // The date and the T, the Z.
                out.replace_range(begin..begin + DATE, "");
                out.pop();
            }
        }
    }
}

/// Seconds with so many digits of the fraction.
fn push_seconds(out: &mut String, nanos: i64, digits: usize) {
    if nanos < 0 {
        out.push('-');
    }
    let nanos = nanos.unsigned_abs();
    push_u64(out, nanos / SECOND.unsigned_abs());
    push_fraction(out, (nanos % SECOND.unsigned_abs()) as u32, digits);
}

/// Dates in RFC 3339. Messages come many to a second, so the text of the last
/// second is kept.
#[derive(Debug, Default)]
pub struct Calendar {
    second: Option<i64>,
    text: String,
}

impl Calendar {
    /// Appends `nanos` since the epoch as `2026-11-22T17:16:36.123456789Z`, with
    /// `digits` (1 to 9) of the fraction.
    pub fn write(&mut self, out: &mut String, nanos: i64, digits: usize) {
        let second = nanos.div_euclid(SECOND);
        if self.second != Some(second) {
            self.text.clear();
            // An i64 of nanoseconds spans the years 1677 to 2262: all of them
            // are within what an instant can be.
            let instant = Instant::from_second(second).unwrap_or_default();
            self.text.push_str(&instant.to_string());
            self.text.pop();
            self.second = Some(second);
        }
        out.push_str(&self.text);
        push_fraction(out, nanos.rem_euclid(SECOND) as u32, digits);
        out.push('Z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: i64 = 1_795_454_196_000_000_000;

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(i128::from(nanos))
    }

    fn times(format: TimeFormat, times: &[Timestamp]) -> Vec<String> {
        let mut clock = Clock::new(format);
        let write = |time: &Timestamp| {
            let mut out = String::new();
            clock.write(&mut out, *time);
            out
        };
        times.iter().map(write).collect()
    }

    #[test]
    fn each_format_reads_as_its_name_says() {
        let input = [
            at(BASE),
            at(BASE + 15_501_999),
            at(BASE + 1_015_501_999),
            at(BASE - 1_000),
        ];
        assert_eq!(
            times(TimeFormat::Relative, &input),
            ["0.000000", "0.015501", "1.015501", "-0.000001"]
        );
        assert_eq!(
            times(TimeFormat::Delta, &input),
            ["0.000000", "0.015501", "1.000000", "0.000000"]
        );
        assert_eq!(times(TimeFormat::Epoch, &input)[1], "1795454196.015501");
        assert_eq!(
            times(TimeFormat::Absolute, &input)[1],
            "2026-11-23T17:16:36.015501Z"
        );
        assert_eq!(times(TimeFormat::Relative, &[Timestamp::UNKNOWN]), ["-"]);
    }

    #[test]
    fn relative_times_count_from_the_first_packet() {
        let mut clock = Clock::new(TimeFormat::Relative);
        clock.start(at(BASE));
        let mut out = String::new();
        clock.write(&mut out, at(BASE + 2 * SECOND));
        assert_eq!(out, "2.000000");
    }

    #[test]
    fn dates_hold_over_the_whole_range() {
        let mut calendar = Calendar::default();
        let mut out = String::new();
        calendar.write(&mut out, -1, 9);
        assert_eq!(out, "1969-12-31T23:59:59.999999999Z");
        out.clear();
        calendar.write(&mut out, i64::MAX, 9);
        assert_eq!(out, "2262-04-11T23:47:16.854775807Z");
        out.clear();
        calendar.write(&mut out, i64::MIN + 1, 9);
        assert_eq!(out, "1677-09-21T00:12:43.145224193Z");
    }
}
