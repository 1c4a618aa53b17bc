//! Rungs as JSON: an object a line (`docs/json.md`).

use std::fmt::Write as _;

use crate::follow::{Answer, Remark, Rung, RungContent, SideStances};
use crate::view::clock::Calendar;
use crate::view::json::{push_optional, push_string, push_time};
use crate::view::number::push_u64;

/// The names of the sides.
const SIDES: [&str; 2] = ["initiator", "acceptor"];

/// Writes rungs, in a buffer that it reuses.
#[derive(Debug, Default)]
pub struct LadderJson {
    out: String,
    calendar: Calendar,
}

impl LadderJson {
    /// The line of a rung of the connection `stream`, line feed included.
    pub fn rung(&mut self, stream: u64, rung: &Rung) -> &[u8] {
        let out = &mut self.out;
        out.clear();
        let (kind, message) = match &rung.what {
            RungContent::Message { message, .. } => ("message", message.name),
            RungContent::Run(run) => ("run", run.message.name),
            RungContent::Gap(_) => ("gap", "gap"),
            RungContent::Event(event) => ("event", event.change.name()),
        };
        let _ = write!(out, "{{\"kind\":\"{kind}\",\"stream\":{stream},\"time\":");
        push_time(out, &mut self.calendar, rung.first.time);
        out.push_str(",\"frame\":");
        push_u64(out, rung.first.frame);
        out.push_str(",\"last_time\":");
        push_time(out, &mut self.calendar, rung.last.time);
        out.push_str(",\"last_frame\":");
        push_u64(out, rung.last.frame);
        let from = SIDES[rung.from.index()];
        let _ = write!(out, ",\"from\":\"{from}\",\"message\":");
        push_string(out, message);
        out.push_str(",\"summary\":");
        let mut words = String::new();
        super::words::push(&mut words, rung);
        push_string(out, &words);
        let (count, pieces, bytes, answers) = match &rung.what {
            RungContent::Run(run) => (run.count, run.pieces.as_ref(), run.bytes, run.answers),
            RungContent::Message { answer, .. } => {
                (1, None, None, answer.map(|answer| [answer; 2]))
            }
            RungContent::Gap(hole) => (1, None, hole.missing, None),
            RungContent::Event(_) => (1, None, None, None),
        };
        let _ = write!(out, ",\"count\":{count},\"pieces\":");
        match pieces {
            Some(pieces) => {
                let _ = write!(out, "[{},{}]", pieces.lowest, pieces.highest);
            }
            None => out.push_str("null"),
        }
        out.push_str(",\"bytes\":");
        push_optional(out, bytes);
        out.push_str(",\"latency_us\":");
        push_answers(out, answers);
        for (name, side) in SIDES.into_iter().zip(rung.stances.sides) {
            let _ = write!(out, ",\"{name}\":");
            push_stances(out, side);
        }
        push_remarks(out, &rung.remarks);
        out.push_str("}\n");
        out.as_bytes()
    }
}

fn push_remarks(out: &mut String, remarks: &[Remark]) {
    if remarks.is_empty() {
        return;
    }
    out.push_str(",\"anomalies\":[");
    for (index, remark) in remarks.iter().enumerate() {
        out.push_str(if index == 0 { "{\"id\":" } else { ",{\"id\":" });
        match remark.rule {
            Some(rule) => push_string(out, rule),
            None => out.push_str("null"),
        }
        out.push_str(",\"note\":");
        push_string(out, &remark.words);
        out.push('}');
    }
    out.push(']');
}

fn push_answers(out: &mut String, answers: Option<[Answer; 2]>) {
    let Some([shortest, longest]) = answers else {
        return out.push_str("null");
    };
    let micros = |answer: Answer| answer.nanos.max(0) / 1000;
    let _ = write!(
        out,
        "{{\"min\":{},\"max\":{}}}",
        micros(shortest),
        micros(longest)
    );
}

fn push_stances(out: &mut String, side: SideStances) {
    let word = |is_on: Option<bool>| match is_on {
        Some(true) => "true",
        Some(false) => "false",
        None => "null",
    };
    let _ = write!(
        out,
        "{{\"choking\":{},\"interested\":{},\"open_requests\":{}}}",
        word(side.choking),
        word(side.interested),
        side.open
    );
}
