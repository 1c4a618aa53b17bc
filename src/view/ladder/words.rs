//! What a rung says.

use std::fmt::Write as _;

use crate::follow::{Answer, Pieces, Run, Rung, RungContent};
use crate::view::connection::Happening;
use crate::view::line;
use crate::view::quantity::{Bytes, Duration, between};
use crate::view::style::Role;
use crate::view::text::Safe;
use crate::wire::words::{Count, spoken};

/// Pieces that are named one by one.
const NAMED: usize = 4;

/// Runs that last for less are over at once.
const LEAST_NANOS: i64 = 50_000;

/// Appends what happens; says what it is.
pub fn push(out: &mut String, rung: &Rung) -> Role {
    match &rung.what {
        RungContent::Message { message, words, .. } => {
            out.push_str(&safe(words));
            line::role(message.protocol.name(), message.name)
        }
        RungContent::Run(run) => {
            push_run(out, run);
            line::role(run.message.protocol.name(), run.message.name)
        }
        RungContent::Gap(hole) => {
            let _ = write!(out, "gap: {hole}");
            Role::Problem
        }
        RungContent::Event(event) => {
            let _ = write!(out, "{}", Happening(event));
            let is_bad = event.change.is_failure() || event.open_requests != [0, 0];
            if is_bad { Role::Warning } else { Role::Setup }
        }
    }
}

/// `piece 60..75, 64 blocks, 1.00 MiB in 31.0 ms`
fn push_run(out: &mut String, run: &Run) {
    let name = spoken(run.message.name);
    out.push_str(&name);
    if let Some(pieces) = &run.pieces {
        out.push(' ');
        push_pieces(out, pieces);
    }
    match run.bytes {
        Some(bytes) => {
            let blocks = Count(run.count, "block");
            let _ = write!(out, ", {blocks}, {}", Bytes(bytes));
        }
        None if run.pieces.as_ref().is_none_or(|pieces| pieces.has_more) => {
            let _ = write!(out, ", {} of them", run.count);
        }
        None => {}
    }
}

/// `60..75`, `96, 95, 64`, or `3..97 in some order`
fn push_pieces(out: &mut String, pieces: &Pieces) {
    if pieces.is_ascending && pieces.lowest < pieces.highest {
        let _ = write!(out, "{}..{}", pieces.lowest, pieces.highest);
    } else if !pieces.has_more && pieces.first.len() <= NAMED {
        let named: Vec<String> = pieces.first.iter().map(u32::to_string).collect();
        out.push_str(&named.join(", "));
    } else {
        let _ = write!(out, "from {}..{}", pieces.lowest, pieces.highest);
    }
}

/// What there is to say beside, each with what stands before it.
pub fn details(rung: &Rung, is_wide: bool) -> Vec<String> {
    match &rung.what {
        RungContent::Message {
            answer: Some(answer),
            ..
        } => {
            let asked = Duration(answer.nanos);
            vec![format!(", asked {asked} ago (#{})", answer.request)]
        }
        RungContent::Run(run) => {
            let lasted = rung.last.time.since(rung.first.time);
            let lasted = (lasted >= LEAST_NANOS).then(|| format!(" in {}", Duration(lasted)));
            let latencies = run
                .answers
                .map(|[shortest, longest]| latencies(shortest, longest, is_wide));
            let unasked = (run.unasked > 0).then(|| format!(", {} not asked for", run.unasked));
            lasted.into_iter().chain(latencies).chain(unasked).collect()
        }
        _ => Vec::new(),
    }
}

/// How long answers took.
fn latencies(shortest: Answer, longest: Answer, is_wide: bool) -> String {
    let (least, most) = (Duration(shortest.nanos), Duration(longest.nanos));
    let asked = if is_wide {
        let with_request = |answer: Answer, after| format!("{after} (#{})", answer.request);
        between(with_request(shortest, least), with_request(longest, most))
    } else {
        between(least, most)
    };
    format!(", asked {asked} ago")
}

/// Text of a capture, made harmless.
fn safe(text: &str) -> String {
    Safe::from(text).to_string()
}
