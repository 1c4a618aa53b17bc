//! The name and value of a field in words, for the tree and the hex dump.

use std::fmt::Write as _;

use super::flags::{self, Set};
use super::number::{push_compact, push_hex, push_i64, push_u64};
use super::remarks;
use super::text::{Safe, SafeWriter, fitting, is_plain_ascii};
use crate::wire::client::Client;
use crate::wire::percent;
use crate::wire::span::slice;
use crate::wire::words::{Count, Size};
use crate::wire::{Field, Kind, Label, Node, Note, Unit, Value};

/// Columns of a name that are shown; a dictionary key can be as long as its
/// message.
const MAX_LABEL: usize = 64;

/// Bytes of a text or hex value that are shown, unless all is asked for.
const MAX_VALUE: usize = 160;

/// Appends the name of a field.
pub fn push_label(out: &mut String, label: Label, bytes: &[u8]) {
    match label {
        Label::Item(number, _) => {
            out.push('[');
            push_u64(out, u64::from(number));
            out.push(']');
        }
        Label::Field(field) => push_name(out, field),
        Label::Key { start, end, .. } => push_key(out, slice(bytes, start, end)),
    }
}

/// A field of a dictionary goes by its key; that of a fixed layout can afford
/// spaces where it frames others.
fn push_name(out: &mut String, field: &Field) {
    let spaced = matches!(
        field.kind,
        Kind::Framing | Kind::Unclaimed | Kind::Group | Kind::List
    );
    for character in field.name.chars() {
        out.push(if spaced && character == '_' {
            ' '
        } else {
            character
        });
    }
}

fn push_key(out: &mut String, key: &[u8]) {
    let start = out.len();
    let head = &key[..key.len().min(4 * MAX_LABEL)];
    let _ = write!(out, "{}", Safe(head));
    let fits = fitting(&out[start..], MAX_LABEL).len();
    if start + fits < out.len() || head.len() < key.len() {
        out.truncate(start + fits);
        out.push('…');
    }
    if key.is_empty() {
        out.push_str("\"\"");
    }
}

/// Appends the value of a field, and beside it what its notes derive from it.
/// Lines of a value are separated by line feeds.
pub fn push_value<'n>(
    out: &mut String,
    node: &Node,
    bytes: &[u8],
    notes: impl Iterator<Item = &'n Note> + Clone,
    unfold: bool,
) {
    let is_explained = notes.clone().any(|note| matches!(note, Note::Fact(_)));
    match node.value {
        Value::Group(_) => {}
        // A number without a name of its own, which a note explains.
        Value::Uint(number) if is_explained && is_nameless(node, number) => push_u64(out, number),
        Value::Uint(number) => push_uint(out, node, number),
        Value::Int(number) => push_i64(out, number),
        Value::Bytes { start, end } => {
            push_bytes(out, node, slice(bytes, start, end), unfold);
        }
    }
    for note in notes {
        if let Note::Fact(fact) = note {
            out.push_str(if out.is_empty() { "" } else { ", " });
            remarks::push_fact(out, fact, bytes);
        }
    }
}

fn push_uint(out: &mut String, node: &Node, number: u64) {
    let field = node.label.field();
    match field.map(|field| field.kind) {
        Some(Kind::Framing) if field.is_some_and(|field| field.name.ends_with("prefix")) => {
            let verb = if number == 1 { "follows" } else { "follow" };
            let _ = write!(out, "{} {verb}", Count(number, "byte"));
        }
        Some(Kind::Uint(unit)) => push_quantity(out, number, unit),
        Some(Kind::Enum(name)) => {
            push_u64(out, number);
            out.push_str(", ");
            push_enum_name(out, name(number).unwrap_or("unknown"));
        }
        Some(Kind::Bool) => {
            push_u64(out, number);
            out.push_str(if number == 0 { ", no" } else { ", yes" });
        }
        Some(Kind::Flags(_)) => push_flags(out, node, &[]),
        _ => push_u64(out, number),
    }
}

fn is_nameless(node: &Node, number: u64) -> bool {
    let kind = node.label.field().map(|field| field.kind);
    matches!(kind, Some(Kind::Enum(name)) if name(number).is_none())
}

fn push_enum_name(out: &mut String, name: &str) {
    out.extend(name.chars().map(|c| if c == '_' { ' ' } else { c }));
}

