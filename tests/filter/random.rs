//! Expressions at random, of the names and values that the records of a capture
//! hold.

use std::net::{IpAddr, SocketAddr};

use peerscope::wire::Kind;
use peerscope::wire::catalogue::Entry;
use serde_json::Value;

use super::oracle::{Expression, KEYS, Literal, Operator, entries, is_message, message_type};
use super::records::Record;

/// A source of expressions: the same for the same seed.
pub struct Random<'r> {
    state: u64,
    records: &'r [Record],
}

/// What can be done with values of a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Number,
    Text,
    Hex,
    Address,
    /// Only whether it is there.
    Presence,
}

impl<'r> Random<'r> {
    /// Of the records of a capture.
    pub fn new(seed: u64, records: &'r [Record]) -> Self {
        Self {
            state: seed,
            records,
        }
    }

    /// A number below `limit` (xorshift).
    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit.max(1)
    }

    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn record(&mut self) -> &'r Record {
        let records = self.records;
        // Rare messages as often as others: those of a random protocol and name.
        let wanted = &records[self.below(records.len())].json["message"];
        let start = self.below(records.len());
        let from_there = records[start..].iter().chain(&records[..start]);
        let other = |record: &&Record| record.json["message"] != *wanted;
        from_there.clone().find(other).unwrap_or(&records[start])
    }

    /// An expression that nests so deep.
    pub fn expression(&mut self, depth: usize) -> Expression {
        if depth == 0 || self.one_in(4) {
            return self.leaf();
        }
        let count = 2 + self.below(2);
        match self.below(3) {
            0 => Expression::Not(Box::new(self.expression(depth - 1))),
            1 => Expression::And((0..count).map(|_| self.expression(depth - 1)).collect()),
            _ => Expression::Or((0..count).map(|_| self.expression(depth - 1)).collect()),
        }
    }

    fn leaf(&mut self) -> Expression {
        let record = self.record();
        let message = message_type(record);
        match self.below(8) {
            0 => Expression::Named(message.name.to_owned()),
            1 => {
                let names = [
                    message.protocol.name().to_owned(),
                    format!("{}.{}", message.protocol, message.name),
                ];
                Expression::Named(self.pick(&names))
            }
            2 | 3 => self.fact(record),
            _ => self.field(record).unwrap_or_else(|| self.fact(record)),
        }
    }

    /// A test of what every record has.
    fn fact(&mut self, record: &Record) -> Expression {
        let more = [
            "src_port",
            "dst_port",
            "wire_length",
            "length",
            "client",
            "info_hash",
        ];
        let rare = ["missing", "malformed", "inferred", "certainty", "unsent"];
        let name = match self.below(10) {
            0 => self.pick(&rare),
            1..=4 => self.pick(&more),
            _ => self.pick(&KEYS),
        };
        let json = &record.json;
        let (value, sort) = match name {
            "src" | "dst" => (json[name].clone(), Sort::Address),
            "transport" | "protocol" | "message" => (json[name].clone(), Sort::Text),
            "src_port" | "dst_port" => (6881.into(), Sort::Number),
            "wire_length" | "length" => (json["length"].clone(), Sort::Number),
            "client" => (record.client.clone().into(), Sort::Text),
            "certainty" => ("certain".into(), Sort::Text),
            "info_hash" => match record.info_hashes.first() {
                Some(hash) => (hash.clone().into(), Sort::Hex),
                None => (Value::Null, Sort::Presence),
            },
            "missing" | "malformed" | "inferred" | "unsent" => (Value::Null, Sort::Presence),
            _ => (json[name].clone(), Sort::Number),
        };
        self.test(name.to_owned(), &value, sort)
    }

    /// A test of a field of the record, by one of its names.
    fn field(&mut self, record: &Record) -> Option<Expression> {
        let present: Vec<(Entry, Value)> = entries(record)
            .into_iter()
            .filter_map(|entry| {
                let value = sample(&record.json["fields"], &entry)?;
                Some((entry, value))
            })
            .collect();
        if present.is_empty() {
            return None;
        }
        let (entry, value) = self.pick(&present);
        let path = entry.path();
        let message = message_type(record);
        let names = [
            path.clone(),
            entry.field.key().to_owned(),
            format!("{}.{path}", message.name),
            format!("{}.{path}", message.protocol),
            format!("{}.{}.{path}", message.protocol, message.name),
        ];
        let name = self.pick(&names);
        // Names that are facts too, or messages.
        let is_taken = ["client", "message", "missing", "length", "stream", "time"];
        let name = if is_taken.contains(&name.as_str()) {
            names[4].clone()
        } else {
            name
        };
        let sort = match (&value, entry.field.kind) {
            (Value::Number(_), Kind::Uint(_) | Kind::Int | Kind::Enum(_) | Kind::Bool) => {
                Sort::Number
            }
            (Value::Number(_), Kind::Data) => Sort::Number,
            (Value::String(_), Kind::Address) => Sort::Address,
            (Value::String(_), Kind::Text | Kind::Escaped(Kind::Text)) => Sort::Text,
            (
                Value::String(text),
                Kind::Hash
                | Kind::PeerId
                | Kind::Bytes
                | Kind::Bitfield
                | Kind::Escaped(Kind::Hash | Kind::PeerId),
            ) if text.len() >= 16 => Sort::Hex,
            _ => Sort::Presence,
        };
        if sort == Sort::Presence && is_message(&name) {
            return None;
        }
        Some(self.test(name, &value, sort))
    }

    fn test(&mut self, name: String, value: &Value, sort: Sort) -> Expression {
        use Operator::{AtLeast, AtMost, Contains, Equal, In, Less, Matches, More, Unequal};
        let is_alone = self.one_in(12) && !is_message(&name);
        if is_alone || value.is_null() || sort == Sort::Presence {
            return Expression::Named(name);
        }
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let (operator, literals) = match sort {
            Sort::Number => {
                let number: i128 = text.parse().unwrap_or(0);
                let near = number + self.below(7) as i128 - 3;
                let literal = |number: i128| Literal::Text(number.to_string());
                match self.below(4) {
                    0 => (self.pick(&[Equal, Unequal]), vec![literal(number)]),
                    1 => (In, vec![Literal::Range(near, near + 5), literal(number)]),
                    _ => {
                        let orders = [Less, AtMost, More, AtLeast];
                        (self.pick(&orders), vec![literal(near)])
                    }
                }
            }
            Sort::Text => match self.below(4) {
                0 => (Equal, vec![Literal::Text(text)]),
                1 => (Unequal, vec![Literal::Text(text)]),
                2 => (Contains, vec![Literal::Text(self.part(&text))]),
                _ => {
                    let part = self.part(&text);
                    let plain = part.chars().all(|c| c.is_ascii_alphanumeric());
                    let pattern = if plain { part } else { "^a".to_owned() };
                    (Matches, vec![Literal::Text(pattern)])
                }
            },
            Sort::Hex => match self.below(5) {
                0 => (Equal, vec![Literal::Text(text)]),
                1 => (Unequal, vec![Literal::Text(text)]),
                2 => {
                    let length = 2 + self.below(text.len() - 2);
                    (Equal, vec![Literal::Prefix(text[..length].to_owned())])
                }
                3 => {
                    let start = 2 * self.below(text.len() / 2);
                    let end = start + 2 * (1 + self.below((text.len() - start) / 2));
                    let end = end.min(text.len());
                    (Contains, vec![Literal::Text(text[start..end].to_owned())])
                }
                _ => {
                    let length = 1 + self.below(text.len());
                    (
                        Matches,
                        vec![Literal::Text(format!("^{}", &text[..length]))],
                    )
                }
            },
            Sort::Address => {
                let socket: Option<SocketAddr> = text.parse().ok();
                let ip: Option<IpAddr> = socket.map(|s| s.ip()).or(text.parse().ok());
                match (self.below(5), ip) {
                    (0, Some(ip)) => (Equal, vec![Literal::Text(ip.to_string())]),
                    (1, Some(_)) => (Unequal, vec![Literal::Text(text)]),
                    (2, Some(ip)) => (
                        Equal,
                        vec![Literal::Text(text), { Literal::Text(ip.to_string()) }][..1].to_vec(),
                    ),
                    (3, Some(ip)) => {
                        let bits = if ip.is_ipv4() { 33 } else { 129 };
                        (In, vec![Literal::Net(ip, self.below(bits) as u8)])
                    }
                    _ => (Contains, vec![Literal::Text(self.part(&text))]),
                }
            }
            Sort::Presence => return Expression::Named(name),
        };
        Expression::Test(name, operator, literals)
    }

    /// A part of a text, of whole characters.
    fn part(&mut self, text: &str) -> String {
        let characters: Vec<char> = text.chars().take(200).collect();
        if characters.is_empty() {
            return String::new();
        }
        let start = self.below(characters.len());
        let length = 1 + self.below(6);
        characters[start..].iter().take(length).collect()
    }

    /// An expression as somebody may type it.
    pub fn spell(&mut self, expression: &Expression) -> String {
        let join = |random: &mut Self, parts: &[Expression], words: [&str; 2]| {
            let parts: Vec<String> = parts.iter().map(|part| random.spell(part)).collect();
            format!("({})", parts.join(&format!(" {} ", random.pick(&words))))
        };
        match expression {
            Expression::And(parts) => join(self, parts, ["and", "&&"]),
            Expression::Or(parts) => join(self, parts, ["or", "||"]),
            Expression::Not(part) => {
                let not = self.pick(&["not ", "!", "! "]);
                format!("{not}{}", self.spell(part))
            }
            Expression::Named(name) => quoted(name),
            Expression::Test(name, operator, literals) => {
                let name = quoted(name);
                let literals: Vec<String> = literals.iter().map(literal).collect();
                let right = match (operator, literals.as_slice()) {
                    (Operator::In, _) => format!("{{{}}}", literals.join(", ")),
                    (_, [only]) => only.clone(),
                    _ => unreachable!("only sets have several values"),
                };
                format!("{name} {} {right}", symbol(*operator))
            }
        }
    }
}

/// A value of an entry, null where it has members instead.
fn sample(fields: &Value, entry: &Entry) -> Option<Value> {
    let mut value = fields;
    for outer in entry
        .within
        .iter()
        .map(|field| field.key())
        .chain([entry.field.key()])
    {
        value = match value {
            Value::Array(items) => items.first()?,
            value => value.get(outer)?,
        };
    }
    match value {
        Value::Null => None,
        Value::Array(_) | Value::Object(_) => Some(Value::Null),
        value => Some(value.clone()),
    }
}

fn symbol(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "==",
        Operator::Unequal => "!=",
        Operator::Less => "<",
        Operator::AtMost => "<=",
        Operator::More => ">",
        Operator::AtLeast => ">=",
        Operator::In => "in",
        Operator::Contains => "contains",
        Operator::Matches => "matches",
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => quoted(text),
        Literal::Range(from, to) => format!("{from}..{to}"),
        Literal::Prefix(digits) => format!("{digits}.."),
        Literal::Net(ip, bits) => format!("{ip}/{bits}"),
    }
}

fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    let words = ["and", "or", "not", "in", "contains", "matches", ""];
    if text.chars().all(is_plain) && !words.contains(&text) {
        return text.to_owned();
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}
