//! What a name means: looked up in the catalogue.

use super::fact::Fact;
use super::nearest::hint as hint_of;
use crate::wire::catalogue::{self, Entry, Protocol};
use crate::wire::{Field, Kind, MessageType};

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Subject {
    /// Messages.
    Messages(Vec<&'static MessageType>),
    /// A fact.
    Fact(Fact),
    /// Fields.
    Fields(Fields),
}

/// The fields of one name.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// Where they can be.
    pub places: Vec<Place>,
    /// The fact of the same name.
    pub fact: Option<Fact>,
    /// The fact counts only in a message without such a field.
    pub is_fallback: bool,
}

/// Where a field can be.
#[derive(Debug, Clone)]
pub struct Place {
    /// The message; `None` for any.
    pub message: Option<&'static MessageType>,
    /// The field.
    pub field: &'static Field,
    /// What it has to be in, outermost first.
    pub within: Vec<&'static Field>,
    /// A key of the sender's own in the dictionary that the field is.
    pub key: Option<String>,
    /// The kinds that its values have: of a list those of its items.
    pub kinds: Vec<Kind>,
    /// It is a list, or an item of one: more than one value is meant.
    pub is_many: bool,
}

impl Place {
    /// Whether the same field is meant.
    fn is_same(&self, other: &Self) -> bool {
        self.message == other.message && self.field == other.field && self.within == other.within
    }
}

/// What is wrong with a name.
pub type Reason = String;

/// Fields of a message that are named to help.
const HELPING: usize = 8;

/// Protocols whose messages captures are decoded to.
pub fn messages() -> impl Iterator<Item = &'static MessageType> {
    catalogue::messages().filter(|message| message.protocol != Protocol::Metainfo)
}

/// What a name that stands alone means: a message, else that a field is there.
pub fn alone(name: &str) -> Result<Subject, Reason> {
    let called: Vec<_> = messages()
        .filter(|message| is_called(message, name))
        .collect();
    if called.is_empty() {
        field(name)
    } else {
        Ok(Subject::Messages(called))
    }
}

/// Whether a name is that of a message, with or without its protocol, or of its
/// protocol.
fn is_called(message: &MessageType, name: &str) -> bool {
    let protocol = message.protocol.name();
    let within = name.strip_prefix(protocol);
    let within = within.and_then(|rest| rest.strip_prefix('.'));
    name == message.name || name == protocol || within == Some(message.name)
}

/// What the name of a field means.
pub fn field(name: &str) -> Result<Subject, Reason> {
    let fact = Fact::of(name);
    if let Some(fact) = fact.filter(|fact| *fact != Fact::InfoHash) {
        return Ok(Subject::Fact(fact));
    }
    let mut fields = Fields {
        places: places(name),
        fact: fact.or(Fact::behind(name)),
        is_fallback: fact.is_none(),
    };
    if fields.places.is_empty() {
        fields.places = keys(name);
    }
    if fields.places.is_empty() {
        return Err(unknown(name));
    }
    Ok(Subject::Fields(fields))
}

/// A name read as qualifiers and the rest.
#[derive(Clone, Copy)]
struct Reading<'n> {
    protocol: Option<Protocol>,
    message: Option<&'n str>,
    rest: &'n str,
}

impl Reading<'_> {
    fn admits(&self, message: &MessageType) -> bool {
        self.protocol
            .is_none_or(|protocol| protocol == message.protocol)
            && self.message.is_none_or(|name| name == message.name)
    }

    fn is_qualified(&self) -> bool {
        self.protocol.is_some() || self.message.is_some()
    }
}

/// The ways to read a name: `peer.request.index`, `request.index`, `peer.index`,
/// `index`.
fn readings(name: &str) -> Vec<Reading<'_>> {
    let plain = Reading {
        protocol: None,
        message: None,
        rest: name,
    };
    let mut readings = vec![plain];
    let Some((first, rest)) = name.split_once('.') else {
        return readings;
    };
    if messages().any(|message| message.name == first) {
        readings.push(Reading {
            message: Some(first),
            rest,
            ..plain
        });
    }
    if let Some(protocol) = Protocol::of(first) {
        let reading = Reading {
            protocol: Some(protocol),
            rest,
            ..plain
        };
        readings.push(reading);
        if let Some((second, rest)) = rest.split_once('.') {
            readings.push(Reading {
                message: Some(second),
                rest,
                ..reading
            });
        }
    }
    readings
}

/// The fields of this name that the catalogue lists.
fn places(name: &str) -> Vec<Place> {
    let mut places = Vec::new();
    for reading in readings(name) {
        for message in messages().filter(|message| reading.admits(message)) {
            let entries: Vec<Entry> = catalogue::fields(message).collect();
            add(&mut places, Some(message), &entries, reading.rest);
        }
        let anywhere: Vec<Entry> = catalogue::anywhere().collect();
        if reading.is_qualified() {
            for message in messages().filter(|message| reading.admits(message)) {
                add(&mut places, Some(message), &anywhere, reading.rest);
            }
        } else {
            add(&mut places, None, &anywhere, reading.rest);
        }
    }
    places
}

fn add(
    places: &mut Vec<Place>,
    message: Option<&'static MessageType>,
    entries: &[Entry],
    path: &str,
) {
    for entry in entries.iter().filter(|entry| is_shown(entry)) {
        let Some(within) = tail(entry, path) else {
            continue;
        };
        let (kinds, is_list) = kinds(entry, entries);
        let is_item = entry
            .within
            .last()
            .is_some_and(|outer| is_list_kind(outer.kind));
        let place = Place {
            message,
            field: entry.field,
            within: within.to_vec(),
            key: None,
            kinds,
            is_many: is_list || is_item,
        };
        if !places.iter().any(|other| other.is_same(&place)) {
            places.push(place);
        }
    }
}

