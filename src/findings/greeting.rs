//! Faults of handshakes as causes: whoever reads one answers nothing, and says no why.

use super::cause::{Cause, Weight};
use super::finding::Finding;
use super::names::name;
use super::rules::{HS_01, HS_09, HS_10};
use super::scene::span;
use crate::flow::Side;
use crate::session::Ended;
use crate::wire::Severity;

/// Why `ended` came to nothing, where a side began it with a handshake that nobody
/// reads, or with none. It may take the other side as long as it likes to give up; where
/// it went on all the same, this is not why.
pub fn cause<'f>(
    ended: &Ended<'_>,
    mut findings: impl Iterator<Item = &'f Finding>,
) -> Option<Cause> {
    let (closer, finish) = ended.first_finish()?;
    let fault = findings.find(|finding| {
        let is_of_handshake = [&HS_01, &HS_09, &HS_10].contains(&finding.rule);
        is_of_handshake && finding.severity == Severity::Error
    })?;
    let side = if fault.place.src == ended.connection.address(Side::Initiator) {
        Side::Initiator
    } else {
        Side::Acceptor
    };
    let reader = ended.conversation.speaker(side.other());
    let seen = &reader.milestones;
    let went_on = [seen.interested, seen.unchoke, seen.request, seen.piece];
    if went_on.iter().any(Option::is_some) {
        return None;
    }
    let [sender, other] = [side, side.other()].map(|side| name(ended, side));
    let act = if finish.reset { "reset" } else { "closed" };
    let after = span(finish.stamp.time.since(fault.last.time).max(0));
    let deed = fault.rule.deed;
    let is_silent = ended.sent[side.other().index()] == 0 && !ended.is_hidden(side.other());
    let words = match (closer == side, is_silent) {
        (false, _) => format!("{sender} {deed}, and {other} {act} the connection {after} later"),
        (true, true) => format!(
            "{sender} {deed}, {other} did not answer, and {sender} {act} the connection {after} later"
        ),
        (true, false) => format!("{sender} {deed}, and {act} the connection {after} later"),
    };
    let mut frames = vec![fault.last.frame, finish.stamp.frame];
    frames.dedup();
    Some(Cause {
        weight: Weight::Explained,
        by: Some(closer),
        stamp: finish.stamp,
        frames,
        words,
        evidence: Vec::new(),
        rule: Some(fault.rule),
        then: None,
    })
}
