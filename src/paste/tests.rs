//! What is found in which text.

mod forms;
mod printers;
mod words;

use super::*;

/// The dumps in a text that has no fault.
fn dumps(text: &str) -> Vec<Dump> {
    let pasted = read(text);
    assert_eq!(pasted.fault, None, "{text}");
    let dump = |section| match section {
        Section::Dump(dump) => Some(dump),
        Section::Context(_) | Section::Logged(_) => None,
    };
    pasted.sections.into_iter().filter_map(dump).collect()
}

/// The bytes of the only dump in a text.
#[track_caller]
fn only(text: &str) -> Vec<u8> {
    let dumps = dumps(text);
    assert_eq!(dumps.len(), 1, "{text}\n{dumps:?}");
    dumps.into_iter().next().unwrap().bytes
}

#[track_caller]
/// Place and reason of the fault in a text.
fn fault(text: &str) -> String {
    let pasted = read(text);
    let Some(fault) = pasted.fault else {
        panic!("no fault in {text}: {pasted:?}");
    };
    fault.to_string()
}
