//! What is said beside the messages of a dump: its heading, what is wrong with it, and
//! of stored items where they belong.

use std::fmt::Write as _;

use crate::paste::{Dump, Gap, Missing};
use crate::pasted::{self, Candidate, Meaning, Reading, Stretch};
use crate::view::style::Role;
use crate::wire::Message;
use crate::wire::words::Count;

/// `[Node buffer, 5 bytes: peer; or --as bencode]`
pub fn heading(dump: &Dump, reading: Reading, others: &[Candidate]) -> String {
    let bytes = Count(dump.bytes.len() as u64, "byte");
    let mut text = format!("[{}, {bytes}", dump.form);
    match dump.cut {
        Some(cut) if cut.missing.is_some() => {
            let _ = write!(
                text,
                " of {}",
                dump.bytes.len() as u64 + cut.missing.unwrap_or(0)
            );
        }
        Some(_) => text.push_str(", cut here"),
        None => {}
    }
    if reading != Reading::Bytes {
        let _ = write!(text, ": {reading}");
    }
    for (index, other) in others.iter().enumerate() {
        text.push_str(if index == 0 { "; or --as " } else { ", " });
        text.push_str(other.reading.name());
    }
    text.push(']');
    text
}

/// That the bytes of a value are not in the text.
pub fn gap(gap: &Gap) -> String {
    let (place, path) = (gap.place, &gap.path);
    match &gap.missing {
        Missing::Unprinted(shown) => format!("  {place} not printed: {path} ({shown})"),
        Missing::Damaged { lost, length } => format!(
            "  {place} damaged: {path}, {lost} of {} were lost before this was printed",
            Count(*length as u64, "byte")
        ),
    }
}

/// Why a dump ends where it does, if that is not where its last message ends.
pub fn end(dump: &Dump, parts: &[Stretch<'_>]) -> Option<String> {
    if let Some(place) = dump.repeats {
        return Some(format!(
            "  {place} the last row is there again, and nothing says how often (od -v prints all)"
        ));
    }
    if let Some(place) = dump.breaks {
        return Some(format!(
            "  breaks at {place}: bytes were lost there before this was printed, or a length is wrong"
        ));
    }
    let goes_on = |part: &Stretch<'_>| part.is_cut && part.missing() == 0;
    let is_cut = parts.last().is_some_and(goes_on);
    is_cut.then(|| "  cut here: more bytes followed".to_owned())
}

/// Where a stored item of the DHT belongs, and whether its signature holds.
pub fn item(part: &Stretch<'_>) -> Option<(Role, String)> {
    let meaning = part.dissect(&mut ()).message;
    let Meaning::Message(Message::Dht(message)) = &meaning else {
        return None;
    };
    let item = pasted::item(message)?;
    let target = hex::encode(item.target);
    let (role, item) = match item.is_signed {
        None => (Role::Quiet, "immutable item"),
        Some(true) => (Role::Quiet, "signature verified"),
        Some(false) => (Role::Problem, "the signature does not hold"),
    };
    Some((role, format!("  {item}, target {target}")))
}
