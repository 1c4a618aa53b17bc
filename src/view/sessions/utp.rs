//! How the packets of a uTP connection went, in JSON.

use super::values::{push_key, push_latency, push_values_by_key};
use crate::report::{Bins, UtpBin, UtpCourse};
use crate::session::UtpSideFigures;
use crate::view::json::push_optional;
use crate::view::number::push_u64;

/// The figures of a side.
pub(super) fn push_side(out: &mut String, side: &UtpSideFigures, is_partial: bool) {
    let counts = [
        ("packets", side.packets),
        ("resent", side.resent()),
        ("resent_fast", side.resent_fast),
        ("resent_timeout", side.resent_timeout),
        ("resent_needless", side.resent_needless),
        ("lost_before", side.lost_before),
        ("reordered", side.reordered),
        ("doubled", side.doubled),
        ("in_flight_max", side.in_flight_max),
        ("limited_by_sender", side.limits.sender),
        ("limited_by_window", side.limits.window),
        ("limited_by_loss", side.limits.loss),
    ];
    push_values_by_key(out, counts.map(|(key, count)| (key, Some(count))));
    let window = |index: usize| side.window.map(|window| u64::from(window[index]));
    push_key(out, "window_min");
    push_optional(out, window(0));
    push_key(out, "window_max");
    push_optional(out, window(1));
    push_key(out, "round_trip_us");
    push_latency(out, side.round_trip);
    push_key(out, "base_delay_us");
    push_optional(out, side.base_delay_micros.map(u64::from));
    push_key(out, "delay_us");
    push_latency(out, side.delay);
    push_key(out, "partial");
    out.push_str(if is_partial { "true" } else { "false" });
    out.push('}');
}

/// How it went over time.
pub(super) fn push_course(out: &mut String, course: &UtpCourse) {
    let bins = course.bins();
    out.push_str("{\"bin_us\":");
    push_u64(out, bins.width_nanos() / 1000);
    push_values(out, bins, "packets", |bin| Some(bin.packets.into()));
    push_values(out, bins, "resent", |bin| Some(bin.resent.into()));
    push_values(out, bins, "delay_us", course.delays_above_least());
    push_values(out, bins, "round_trip_us", |bin| {
        Some(bin.round_trip?.unsigned_abs() / 1000)
    });
    push_values(out, bins, "in_flight", |bin| bin.in_flight);
    push_values(out, bins, "window", |bin| bin.window.map(u64::from));
    out.push('}');
}

fn push_values(
    out: &mut String,
    bins: &Bins<UtpBin>,
    key: &str,
    value: impl Fn(&UtpBin) -> Option<u64>,
) {
    push_key(out, key);
    for (index, (_, bin)) in bins.all().enumerate() {
        out.push(if index == 0 { '[' } else { ',' });
        push_optional(out, value(bin));
    }
    out.push_str(if bins.is_empty() { "[]" } else { "]" });
}
