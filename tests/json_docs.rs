//! `docs/json.md` names every message of the catalogue with its fields and its
//! BEP, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use peerscope::wire::catalogue::{self, Entry, Protocol};
use peerscope::wire::{Kind, MessageType};

fn docs() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md")).unwrap()
}

/// The part of the page about a protocol: from its heading to the next one.
fn section(docs: &str, protocol: Protocol) -> &str {
    let heading = format!("\n## `{protocol}`");
    let start = docs.find(&heading).expect("a section for each protocol") + heading.len();
    let length = docs[start..].find("\n## ");
    &docs[start..length.map_or(docs.len(), |length| start + length)]
}

/// The names in backquotes.
fn names(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The cells of a row of a table, without its heading and rule.
fn rows(section: &str) -> impl Iterator<Item = Vec<&str>> {
    section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
}

/// Records have neither framing nor what the name of the message says.
fn is_in_records(entry: &Entry) -> bool {
    !matches!(entry.field.kind, Kind::Framing) && !entry.field.is_implied
}

/// The protocols of captures; the fields of metainfo files are the keys that
/// their BEPs define.
fn protocols() -> impl Iterator<Item = Protocol> {
    let all = Protocol::ALL.into_iter();
    all.filter(|protocol| *protocol != Protocol::Metainfo)
}

#[test]
fn every_message_has_a_row_and_every_row_a_message() {
    let docs = docs();
    for protocol in protocols() {
        let rows = rows(section(&docs, protocol));
        let told: BTreeSet<_> = rows.flat_map(|row| names(row[0])).collect();
        let all = protocol.messages().iter().map(|message| message.name);
        assert_eq!(told, all.collect(), "{protocol}");
    }
}

#[test]
fn every_field_of_a_message_is_in_its_section() {
    let docs = docs();
    for protocol in protocols() {
        let told = names(section(&docs, protocol));
        let told_anywhere = names(&docs);
        for message in protocol.messages() {
            let fields = catalogue::fields(message).filter(is_in_records);
            for entry in fields {
                let key = entry.field.key();
                // How items of a list are called is told among the types.
                let is_item = entry
                    .within
                    .iter()
                    .any(|field| matches!(field.kind, Kind::List));
                let told = if is_item { &told_anywhere } else { &told };
                assert!(told.contains(key), "{protocol} {}: `{key}`", message.name);
            }
        }
    }
}

/// On the peer wire a row has the fields of its messages and no others, but for
/// those that it says a message wraps.
#[test]
fn a_row_of_the_peer_wire_names_the_fields_of_its_messages() {
    let docs = docs();
    let mut before = BTreeSet::new();
    for row in rows(section(&docs, Protocol::Peer)) {
        let messages: Vec<&MessageType> = names(row[0])
            .into_iter()
            .map(|name| catalogue::message(Protocol::Peer, name).unwrap())
            .collect();
        let mut told = names(row[1]);
        if row[1].starts_with("the same") {
            told.append(&mut before);
        }
        for message in &messages {
            for entry in catalogue::fields(message).filter(is_in_records) {
                let key = entry.field.key();
                let is_item = !entry.within.is_empty();
                assert!(is_item || told.contains(key), "{}: `{key}`", message.name);
            }
            let bep = message.bep.map(|bep| bep.to_string()).unwrap_or_default();
            assert_eq!(row[2], bep, "{}", message.name);
        }
        before = told;
    }
}

#[test]
fn what_any_message_can_have_is_told() {
    let docs = docs();
    let told = names(&docs);
    for entry in catalogue::anywhere().filter(is_in_records) {
        assert!(told.contains(entry.field.key()), "{}", entry.field.name);
    }
}
