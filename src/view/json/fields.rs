//! The `fields` of a record, made from the field tree of its message.

use serde_json::Value as Json;

use super::super::number::{push_compact, push_hex, push_i64, push_u64};
use super::keys::{Keys, Spans};
use super::text::{push_string, push_text, push_value};
use crate::privacy::Aliases;
use crate::wire::percent;
use crate::wire::span::slice;
use crate::wire::{Field, Group, Kind, Label, Node, Tree, Value};

/// Containers are written down to this depth, the deepest ones as if empty: JSON
/// parsers give up at 128 levels, bencode of a capture may have as many.
const MAX_DEPTH: u16 = 100;

/// Memory that is reused from one record to the next.
#[derive(Debug, Default)]
pub struct Scratch {
    open: Vec<Open>,
    spans: Spans,
    key: String,
}

/// Appends the object: the members of the tree, then the derived facts. With
/// `aliases` only those values are shown that tell of nobody.
pub fn push_fields(
    out: &mut String,
    scratch: &mut Scratch,
    tree: &Tree,
    bytes: &[u8],
    derived: &[(&'static str, Json)],
    aliases: Option<&mut Aliases>,
) {
    let mut writer = Writer {
        out,
        bytes,
        scratch,
        aliases,
    };
    writer.begin(0, false);
    for node in tree.nodes() {
        writer.close_down_to(node.depth);
        writer.node(node);
    }
    writer.close_down_to(0);
    for (name, value) in derived {
        writer.member(name);
        push_value(writer.out, value);
    }
    writer.end();
}

/// A container whose members are being written.
#[derive(Debug)]
struct Open {
    /// Depth of its members.
    depth: u16,
    is_array: bool,
    is_empty: bool,
    keys: Keys,
}

struct Writer<'a> {
    out: &'a mut String,
    bytes: &'a [u8],
    scratch: &'a mut Scratch,
    aliases: Option<&'a mut Aliases>,
}

impl Writer<'_> {
    fn begin(&mut self, depth: u16, is_array: bool) {
        self.out.push(if is_array { '[' } else { '{' });
        self.scratch.open.push(Open {
            depth,
            is_array,
            is_empty: true,
            keys: Keys::begin(&self.scratch.spans),
        });
    }

    fn end(&mut self) {
        if let Some(open) = self.scratch.open.pop() {
            open.keys.end(&mut self.scratch.spans);
            self.out.push(if open.is_array { ']' } else { '}' });
        }
    }

    /// Ends every container whose members are deeper than `depth`.
    fn close_down_to(&mut self, depth: u16) {
        while self
            .scratch
            .open
            .last()
            .is_some_and(|open| open.depth > depth)
        {
            self.end();
        }
    }

    fn node(&mut self, node: &Node) {
        let field = node.label.field();
        if node.depth > MAX_DEPTH || is_left_out(node, field, self.bytes) {
            return;
        }
        match field.map(|field| field.kind) {
            Some(Kind::Data) if !matches!(node.value, Value::Group(_)) => {
                self.member(field.map_or("", Field::key));
                push_u64(self.out, u64::from(node.end - node.start));
            }
            _ => {
                self.labelled_member(node.label);
                self.value(node, field);
            }
        }
    }

    /// Begins a member: the comma, and in an object the key.
    fn member(&mut self, key: &str) {
        let Some(open) = self.scratch.open.last_mut() else {
            return;
        };
        if !open.is_empty {
            self.out.push(',');
        }
        open.is_empty = false;
        if !open.is_array {
            open.keys.push(&mut self.scratch.spans, self.out, key);
            self.out.push(':');
        }
    }

    fn labelled_member(&mut self, label: Label) {
        if let Some(field) = label.field() {
            return self.member(field.name);
        }
        let mut key = std::mem::take(&mut self.scratch.key);
        key.clear();
        let alias = self.alias_of(label);
        match alias {
            Some(alias) => key.push_str(&alias),
            None => push_key(&mut key, label, self.bytes),
        }
        self.member(&key);
        self.scratch.key = key;
    }

    /// What is said instead of a key that is in no table.
    fn alias_of(&mut self, label: Label) -> Option<String> {
        let Label::Key { start, end, .. } = label else {
            return None;
        };
        let aliases = self.aliases.as_mut()?;
        aliases.key(slice(self.bytes, start, end))
    }

    fn value(&mut self, node: &Node, field: Option<&Field>) {
        if let Some(aliases) = &mut self.aliases
            && let Some(alias) = aliases.value(node, self.bytes)
        {
            return push_string(self.out, &alias);
        }
        let kind = field.map(|field| field.kind);
        match node.value {
            Value::Group(group) => {
                self.begin(node.depth.saturating_add(1), group == Group::List);
            }
            Value::Uint(number) => push_u64(self.out, number),
            Value::Int(number) => push_i64(self.out, number),
            Value::Bytes { start, end } => {
                push_bytes(self.out, slice(self.bytes, start, end), kind);
            }
        }
    }
}

/// Framing says nothing, nor do bytes that are not there, nor what the key
/// `message` says already.
fn is_left_out(node: &Node, field: Option<&Field>, bytes: &[u8]) -> bool {
    match field {
        Some(Field {
            kind: Kind::Unclaimed,
            ..
        }) => slice(bytes, node.start, node.end).is_empty(),
        Some(Field {
            kind: Kind::Framing,
            ..
        }) => true,
        Some(Field {
            kind: Kind::Enum(name),
            is_implied: true,
            ..
        }) => {
            matches!(node.value, Value::Uint(id) if name(id).is_some())
        }
        _ => false,
    }
}

fn push_bytes(out: &mut String, bytes: &[u8], kind: Option<Kind>) {
    match kind {
        Some(
            Kind::Hash
            | Kind::PeerId
            | Kind::Bytes
            | Kind::Flags(_)
            | Kind::Bitfield
            | Kind::Unclaimed
            | Kind::Data,
        ) => push_quoted_hex(out, bytes),
        Some(Kind::Address) => push_address(out, bytes),
        Some(Kind::Escaped(kind)) => push_bytes(out, &percent::decode(bytes), Some(*kind)),
        _ => push_text(out, bytes),
    }
}

fn push_address(out: &mut String, bytes: &[u8]) {
    out.push('"');
    if !push_compact(out, bytes) {
        push_hex(out, bytes);
    }
    out.push('"');
}

fn push_quoted_hex(out: &mut String, bytes: &[u8]) {
    out.push('"');
    push_hex(out, bytes);
    out.push('"');
}

/// Appends the bare text of a dictionary's own key, with `\xNN` for what is no
/// UTF-8.
fn push_key(out: &mut String, label: Label, bytes: &[u8]) {
    let Label::Key { start, end, .. } = label else {
        return;
    };
    for chunk in slice(bytes, start, end).utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            out.push_str("\\x");
            push_hex(out, &[*byte]);
        }
    }
}
