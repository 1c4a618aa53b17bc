//! The language as `docs/filter.md` tells it, over records alone: slow, plain, and
//! without a line of `peerscope::filter`. Of the catalogue it takes names and
//! kinds.

use std::net::{IpAddr, SocketAddr};

use peerscope::wire::catalogue::{self, Entry};
use peerscope::wire::{Kind, MessageType};
use serde_json::Value;

use super::records::Record;

/// An expression.
#[derive(Debug, Clone)]
pub enum Expression {
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Not(Box<Expression>),
    /// A name alone.
    Named(String),
    /// A field and a value.
    Test(String, Operator, Vec<Literal>),
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
    In,
    Contains,
    /// Of letters and digits alone, or with `^` before them.
    Matches,
}

/// A value as it is typed.
#[derive(Debug, Clone)]
pub enum Literal {
    Text(String),
    Range(i128, i128),
    /// The beginning of a hash.
    Prefix(String),
    /// An address and how many of its bits count.
    Net(IpAddr, u8),
}

/// Whether an expression is true of a record.
pub fn holds(expression: &Expression, record: &Record) -> bool {
    match expression {
        Expression::And(parts) => parts.iter().all(|part| holds(part, record)),
        Expression::Or(parts) => parts.iter().any(|part| holds(part, record)),
        Expression::Not(part) => !holds(part, record),
        Expression::Named(name) if is_message(name) => is_called(name, record),
        Expression::Named(name) => !values(name, record).is_empty(),
        Expression::Test(name, operator, literals) => {
            let values = values(name, record);
            values
                .iter()
                .any(|(value, kind)| meets(value, *kind, *operator, literals))
        }
    }
}

fn is_called(name: &str, record: &Record) -> bool {
    let (protocol, message) = (text(record, "protocol"), text(record, "message"));
    name == protocol || name == message || *name == format!("{protocol}.{message}")
}

/// Whether a name is that of a message, with or without its protocol, or of a
/// protocol.
pub fn is_message(name: &str) -> bool {
    catalogue::messages().any(|message| {
        let full = format!("{}.{}", message.protocol, message.name);
        name == message.name || name == message.protocol.name() || name == full
    })
}

fn text<'r>(record: &'r Record, key: &str) -> &'r str {
    record.json[key].as_str().unwrap()
}

/// The catalogue's message of a record.
pub fn message_type(record: &Record) -> &'static MessageType {
    let protocol = catalogue::Protocol::of(text(record, "protocol")).unwrap();
    catalogue::message(protocol, text(record, "message")).unwrap()
}

/// The fields that a record can have.
pub fn entries(record: &Record) -> Vec<Entry> {
    let own = catalogue::fields(message_type(record));
    own.chain(catalogue::anywhere())
        .filter(|entry| !matches!(entry.field.kind, Kind::Framing))
        .collect()
}

/// The facts that are keys of the record.
pub const KEYS: [&str; 8] = [
    "frame",
    "first_frame",
    "stream",
    "transport",
    "src",
    "dst",
    "protocol",
    "message",
];

/// The values that a name stands for, with their kinds; for what is there and has
/// no value of its own, null.
fn values(name: &str, record: &Record) -> Vec<(Value, Kind)> {
    const NUMBER: Kind = Kind::Uint(peerscope::wire::Unit::None);
    let json = &record.json;
    let one = |value: &Value, kind: Kind| match value {
        Value::Null => Vec::new(),
        value => vec![(value.clone(), kind)],
    };
    let port = |key: &str| {
        let socket: SocketAddr = text(record, key).parse().unwrap();
        socket.port().into()
    };
    match name {
        "frame" | "first_frame" | "stream" | "missing" | "unsent" => one(&json[name], NUMBER),
        "transport" | "protocol" | "message" => one(&json[name], Kind::Text),
        "src" | "dst" => one(&json[name], Kind::Address),
        "src_port" => one(&port("src"), NUMBER),
        "dst_port" => one(&port("dst"), NUMBER),
        "wire_length" => one(&json["length"], NUMBER),
        "malformed" => one(&json["malformed"]["reason"], Kind::Text),
        "inferred" if json["inferred"] == true => one(&1.into(), Kind::Bool),
        "inferred" => Vec::new(),
        "certainty" => match &json["certainty"] {
            Value::Null => one(&"certain".into(), Kind::Text),
            certainty => one(certainty, Kind::Text),
        },
        "client" => one(&record.client.clone().into(), Kind::Text),
        "info_hash" => {
            let own = fields(name, record);
            let others = record
                .info_hashes
                .iter()
                .map(|hash| (hash.clone().into(), Kind::Hash));
            own.into_iter().chain(others).collect()
        }
        "length" => match fields(name, record) {
            none if none.is_empty() => one(&json["length"], NUMBER),
            own => own,
        },
        _ => fields(name, record),
    }
}

