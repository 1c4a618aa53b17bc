//! What stands between brackets: a dictionary, a list, or one value.

use super::key::Key;
use super::keys;
use super::name;
use super::reader::Reader;
use super::value::{Entry, Kind, List, Value, as_buffer};
use super::word::Bare;

/// What was read between brackets.
#[derive(Default)]
struct Group {
    entries: Vec<Entry>,
    items: Vec<Value>,
    /// How many of the keys are numbers that count from 0 or 1.
    indexes: usize,
    has_commas: bool,
    /// All keys are in quotation marks.
    is_quoted: bool,
    /// A text has no quotation marks, and the next key ends it.
    is_tight: bool,
}

impl Reader<'_, '_> {
    /// The value of the group whose bracket is next, behind a name.
    pub fn group(&mut self, name: &str, depth: usize) -> Option<Value> {
        let at = self.at();
        let kind = self.between(name, depth)?;
        Some(Value {
            kind: as_buffer(kind),
            at,
        })
    }

    fn between(&mut self, name: &str, depth: usize) -> Option<Kind> {
        let start = self.at();
        if name::is_of_bytes(name)
            && let Some(literal) = self.numbers()
        {
            return Some(Kind::Bytes(literal));
        }
        let open = self.rest().chars().next()?;
        let close = match open {
            '{' => "}",
            '[' => "]",
            _ => ")",
        };
        self.go(start + 1);
        let group = self.members(close, name, depth)?;
        finish(name, open, group)
    }

    fn members(&mut self, close: &str, name: &str, depth: usize) -> Option<Group> {
        let mut group = Group {
            is_quoted: true,
            ..Group::default()
        };
        // What keeps one member apart from the next.
        let mut is_apart = true;
        loop {
            let before = self.at();
            self.skip();
            is_apart |= self.at() > before;
            if self.take(",") || self.take(";") {
                group.has_commas = true;
                is_apart = true;
                continue;
            }
            if self.take(close) {
                return Some(group);
            }
            if self.more() {
                continue;
            }
            if !std::mem::take(&mut is_apart) {
                return None;
            }
            if let Some(key) = self.key() {
                self.entry(key, name, &mut group, depth)?;
            } else if !self.class() {
                self.enter(group.items.len().to_string().as_bytes());
                let item = self.value(depth + 1, Bare::No)?;
                self.leave();
                group.items.push(item);
            }
        }
    }

    fn entry(&mut self, key: Key, name: &str, group: &mut Group, depth: usize) -> Option<()> {
        let Key {
            mut literal, bare, ..
        } = key;
        let is_structure = bare == Bare::Tight && !name::is_map(name);
        if key.is_field && (is_structure || name::is_of_fields(name)) {
            keys::restore(&mut literal);
        }
        self.enter(&literal.bytes);
        let mut value = self.value(depth + 1, bare)?;
        self.leave();
        if let Kind::Bytes(text) = &value.kind
            && text.offsets.first() == Some(&value.at)
        {
            // `f(a=a)` is code.
            if text.bytes == literal.bytes {
                return None;
            }
            group.is_tight |= bare == Bare::Tight;
        }
        group.is_quoted &= key.is_quoted;
        let index = group.entries.len();
        let is_next = |first: usize| literal.bytes == (index + first).to_string().as_bytes();
        let counts = key.is_index && (is_next(0) || is_next(1));
        group.indexes += usize::from(counts);
        keys::settle(&literal.bytes, &mut value);
        group.entries.push((literal, value));
        Some(())
    }

    /// Skips the class that a `defaultdict` makes its values of.
    fn class(&mut self) -> bool {
        let rest = self.rest();
        let class = rest
            .strip_prefix("<class '")
            .and_then(|inner| inner.find("'>"));
        let Some(length) = class else {
            return false;
        };
        self.go(self.at() + "<class ''>".len() + length);
        true
    }
}

fn finish(name: &str, open: char, group: Group) -> Option<Kind> {
    let Group {
        entries, mut items, ..
    } = group;
    if entries.is_empty() {
        if open == '(' && items.len() == 1 {
            let Value { kind: only, at } = items.pop()?;
            return Some(match only {
                Kind::List(list) => as_map(list, name::is_map(name)),
                kind if name::is_list(name) => Kind::List(List {
                    items: vec![Value { kind, at }],
                    is_tuple: false,
                }),
                only => only,
            });
        }
        let is_dict = items.is_empty() && open == '{';
        if is_dict {
            return Some(Kind::Dict(Vec::new()));
        }
        let list = List {
            items,
            is_tuple: open != '[',
        };
        let is_map = name::is_map(name) && open == '[';
        return Some(if is_map || open == '[' {
            as_map(list, is_map)
        } else {
            Kind::List(list)
        });
    }
    let is_list = group.indexes == entries.len();
    let is_of_fields = match open {
        '(' => name::is_of_fields(name),
        '[' => group.is_quoted || is_list || name == "map",
        _ => true,
    };
    let is_code = group.is_tight && group.has_commas;
    if !items.is_empty() || !is_of_fields || is_code {
        return None;
    }
    Some(if is_list {
        let items = entries.into_iter().map(|(_, value)| value).collect();
        let is_tuple = false;
        Kind::List(List { items, is_tuple })
    } else {
        Kind::Dict(entries)
    })
}

/// A list of pairs as the map that it is: where its name says so, or where each is a tuple
/// that begins with a key.
fn as_map(list: List, is_named: bool) -> Kind {
    let is_key = |bytes: &[u8]| {
        let is_of_key = |byte: &u8| byte.is_ascii_alphanumeric() || b" _-.".contains(byte);
        bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.iter().all(is_of_key)
    };
    let is_pair = |item: &Value| match &item.kind {
        Kind::List(pair) => match &pair.items[..] {
            [key, _] => match &key.kind {
                Kind::Bytes(key) => is_named || (pair.is_tuple && is_key(&key.bytes)),
                _ => false,
            },
            _ => false,
        },
        _ => false,
    };
    if list.items.is_empty() || !list.items.iter().all(is_pair) {
        return Kind::List(list);
    }
    let entry = |item: Value| {
        let Kind::List(pair) = item.kind else {
            return None;
        };
        let [key, mut value]: [Value; 2] = pair.items.try_into().ok()?;
        let Kind::Bytes(key) = key.kind else {
            return None;
        };
        keys::settle(&key.bytes, &mut value);
        Some((key, value))
    };
    Kind::Dict(list.items.into_iter().filter_map(entry).collect())
}
