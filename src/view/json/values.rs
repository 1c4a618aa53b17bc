//! Single values of JSON.

use crate::capture::Timestamp;
use crate::view::clock::Calendar;
use crate::view::number::push_u64;

/// Appends a time: RFC 3339 with nine digits, `null` when unknown.
pub(in crate::view) fn push_time(out: &mut String, calendar: &mut Calendar, time: Timestamp) {
    match time.nanos() {
        Some(nanos) => {
            out.push('"');
            calendar.write(out, nanos, 9);
            out.push('"');
        }
        None => out.push_str("null"),
    }
}

/// Appends a number, or `null`.
pub(in crate::view) fn push_optional(out: &mut String, number: Option<u64>) {
    match number {
        Some(number) => push_u64(out, number),
        None => out.push_str("null"),
    }
}
