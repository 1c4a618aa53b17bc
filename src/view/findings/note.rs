//! A finding as a line of plain text, for a place where there is only the packet.

use crate::findings::Finding;
use crate::view::text::Safe;

/// What a finding says of one of its packets:
/// `peerscope: error RQ-04: WORDS (BEP 3), 10.0.0.1:6881 to 10.0.0.2:40000`. Of
/// all but the first packet only that it was there again.
pub fn finding_note(finding: &Finding, frame: u64) -> String {
    let rule = finding.rule;
    let first = finding.first.frame;
    let words = if frame == first {
        finding.words.clone()
    } else {
        format!("{}, as in packet {first}", rule.title)
    };
    let bep = finding.bep.map(|bep| format!(" (BEP {bep})"));
    let note = format!(
        "peerscope: {} {}: {words}{}, {} to {}",
        finding.severity.name(),
        rule.id,
        bep.unwrap_or_default(),
        finding.place.src,
        finding.place.dst,
    );
    Safe::from(note.as_str()).to_string()
}
