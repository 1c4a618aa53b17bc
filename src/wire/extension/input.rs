//! What the dissectors of extended messages share.

use nom::number::complete::{be_u8, be_u32};

use crate::wire::bencode::{self, Document, Node, Table};
use crate::wire::{Field, Kind, Note, Reader, Sink, Stop};

static TRAILING: Field = Field::new("trailing", Kind::Unclaimed);
static UNREAD: Field = Field::new("unread", Kind::Unclaimed);

/// The body of an extended message: a reader that remembers the first problem.
pub(super) struct Input<'r, 'i, 's, S: Sink> {
    pub(super) reader: &'r mut Reader<'i, 's, S>,
    pub(super) problem: Option<&'static str>,
}

impl<'i, S: Sink> Input<'_, 'i, '_, S> {
    /// Whether the capture does not hold all of the message, so that a missing
    /// part is nobody's fault.
    pub(super) fn is_cut(&self) -> bool {
        !self.reader.is_whole()
    }

    /// Remarks on the field told last, and keeps the first such remark.
    pub(super) fn problem(&mut self, problem: &'static str) {
        self.reader.note(Note::Anomaly(problem));
        self.remember(problem);
    }

    fn remember(&mut self, problem: &'static str) {
        self.problem.get_or_insert(problem);
    }

    /// [`Input::problem`] about something that is not there, unless it may be
    /// in the part that was not captured.
    pub(super) fn missing(&mut self, problem: &'static str) {
        if !self.is_cut() {
            self.problem(problem);
        }
    }

    pub(super) fn byte(&mut self, field: &'static Field) -> Result<u8, Stop> {
        self.reader.field(field, be_u8)
    }

    pub(super) fn word(&mut self, field: &'static Field) -> Result<u32, Stop> {
        self.reader.field(field, be_u32)
    }

    /// Reads a bencoded dictionary and reports it with the names of `table`.
    pub(super) fn dictionary(&mut self, table: &'static Table) -> Document<'i> {
        let document = bencode::dissect(self.reader, table);
        match document.error() {
            Some(error) if !(self.is_cut() && error.reason.is_truncation()) => {
                self.remember(error.reason.text());
            }
            Some(_) => {}
            None => {
                if let Some(anomaly) = document.anomalies().first() {
                    self.remember(anomaly.kind.text());
                }
            }
        }
        document
    }

    /// The integer under `key`, which the message must have.
    pub(super) fn required_int(
        &mut self,
        document: &Document<'i>,
        key: &str,
        missing: &'static str,
    ) -> Option<i64> {
        let value = document
            .root()
            .and_then(|root| root.get(key.as_bytes()))
            .and_then(|node| node.lenient_int());
        if value.is_none() {
            self.missing(missing);
        }
        value
    }

    /// Claims everything to the declared end as bulk data; gives what is at hand
    /// and how much was declared.
    pub(super) fn remainder(&mut self, field: &'static Field) -> (&'i [u8], usize) {
        let declared = self.reader.left();
        let bytes = self.reader.remainder(field);
        if bytes.len() < declared {
            self.reader.note(Note::Cut((declared - bytes.len()) as u64));
        }
        (bytes, declared)
    }

    /// Ends a message that has nothing more to come.
    pub(super) fn end(&mut self) {
        if self.reader.left() > 0 {
            self.remainder(&TRAILING);
            self.problem("bytes after the end of the message");
        }
    }

    /// Claims what could not be read, and says why.
    pub(super) fn give_up(&mut self, stop: Stop) {
        if self.reader.left() > 0 {
            self.remainder(&UNREAD);
        }
        if let Stop::Malformed(malformed) = stop {
            self.reader.note(Note::Malformed(malformed.reason));
            self.remember(malformed.reason);
        }
    }
}

/// The string under `key`.
pub(super) fn bytes_of<'i>(document: &Document<'i>, key: &str) -> Option<&'i [u8]> {
    document.root()?.get(key.as_bytes())?.as_bytes()
}

/// The integer under `key`, also when it was sent as a string.
pub(super) fn int_of(node: Node<'_, '_>, key: &str) -> Option<i64> {
    node.get(key.as_bytes())?.lenient_int()
}
