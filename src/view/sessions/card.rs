//! What is told of a connection that is shown with all that is known of it.

use super::utp;
use super::values::{SIDES, push_key, push_values_by_key};
use crate::flow::Side;
use crate::packet::Stamp;
use crate::report::{Bins, Capability, Card, Course, Merge, capabilities};
use crate::view::json::{push_optional, push_string};
use crate::view::number::push_u64;

/// The keys that only a card has.
pub fn push_card(out: &mut String, card: &Card) {
    push_key(out, "pieces");
    push_optional(out, card.pieces.map(u64::from));
    push_key(out, "have");
    push_both(out, |out, side| {
        push_optional(out, card.profiles[side.index()].pieces.map(u64::from));
    });
    push_key(out, "reqq");
    push_both(out, |out, side| {
        let reqq = card.profiles[side.index()].limits.reqq;
        push_optional(out, reqq.and_then(|reqq| u64::try_from(reqq).ok()));
    });
    push_key(out, "milestones_us");
    push_both(out, |out, side| push_milestones(out, card, side));
    push_key(out, "capabilities");
    let all = capabilities(card);
    push_both(out, |out, side| push_capabilities(out, &all, side));
    if let Some(utp) = &card.utp {
        push_key(out, "utp");
        push_both(out, |out, side| {
            utp::push_side(out, &utp.sides[side.index()], utp.is_partial);
        });
    }
    if let Some(course) = &card.course {
        push_course(out, course);
    }
}

/// When a side did what for the first time, in microseconds of the connection.
fn push_milestones(out: &mut String, card: &Card, side: Side) {
    let own = card.profiles[side.index()].milestones;
    let start = card.past.connection.first.time;
    let stamps = [
        ("handshake", own.handshake),
        ("interested", own.interested),
        ("unchoke", own.unchoke),
        ("request", own.request),
        ("piece", own.piece),
    ];
    let micros = |stamp: Stamp| stamp.time.since(start).max(0).unsigned_abs() / 1000;
    push_values_by_key(out, stamps.map(|(key, stamp)| (key, stamp.map(micros))));
    out.push('}');
}

/// How the connection went over time.
fn push_course(out: &mut String, course: &Course) {
    push_key(out, "data_over_time");
    push_both(out, |out, side| {
        let data = &course.sides[side.index()].data;
        push_series(out, data, |bytes| *bytes);
    });
    push_key(out, "queue_over_time");
    push_both(out, |out, side| {
        let queue = &course.sides[side.index()].queue;
        push_series(out, queue, |queue| {
            u64::from(queue.most.unwrap_or(queue.last))
        });
    });
    if course.sides.iter().any(|side| side.utp.is_some()) {
        push_key(out, "utp_over_time");
        push_both(out, |out, side| match &course.sides[side.index()].utp {
            Some(utp) => utp::push_course(out, utp),
            None => out.push_str("null"),
        });
    }
}

fn push_both(out: &mut String, push: impl Fn(&mut String, Side)) {
    for (index, side) in Side::BOTH.into_iter().enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        push_string(out, SIDES[side.index()]);
        out.push(':');
        push(out, side);
    }
    out.push('}');
}

fn push_capabilities(out: &mut String, all: &[Capability], side: Side) {
    out.push('{');
    for (index, one) in all.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_string(out, &one.name);
        let own = one.sides[side.index()];
        out.push_str(":{\"announced\":");
        out.push_str(match own.announced {
            Some(true) => "true",
            Some(false) => "false",
            None => "null",
        });
        out.push_str(",\"sent\":");
        push_u64(out, own.used);
        out.push_str(",\"unannounced\":");
        out.push_str(if own.is_unannounced { "true" } else { "false" });
        out.push('}');
    }
    out.push('}');
}

pub fn push_series<T: Merge>(out: &mut String, bins: &Bins<T>, value: impl Fn(&T) -> u64) {
    out.push_str("{\"bin_us\":");
    push_u64(out, bins.width_nanos() / 1000);
    out.push_str(",\"values\":[");
    for (index, (_, bin)) in bins.all().enumerate() {
        if index > 0 {
            out.push(',');
        }
        push_u64(out, value(bin));
    }
    out.push_str("]}");
}