fn push_quantity(out: &mut String, number: u64, unit: Unit) {
    push_u64(out, number);
    match unit {
        Unit::None => {}
        Unit::Bytes if number >= 1024 && number.is_multiple_of(1024) => {
            let _ = write!(out, ", {}", Size(number));
        }
        Unit::Bytes => out.push_str(" B"),
        Unit::Seconds => out.push_str(" s"),
        Unit::Micros => out.push_str(" µs"),
    }
}

fn push_bytes(out: &mut String, node: &Node, value: &[u8], unfold: bool) {
    let declared = match node.value {
        Value::Bytes { start, end } => end.saturating_sub(start) as usize,
        _ => value.len(),
    };
    match node.label.field().map(|field| field.kind) {
        Some(Kind::Data) => push_size(out, declared),
        Some(Kind::Unclaimed) => {
            push_size(out, declared);
            if !value.is_empty() {
                out.push_str(" that no field claims");
            }
        }
        Some(Kind::Flags(_)) => push_flags(out, node, value),
        Some(Kind::Escaped(kind)) => push_read(out, *kind, &percent::decode(value), unfold),
        kind => push_read(out, kind.unwrap_or(Kind::Text), value, unfold),
    }
}

/// Appends bytes as their kind alone says.
fn push_read(out: &mut String, kind: Kind, value: &[u8], unfold: bool) {
    match kind {
        Kind::Bitfield => push_bitfield(out, value),
        Kind::Address if push_compact(out, value) => {}
        Kind::Hash | Kind::Bytes | Kind::Address => {
            push_clipped(out, value, unfold, push_hex);
        }
        Kind::Framing => push_framing(out, value),
        Kind::PeerId => push_peer_id(out, value),
        _ if value.is_empty() => out.push_str("\"\""),
        _ => push_clipped(out, value, unfold, |out, head| {
            let _ = write!(out, "{}", Safe(head));
        }),
    }
}

fn push_clipped(out: &mut String, value: &[u8], unfold: bool, push: impl Fn(&mut String, &[u8])) {
    if unfold || value.len() <= MAX_VALUE {
        return push(out, value);
    }
    let head = char_boundary(value, MAX_VALUE);
    push(out, &value[..head]);
    let _ = write!(out, "… {} more bytes", value.len() - head);
}

/// The offset at or before `at` where no character is cut in two.
fn char_boundary(bytes: &[u8], at: usize) -> usize {
    let is_start = |at: &usize| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    (at.saturating_sub(3)..=at)
        .rev()
        .find(is_start)
        .unwrap_or(at)
}

fn push_size(out: &mut String, bytes: usize) {
    let _ = write!(out, "{}", Count(bytes as u64, "byte"));
    if bytes >= 1024 && bytes.is_multiple_of(1024) {
        let _ = write!(out, ", {}", Size(bytes as u64));
    }
}

fn push_bitfield(out: &mut String, bits: &[u8]) {
    let set: u64 = bits.iter().map(|byte| u64::from(byte.count_ones())).sum();
    let _ = write!(out, "{set} of {} bits set", bits.len() * 8);
}

/// A peer id: letters and random bytes, where letters beyond ASCII are chance;
/// and the client that it names.
fn push_peer_id(out: &mut String, id: &[u8]) {
    for byte in id.iter().take(MAX_VALUE) {
        if is_plain_ascii(*byte) {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    let client = id.try_into().ok().and_then(Client::from_peer_id);
    if let Some(client) = client {
        out.push('\n');
        let _ = write!(SafeWriter::new(&mut *out), "{client}");
    }
}

/// Framing speaks for itself in the hex; here only what reads as text.
fn push_framing(out: &mut String, value: &[u8]) {
    if value.len() > 2 {
        push_clipped(out, value, false, |out, head| {
            let _ = write!(out, "{}", Safe(head));
        });
    }
}

fn push_flags(out: &mut String, node: &Node, value: &[u8]) {
    let Some(Kind::Flags(table)) = node.label.field().map(|field| field.kind) else {
        return;
    };
    let mut number = [0; 8];
    let field = match node.value {
        Value::Bytes { .. } => value,
        _ => flags::bytes_of(node, value, &mut number),
    };
    let start = out.len();
    flags::for_each(table, field, |set| {
        if out.len() > start {
            out.push('\n');
        }
        match set {
            Set::Known(flag) => out.push_str(flag.title),
            Set::Unknown { byte, mask } => {
                let _ = write!(out, "unknown: byte {byte}, 0x{mask:02x}");
            }
        }
    });
    if out.len() == start {
        out.push_str("none");
    }
}