/// The fields of a name: by the end of their path, behind the message or the
/// protocol or neither.
fn fields(name: &str, record: &Record) -> Vec<(Value, Kind)> {
    let (protocol, message) = (text(record, "protocol"), text(record, "message"));
    let mut found = Vec::new();
    let prefixes = [
        String::new(),
        format!("{protocol}."),
        format!("{message}."),
        { format!("{protocol}.{message}.") },
    ];
    for entry in entries(record) {
        let path = entry.path();
        let is_meant = prefixes.iter().any(|prefix| {
            let rest = name.strip_prefix(prefix.as_str());
            rest.is_some_and(|rest| path == rest || path.ends_with(&format!(".{rest}")))
        });
        if is_meant {
            look_up(&entry, &record.json["fields"], &mut found);
        }
    }
    found
}

/// The values at the path of an entry. Items of lists have no key in records.
fn look_up(entry: &Entry, fields: &Value, found: &mut Vec<(Value, Kind)>) {
    let mut level: Vec<&Value> = vec![fields];
    for outer in &entry.within {
        level = level
            .into_iter()
            .flat_map(|value| step(value, outer.key()))
            .collect();
    }
    for value in level {
        let within_list = value.is_array();
        for value in step(value, entry.field.key()) {
            match value {
                Value::Null => {}
                Value::Array(items) if !within_list => {
                    found.push((Value::Null, entry.field.kind));
                    found.extend(items.iter().filter(|item| is_scalar(item)).map(|item| {
                        let kind = item_kind(entry);
                        (item.clone(), kind)
                    }));
                }
                Value::Object(_) | Value::Array(_) => found.push((Value::Null, entry.field.kind)),
                value => found.push((value.clone(), entry.field.kind)),
            }
        }
    }
}

fn is_scalar(value: &Value) -> bool {
    matches!(value, Value::Number(_) | Value::String(_))
}

/// The kind of the items of a list.
fn item_kind(list: &Entry) -> Kind {
    let mut within = list.within.clone();
    within.push(list.field);
    let all = catalogue::messages().flat_map(catalogue::fields);
    let mut items = all.filter(|entry| entry.within == within);
    items.next().map_or(Kind::Text, |item| item.field.kind)
}

fn step<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    match value {
        Value::Object(members) => {
            let numbered = format!("{key}#");
            let members = members.iter();
            let named = members.filter(|(name, _)| *name == key || name.starts_with(&numbered));
            named.map(|(_, value)| value).collect()
        }
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    }
}

fn meets(value: &Value, kind: Kind, operator: Operator, literals: &[Literal]) -> bool {
    if value.is_null() {
        return false;
    }
    let any = |test: &dyn Fn(&Literal) -> bool| literals.iter().any(test);
    match operator {
        Operator::Equal | Operator::In => any(&|literal| equals(value, kind, literal)),
        Operator::Unequal => !any(&|literal| equals(value, kind, literal)),
        Operator::Contains => any(&|literal| contains(value, kind, literal)),
        Operator::Matches => any(&|literal| matches(value, literal)),
        _ => {
            let number: Option<i128> = value
                .as_number()
                .and_then(|number| number.to_string().parse().ok());
            any(&|literal| {
                let (Some(number), Some(limit)) = (number, self::number(literal)) else {
                    return false;
                };
                match operator {
                    Operator::Less => number < limit,
                    Operator::AtMost => number <= limit,
                    Operator::More => number > limit,
                    _ => number >= limit,
                }
            })
        }
    }
}

