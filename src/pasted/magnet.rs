//! Magnet links (BEP 9, BEP 53).

use std::fmt::Write as _;
use std::ops::Range;

use super::meaning::Meaning;
use crate::wire::magnet::ExactTopic;
use crate::wire::words::Count;
use crate::wire::{
    Anomaly, Dissected, Field, Kind, Label, Malformed, Problem, Reader, Sink, Value, percent,
};

/// What every link begins with.
pub const PREFIX: &[u8] = b"magnet:?";

static SCHEME: Field = Field::new(
    "scheme",
    Kind::Framing,
    "What every magnet link begins with.",
);
static SEPARATOR: Field = Field::new("separator", Kind::Framing, "Between two parameters.");
static PARAMETER: Field = Field::new(
    "parameter",
    Kind::Escaped(&Kind::Text),
    "A parameter without a known meaning.",
);

/// The parameters that are known.
static KNOWN: [Field; 7] = [
    Field::new(
        "xt",
        Kind::Text,
        "What the link is for: a hash of the torrent.",
    ),
    Field::new("dn", Kind::Escaped(&Kind::Text), "The name to show."),
    Field::new("tr", Kind::Escaped(&Kind::Text), "A tracker."),
    Field::new("ws", Kind::Escaped(&Kind::Text), "A web seed."),
    Field::new("x.pe", Kind::Escaped(&Kind::Text), "A peer."),
    Field::new("xl", Kind::Text, "Bytes of the content."),
    Field::new("so", Kind::Text, "The files that are wanted."),
];

/// The same as lists.
static LISTS: [Field; KNOWN.len()] = [
    list("xt"),
    list("dn"),
    list("tr"),
    list("ws"),
    list("x.pe"),
    list("xl"),
    list("so"),
];

const fn list(name: &'static str) -> Field {
    Field::new(name, Kind::List, "Several of these.")
}

/// A link for nothing.
static NO_INFO_HASH: Anomaly = Anomaly::error(
    "MI-04",
    9,
    "neither urn:btih: with 40 hex or 32 base32 digits, nor urn:btmh:1220 with 64",
)
.plain();

/// What a link says, for its line.
#[derive(Default)]
struct Facts {
    hashes: Vec<String>,
    name: Option<String>,
    trackers: u64,
    peers: u64,
    malformed: Option<Malformed>,
}

/// Reads a link; the fields cover every byte.
pub fn dissect<'b, S: Sink>(bytes: &[u8], length: usize, sink: &mut S) -> Dissected<Meaning<'b>> {
    let mut reader = Reader::new(bytes, length, sink);
    reader.bulk(&SCHEME, PREFIX.len());
    let mut facts = Facts::default();
    // The list that is open, and how many items it has.
    let mut list: Option<(usize, u32)> = None;
    loop {
        let rest = reader.rest();
        if rest.is_empty() {
            break;
        }
        let start = reader.at();
        let end = rest
            .iter()
            .position(|byte| *byte == b'&')
            .unwrap_or(rest.len());
        let parameter = &rest[..end];
        let equals = parameter.iter().position(|byte| *byte == b'=');
        let key = &parameter[..equals.unwrap_or(0)];
        let value = equals.map_or(start, |at| start + at + 1)..start + end;
        let known = KNOWN.iter().position(|field| is_key(key, field));
        facts.parameter(known, &bytes[value.clone()], start);
        if list.is_some_and(|(index, _)| known != Some(index)) {
            reader.close();
            list = None;
        }
        if let Some(index) = known.filter(|index| list.is_none() && repeats(&rest[end..], *index)) {
            reader.open(Label::Field(&LISTS[index]));
            list = Some((index, 0));
        }
        let field = known.map_or(&PARAMETER, |index| &KNOWN[index]);
        let label = list.map_or(Label::Field(field), |(_, item)| Label::Item(item, field));
        list = list.map(|(index, item)| (index, item + 1));
        leaf(&mut reader, label, end, value);
        if !reader.rest().is_empty() {
            reader.bulk(&SEPARATOR, 1);
        }
    }
    if list.is_some() {
        reader.close();
    }
    if reader.left() > 0 {
        reader.remainder(&PARAMETER);
    }
    let malformed = facts.malformed;
    let meaning = Meaning::Other {
        protocol: "magnet",
        name: "magnet",
        summary: facts.summary(),
    };
    Dissected {
        message: meaning,
        problem: malformed.map(Problem::Malformed),
    }
}

/// Whether a key is that of a field; keys may be numbered: `tr.1`, `xt.2`.
fn is_key(key: &[u8], field: &Field) -> bool {
    let number = key.strip_prefix(field.name.as_bytes());
    number.is_some_and(|number| number.is_empty() || number.starts_with(b"."))
}

/// Whether the next parameter has the same key.
fn repeats(after: &[u8], index: usize) -> bool {
    let next = after.strip_prefix(b"&").unwrap_or_default();
    let mut key = next.split(|byte| *byte == b'=');
    key.next().is_some_and(|key| is_key(key, &KNOWN[index]))
}

/// Claims a parameter of which `value` is the value.
fn leaf<S: Sink>(reader: &mut Reader<'_, '_, S>, label: Label, length: usize, value: Range<usize>) {
    let start = reader.at();
    let value = Value::Bytes {
        start: value.start as u32,
        end: value.end as u32,
    };
    reader.sink().leaf(label, start, start + length, value);
    reader.advance(length);
}

impl Facts {
    fn parameter(&mut self, known: Option<usize>, value: &[u8], at: usize) {
        match known.map(|index| KNOWN[index].name) {
            Some("xt") => {
                if let Some(hash) = hash(value) {
                    self.hashes.push(hash);
                } else {
                    self.malformed
                        .get_or_insert(Malformed::new(at, &NO_INFO_HASH));
                }
            }
            Some("dn") => {
                let name = percent::decode(value);
                self.name = Some(String::from_utf8_lossy(&name).replace('+', " "));
            }
            Some("tr") => self.trackers += 1,
            Some("x.pe") => self.peers += 1,
            _ => {}
        }
    }

    fn summary(&self) -> String {
        let mut words = String::from("link");
        if let Some(name) = &self.name {
            words += " of ";
            words += name;
        }
        for hash in &self.hashes {
            words += ", info-hash ";
            words += hash;
        }
        for (count, what) in [(self.trackers, "tracker"), (self.peers, "peer")] {
            if count > 0 {
                let _ = write!(words, ", {}", Count(count, what));
            }
        }
        words
    }
}

/// The hash that `xt` names, in hex.
fn hash(value: &[u8]) -> Option<String> {
    let topic = percent::decode(value);
    match ExactTopic::parse(std::str::from_utf8(&topic).ok()?) {
        Ok(ExactTopic::V1(hash)) => Some(hex::encode(hash)),
        Ok(ExactTopic::V2(hash)) => Some(hex::encode(hash)),
        Ok(ExactTopic::Other) | Err(_) => None,
    }
}