/// Framing has no value of its own.
pub fn is_shown(entry: &Entry) -> bool {
    !matches!(entry.field.kind, Kind::Framing)
}

fn is_list_kind(kind: Kind) -> bool {
    matches!(kind, Kind::List)
}

/// The fields that an entry has to be in for `path` to be the end of its path.
fn tail<'e>(entry: &'e Entry, path: &str) -> Option<&'e [&'static Field]> {
    let before = path.strip_suffix(entry.field.key())?;
    let mut rest = match before {
        "" => return Some(&[]),
        _ => before.strip_suffix('.')?,
    };
    for (at, outer) in entry.within.iter().enumerate().rev() {
        rest = rest.strip_suffix(outer.key())?;
        if rest.is_empty() {
            return Some(&entry.within[at..]);
        }
        rest = rest.strip_suffix('.')?;
    }
    None
}

/// The kinds of the values of an entry: of a list, of its items; none where the
/// catalogue does not say.
fn kinds(entry: &Entry, entries: &[Entry]) -> (Vec<Kind>, bool) {
    let field = entry.field;
    let inside = |other: &&Entry| {
        let outer = other.within.len().checked_sub(1);
        outer == Some(entry.within.len()) && other.within.last() == Some(&field)
    };
    let items = entries.iter().filter(inside).map(|item| item.field.kind);
    match field.kind {
        Kind::List => (items.filter(|kind| is_scalar(*kind)).collect(), true),
        // A list where there is one, though the table does not say so.
        Kind::Group => (vec![Kind::Group], false),
        kind => (vec![kind], false),
    }
}

fn is_scalar(kind: Kind) -> bool {
    !matches!(kind, Kind::Group | Kind::List)
}

/// Keys of the sender's own in dictionaries: `m.ut_pex`, `headers.User-Agent`.
fn keys(name: &str) -> Vec<Place> {
    let mut found = Vec::new();
    for (at, _) in name.match_indices('.') {
        let (path, key) = (&name[..at], &name[at + 1..]);
        let dictionaries = places(path).into_iter();
        let dictionaries = dictionaries.filter(|place| matches!(place.field.kind, Kind::Group));
        found.extend(dictionaries.map(|place| Place {
            key: Some(key.to_owned()),
            kinds: Vec::new(),
            ..place
        }));
        if !found.is_empty() || key.is_empty() {
            break;
        }
    }
    found.retain(|place| place.key.as_deref() != Some(""));
    found
}

/// Names that users of Wireshark have in their fingers, and what is meant here.
const OF_WIRESHARK: [(&str, &str); 18] = [
    ("bittorrent", "`peer`"),
    ("bt-dht", "`dht`"),
    ("bt-utp", "`transport == utp`"),
    ("frame.number", "`frame`"),
    ("frame.time", "`time`"),
    ("frame.time_relative", "`time`"),
    ("ip.addr", "`src` or `dst`"),
    ("ip.dst", "`dst`"),
    ("ip.src", "`src`"),
    ("ipv6.addr", "`src` or `dst`"),
    ("ipv6.dst", "`dst`"),
    ("ipv6.src", "`src`"),
    ("tcp", "`transport == tcp`"),
    ("tcp.port", "`src_port` or `dst_port`"),
    ("tcp.stream", "`stream`"),
    ("udp", "`transport == udp`"),
    ("udp.port", "`src_port` or `dst_port`"),
    ("udp.stream", "`stream`"),
];

/// Says what a name that is none may have been meant to be.
fn unknown(name: &str) -> Reason {
    if let Some(message) = messages().find(|message| is_called(message, name)) {
        let fields = own_fields(message);
        return match fields.as_str() {
            "" => format!("`{name}` is a message, and it has no fields"),
            _ => format!("`{name}` is a message; its fields are {fields}"),
        };
    }
    for reading in readings(name)
        .iter()
        .filter(|reading| reading.message.is_some())
    {
        if let Some(message) = messages().find(|message| reading.admits(message)) {
            let fields = own_fields(message);
            let it_has = if fields.is_empty() { "none" } else { &fields };
            return format!(
                "`{}` has no field `{}`: it has {it_has}",
                message.name, reading.rest
            );
        }
    }
    let none = format!("no message or field is called `{name}`");
    if let Some((_, ours)) = OF_WIRESHARK.iter().find(|(theirs, _)| *theirs == name) {
        return format!("{none}; here it is {ours}");
    }
    match hint(name) {
        Some(hint) => none + &hint,
        None => format!("{none}; `peerscope fields` lists all"),
    }
}

/// The names of a message's fields, as far as they help.
fn own_fields(message: &MessageType) -> String {
    let mut names: Vec<String> = Vec::new();
    for entry in catalogue::fields(message) {
        let is_own = entry.within.is_empty() && is_shown(&entry) && !entry.field.is_implied;
        let name = format!("`{}`", entry.field.key());
        if is_own && !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len() > HELPING;
    names.truncate(HELPING);
    let listed = names.join(", ");
    if more { listed + " and more" } else { listed }
}

/// Names the name most like this one, if any is.
fn hint(name: &str) -> Option<String> {
    let facts = Fact::ALL.into_iter().map(|fact| fact.name().to_owned());
    let types = messages().map(|message| message.name.to_owned());
    let fields = messages().flat_map(catalogue::fields).filter(is_shown);
    let keys = fields.map(|entry| entry.field.key().to_owned());
    let protocols = Protocol::ALL
        .into_iter()
        .map(|protocol| protocol.name().to_owned());
    let candidates: Vec<String> = facts.chain(types).chain(keys).chain(protocols).collect();
    hint_of(name, candidates.iter().map(String::as_str))
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