fn number(literal: &Literal) -> Option<i128> {
    match literal {
        Literal::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn equals(value: &Value, kind: Kind, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::Number(number), Literal::Text(text)) => {
            let name = match (kind, number.as_u64()) {
                (Kind::Enum(name), Some(number)) => name(number),
                _ => None,
            };
            number.to_string() == *text || name == Some(text.as_str())
        }
        (Value::Number(number), Literal::Range(from, to)) => {
            let number: i128 = number.to_string().parse().unwrap();
            (*from..=*to).contains(&number)
        }
        (Value::String(value), Literal::Prefix(prefix)) => {
            reads_as_hex(kind) && value.starts_with(prefix.as_str())
        }
        (Value::String(value), Literal::Net(net, bits)) => {
            address(value).is_some_and(|(ip, _)| is_within(ip, *net, *bits))
        }
        (Value::String(value), Literal::Text(text)) => {
            value == text
                || (is_letters(kind) && hex::decode(value).is_ok_and(|v| v == text.as_bytes()))
                || (is_hash(kind) && text.len() >= 8 && is_hex(text) && value.starts_with(text))
                || (!reads_as_hex(kind) && is_same_address(value, text))
        }
        _ => false,
    }
}

fn unescaped(kind: Kind) -> Kind {
    match kind {
        Kind::Escaped(inner) => *inner,
        kind => kind,
    }
}

fn reads_as_hex(kind: Kind) -> bool {
    let kind = unescaped(kind);
    is_hash(kind)
        || is_letters(kind)
        || matches!(
            kind,
            Kind::Flags(_) | Kind::Bitfield | Kind::Unclaimed | Kind::Data
        )
}

fn is_hash(kind: Kind) -> bool {
    matches!(unescaped(kind), Kind::Hash | Kind::PeerId)
}

fn is_letters(kind: Kind) -> bool {
    matches!(unescaped(kind), Kind::PeerId | Kind::Bytes)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn address(text: &str) -> Option<(IpAddr, Option<u16>)> {
    let socket = text
        .parse::<SocketAddr>()
        .ok()
        .map(|s| (s.ip(), Some(s.port())));
    socket.or(text.parse().ok().map(|ip| (ip, None)))
}

/// The literal is the address, with or without its port.
fn is_same_address(value: &str, literal: &str) -> bool {
    match (address(value), address(literal)) {
        (Some((ip, port)), Some((same, same_port))) => {
            ip == same && (same_port.is_none() || port == same_port)
        }
        _ => false,
    }
}

fn is_within(ip: IpAddr, net: IpAddr, bits: u8) -> bool {
    let bytes = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    let (ip, net) = (bytes(ip), bytes(net));
    let bit = |bytes: &[u8], at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
    ip.len() == net.len() && (0..usize::from(bits)).all(|at| bit(&ip, at) == bit(&net, at))
}

fn contains(value: &Value, kind: Kind, literal: &Literal) -> bool {
    let Literal::Text(text) = literal else {
        return false;
    };
    match value {
        Value::Number(_) => match unescaped(kind) {
            Kind::Flags(_) => unreachable!("flags in numbers are not made"),
            _ => equals(value, kind, literal),
        },
        Value::String(value) if reads_as_hex(kind) => {
            let bytes = hex::decode(value).unwrap();
            let part = hex::decode(text).ok();
            let has = |part: &[u8]| {
                part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
            };
            part.is_some_and(|part| has(&part)) || (is_letters(kind) && has(text.as_bytes()))
        }
        Value::String(value) => {
            value.contains(text.as_str())
                || (matches!(unescaped(kind), Kind::Address) && is_same_address(value, text))
        }
        _ => false,
    }
}

fn matches(value: &Value, literal: &Literal) -> bool {
    let Literal::Text(pattern) = literal else {
        return false;
    };
    let text = match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    match pattern.strip_prefix('^') {
        Some(beginning) => text.starts_with(beginning),
        None => text.contains(pattern.as_str()),
    }
}
