//! How the packets of a uTP connection went, in words.

use super::{Page, bars, counted, middle, series, span};
use crate::session::{UtpFigures, UtpLimits, UtpSideFigures};
use crate::view::quantity::{Bytes, Latency, between};

type Counted = (&'static str, fn(&UtpSideFigures) -> u64);

const CAUSES: [Counted; 6] = [
    ("  acks show loss", |side| side.resent_fast),
    ("  no ack in time", |side| side.resent_timeout),
    ("  though acked", |side| side.resent_needless),
    ("  1st not captured", |side| side.lost_before),
    ("out of order", |side| side.reordered),
    ("seen twice", |side| side.doubled),
];

/// Appends the rows.
pub(super) fn push(page: &mut Page<'_>, utp: &UtpFigures) {
    let side = |end: &super::End<'_>| utp.sides[end.side.index()];
    page.both("uTP data packets", |_, end| match side(end).packets {
        0 => String::new(),
        packets if utp.is_partial => format!("{packets} (not all followed)"),
        packets => packets.to_string(),
    });
    page.both("round trip", |_, end| span(side(end).round_trip));
    page.both("  median, 95 %", |_, end| middle(side(end).round_trip));
    page.both("delay above least", |_, end| span(side(end).delay));
    page.both("  median, 95 %", |_, end| middle(side(end).delay));
    page.both("  over time", |page, end| {
        let course = page.card.course.as_ref();
        let Some(course) = course.and_then(|course| course.sides[end.side.index()].utp.as_ref())
        else {
            return String::new();
        };
        let above_least = course.delays_above_least();
        let series = series(course.bins(), |bin| above_least(bin).unwrap_or(0));
        let most = series.iter().copied().max().unwrap_or(0);
        let nanos = i64::try_from(most.saturating_mul(1000)).unwrap_or(i64::MAX);
        bars(&series, || Latency(nanos).to_string())
    });
    page.both("in flight", |_, end| match side(end).in_flight_max {
        0 => String::new(),
        most => format!("at most {}", Bytes(most)),
    });
    page.both("  room offered", |_, end| {
        let Some([least, most]) = side(end).window else {
            return String::new();
        };
        between(Bytes(least.into()), Bytes(most.into()))
    });
    page.both("  held back by", |_, end| limits(side(end).limits));
    page.both("sent again", |_, end| counted(side(end).resent()));
    for (label, count) in CAUSES {
        page.both(label, |_, end| counted(count(&side(end))));
    }
}

/// `sender 90 %, window 8 %, loss 2 %` of the packets with data, the most first.
fn limits(limits: UtpLimits) -> String {
    let mut all = [
        ("sender", limits.sender),
        ("window", limits.window),
        ("loss", limits.loss),
    ];
    let sum: u64 = all.iter().map(|(_, count)| count).sum();
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let shares = all.iter().filter(|(_, count)| *count > 0);
    let shares = shares.map(|(name, count)| {
        let share = *count as f64 * 100.0 / sum as f64;
        format!("{name} {share:.0} %")
    });
    shares.collect::<Vec<_>>().join(", ")
}
