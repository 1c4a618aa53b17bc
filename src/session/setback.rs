//! What the transport of a connection met, in words.

use crate::flow::{Connection, Setback, Side, Unreachable};
use crate::packet::{Stamp, UnreachableReason};
use crate::wire::words::Count;

/// Why what a side sent did not get through, or was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetbackWords {
    /// In words, as one clause.
    pub words: String,
    /// What else there is to say.
    pub evidence: Vec<String>,
    /// The packets that show it, in their order.
    pub frames: Vec<u64>,
    /// The first packet by which it shows.
    since: Stamp,
    /// The last packet by which it shows.
    pub last: Stamp,
}

/// Of each side what its transport met, if that is why its bytes did not get through;
/// `name` is what a side is called. What came after the first side stopped sending, in the
/// packet `end`, is no reason for anything.
pub fn setbacks<'a>(
    connection: &'a Connection,
    end: Option<Stamp>,
    name: impl Fn(Side) -> String + 'a,
) -> impl Iterator<Item = SetbackWords> + 'a {
    let is_before =
        move |setback: &SetbackWords| end.is_none_or(|end| setback.since.frame < end.frame);
    let of_sides = Side::BOTH.into_iter().filter_map(move |side| {
        let setback = connection.troubles.setback(side, connection.last)?;
        let names = [side, side.other()].map(&name);
        Some(in_words(&setback, &names))
    });
    of_sides.filter(is_before)
}

fn in_words(setback: &Setback, [me, other]: &[String; 2]) -> SetbackWords {
    let seconds = |from: Stamp, to: Stamp| {
        let nanos = to.time.since(from.time).max(0);
        format!("{:.1} s", nanos as f64 / 1e9)
    };
    match *setback {
        Setback::Unacknowledged {
            segment,
            heard,
            is_first_large,
            error,
        } => {
            let what = format!(
                "{me} sent the same {} {} times until #{}, over {}",
                Count(segment.length.into(), "byte"),
                segment.times,
                segment.last.frame,
                seconds(segment.first, segment.last)
            );
            let is_silent = heard < segment.first.frame;
            let words = if is_silent {
                format!("{other} acknowledged nothing after #{heard}: {what}")
            } else {
                format!(
                    "{what}, and {other} never acknowledged them, though it is there up to #{heard}"
                )
            };
            let mut evidence = Vec::new();
            if is_first_large {
                evidence.push(format!(
                    "they are the first segment of {me} that is so large, and all smaller ones before got \
                     through: most likely packets of this size do not pass (path MTU)"
                ));
            }
            evidence.extend(error.map(|(error, times)| error_words(&error, times, me)));
            SetbackWords {
                words,
                evidence,
                frames: vec![
                    heard.min(segment.first.frame),
                    segment.first.frame,
                    segment.last.frame,
                ],
                since: segment.first,
                last: segment.last,
            }
        }
        Setback::ClosedWindow(since) => SetbackWords {
            words: format!(
                "{other} has had no room for what {me} sends since #{} (a receive window of 0): it does not read",
                since.frame
            ),
            evidence: Vec::new(),
            frames: vec![since.frame],
            since,
            last: since,
        },
        Setback::Unanswered(probes, heard) => SetbackWords {
            words: format!(
                "nothing came from {other} after #{heard}: it answered none of {} of {me} that ask whether it \
                 is there (keep-alive of TCP), from #{} to #{}",
                Count(probes.times.into(), "packet"),
                probes.first.frame,
                probes.last.frame
            ),
            evidence: Vec::new(),
            frames: vec![heard, probes.first.frame, probes.last.frame],
            since: probes.first,
            last: probes.last,
        },
        Setback::Undelivered(error, times, heard) => SetbackWords {
            words: format!(
                "nothing came from {other} after #{heard}: {}",
                error_words(&error, times, me)
            ),
            evidence: Vec::new(),
            frames: vec![heard, error.stamp.frame],
            since: error.stamp,
            last: error.stamp,
        },
    }
}

/// What routers said of the packets of `me`.
fn error_words(error: &Unreachable, times: u32, me: &str) -> String {
    let router = error.router;
    let frame = error.stamp.frame;
    let of = match times {
        1 => format!("a packet of {me}"),
        _ => format!("{times} packets of {me}"),
    };
    let why = match error.reason {
        UnreachableReason::TooBig { mtu: 0 } => "too large for the path".to_owned(),
        UnreachableReason::TooBig { mtu } => {
            format!("too large for the path, which takes {mtu} bytes at most")
        }
        reason => format!("not delivered ({})", reason.name()),
    };
    let verb = if times == 1 { "was" } else { "were" };
    format!("{router} says in #{frame} that {of} {verb} {why} (ICMP)")
}
