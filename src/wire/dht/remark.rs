//! Derived facts in the field tree: what a bloom filter counts, what an error
//! code means, which client a version names.

use super::bloom::Bloom;
use super::code::ErrorCode;
use super::keys;
use crate::wire::{Field, Label, Note, Sink, Value};

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

    fn remark(&self, label: Label, value: Value) -> Option<String> {
        match (label, value) {
            (Label::Item(0, _), Value::Uint(code)) if self.in_error => {
                let code = ErrorCode(i64::try_from(code).ok()?);
                code.name().map(str::to_owned)
            }
            (_, Value::Bytes { start, end }) => {
                let text = self.bytes.get(start as usize..end as usize)?;
                let field = label.field()?;
                if is(field, &keys::SEEDS) || is(field, &keys::PEERS) {
                    estimate(text)
                } else if is(field, &keys::VERSION) {
                    client(text)
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

fn estimate(filter: &[u8]) -> Option<String> {
    let bloom = Bloom::from_bytes(filter)?;
    let noun = if bloom.zeros() == 0 {
        "addresses or more"
    } else {
        "addresses"
    };
    Some(format!("about {:.0} {noun}", bloom.estimate()))
}

/// Two letters of the client and its version in hex digits.
fn client(version: &[u8]) -> Option<String> {
    let (name, number) = version.split_first_chunk::<2>()?;
    let name = std::str::from_utf8(name).ok()?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_name && number.len() <= 4).then(|| format!("{name} {}", hex::encode(number)))
}

impl<S: Sink> Sink for Remarks<'_, '_, S> {
    fn open(&mut self, label: Label, start: usize) {
        self.in_error = label
            .field()
            .is_some_and(|field| is(field, &keys::ERROR_LIST));
        self.sink.open(label, start);
    }

    fn close(&mut self, end: usize) {
        self.in_error = false;
        self.sink.close(end);
    }

    fn leaf(&mut self, label: Label, start: usize, end: usize, value: Value) {
        self.sink.leaf(label, start, end, value);
        if let Some(text) = self.remark(label, value) {
            self.sink.note(Note::Info(text));
        }
    }

    fn note(&mut self, note: Note) {
        self.sink.note(note);
    }
}
