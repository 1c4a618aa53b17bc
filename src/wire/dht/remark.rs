//! Derived facts in the field tree: what a bloom filter counts, what an error
//! code means, which client a version names.

use super::bloom::Bloom;
use super::code::ErrorCode;
use super::keys;
use crate::wire::{Fact, Field, Group, Label, Note, Sink, Value};

/// Passes fields on and remarks on some of them.
pub struct Remarks<'i, 's, S: Sink> {
    bytes: &'i [u8],
    sink: &'s mut S,
    /// The list of an error message is open.
    in_error: bool,
}

impl<'i, 's, S: Sink> Remarks<'i, 's, S> {
    /// Remarks on the message that `bytes` hold.
    pub fn new(bytes: &'i [u8], sink: &'s mut S) -> Self {
        Self {
            bytes,
            sink,
            in_error: false,
        }
    }

    fn remark(&self, label: Label, value: Value) -> Option<Fact> {
        match (label, value) {
            (Label::Item(0, _), Value::Uint(code)) if self.in_error => {
                let code = ErrorCode(i64::try_from(code).ok()?);
                code.name().map(Fact::Meaning)
            }
            (_, Value::Bytes { start, end }) => {
                let text = self.bytes.get(start as usize..end as usize)?;
                let field = label.field()?;
                if is(field, &keys::SEEDS) || is(field, &keys::PEERS) {
                    estimate(text)
                } else if is(field, &keys::VERSION) {
                    is_client(text).then_some(Fact::Client { start, end })
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}

fn is(field: &'static Field, other: &'static Field) -> bool {
    std::ptr::eq(field, other)
}

fn estimate(filter: &[u8]) -> Option<Fact> {
    let bloom = Bloom::from_bytes(filter)?;
    Some(Fact::Estimate {
        addresses: bloom.estimate(),
        is_full: bloom.zeros() == 0,
    })
}

/// Whether a version is two letters of the client and its version in four bytes
/// at most.
fn is_client(version: &[u8]) -> bool {
    version
        .split_first_chunk::<2>()
        .is_some_and(|(name, number)| {
            name.iter().all(u8::is_ascii_alphanumeric) && number.len() <= 4
        })
}

impl<S: Sink> Sink for Remarks<'_, '_, S> {
    const FIELDS: bool = S::FIELDS;
    const NOTES: bool = S::NOTES;

    fn open(&mut self, label: Label, start: usize, group: Group) {
        self.in_error = label
            .field()
            .is_some_and(|field| is(field, &keys::ERROR_LIST));
        self.sink.open(label, start, group);
    }

    fn close(&mut self, end: usize) {
        self.in_error = false;
        self.sink.close(end);
    }

    fn leaf(&mut self, label: Label, start: usize, end: usize, value: Value) {
        self.sink.leaf(label, start, end, value);
        if S::FIELDS
            && let Some(fact) = self.remark(label, value)
        {
            self.sink.note(Note::Fact(fact));
        }
    }

    fn note(&mut self, note: Note) {
        self.sink.note(note);
    }
}
