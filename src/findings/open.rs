//! Requests that are open when a connection ends.

use super::names::name;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::Ended;

/// How long the requests of a side that are open have waited, in nanoseconds.
pub fn ages(ended: &Ended<'_>, side: Side, at: Stamp) -> impl Iterator<Item = i64> {
    let is_known = !lacks_answers(ended, side);
    let ages = ended
        .unanswered(side)
        .filter(move |_| is_known)
        .map(move |(_, asked)| at.time.since(asked.time));
    ages.filter(|age| *age >= 0)
}

/// Whether answers to the requests of a side may be among what the capture lacks.
fn lacks_answers(ended: &Ended<'_>, side: Side) -> bool {
    let other = side.other();
    ended.is_hidden(other) || ended.conversation.speaker(other).lost_messages > 0
}

/// The requests that are open, in words.
pub fn open_requests(ended: &Ended<'_>, at: Stamp) -> Vec<String> {
    let mut evidence = Vec::new();
    for side in Side::BOTH {
        let count = ages(ended, side, at).count();
        let [asker, other] = [side, side.other()].map(|side| name(ended, side));
        let is_open = ended.conversation.speaker(side).requests.open() > 0;
        if is_open && lacks_answers(ended, side) {
            evidence.push(format!(
                "whether requests of {asker} were answered cannot be seen: the capture lacks what \
                 {other} sent, or part of it"
            ));
        } else if count > 0 {
            evidence.push(match count {
                1 => format!("a request of {asker} was not answered"),
                _ => format!("{count} requests of {asker} were not answered"),
            });
        }
    }
    evidence
}
