//! What the dissectors of extended messages share.

use nom::number::complete::{be_u8, be_u32};

use super::anomalies;
use crate::wire::anomaly::{Anomaly, Breach};
use crate::wire::bencode::{self, Document, Node, Table};
use crate::wire::{Field, Kind, Malformed, Member, Note, Problem, Reader, Sink};

static TRAILING: Field = Field::new(
    "trailing",
    Kind::Unclaimed,
    "Bytes after the end of the message.",
);
static UNREAD: Field = Field::new(
    "unread",
    Kind::Unclaimed,
    "Bytes of a message that could not be read.",
);

/// What an extended message has beyond its layout.
pub(super) static ANYWHERE: &[Member] = &[Member::Field(&TRAILING), Member::Field(&UNREAD)];

/// The body of an extended message: a reader that remembers where the message
/// first breaks its layout.
pub(super) struct Input<'r, 'i, 's, S: Sink> {
    pub(super) reader: &'r mut Reader<'i, 's, S>,
    pub(super) malformed: Option<Malformed>,
}

impl<'i, S: Sink> Input<'_, 'i, '_, S> {
    /// Whether the capture does not hold all of the message, so that a missing
    /// part is nobody's fault.
    pub(super) fn is_cut(&self) -> bool {
        !self.reader.is_whole()
    }

    /// Remarks on the field told last.
    pub(super) fn anomaly(&mut self, breach: impl Into<Breach>) {
        self.reader.anomaly(breach);
    }

    /// [`Input::anomaly`] at an offset of the message.
    pub(super) fn anomaly_at(&mut self, at: usize, breach: impl Into<Breach>) {
        self.reader.anomaly_at(at, breach);
    }

    /// The message breaks its layout at offset `at`.
    pub(super) fn malformed(&mut self, at: usize, anomaly: &'static Anomaly) {
        self.malformed.get_or_insert(Malformed::new(at, anomaly));
    }

    /// Something that the layout asks for is not there, unless it may be in the
    /// part that was not captured.
    pub(super) fn missing(&mut self, anomaly: &'static Anomaly) {
        if !self.is_cut() {
            self.reader.note(Note::Malformed(anomaly));
            self.malformed(self.reader.at(), anomaly);
        }
    }

    /// [`Input::anomaly`] about something that is not there, with the same
    /// reserve.
    pub(super) fn absent(&mut self, anomaly: &'static Anomaly) {
        if !self.is_cut() {
            self.anomaly(anomaly);
        }
    }

    pub(super) fn byte(&mut self, field: &'static Field) -> Result<u8, Problem> {
        self.reader.field(field, be_u8)
    }

    pub(super) fn word(&mut self, field: &'static Field) -> Result<u32, Problem> {
        self.reader.field(field, be_u32)
    }

    /// Reads a bencoded dictionary and reports it with the names of `table`.
    pub(super) fn dictionary(&mut self, table: &'static Table) -> Document<'i> {
        let start = self.reader.at();
        let document = bencode::dissect(self.reader, table);
        match document.error() {
            Some(error) if !(self.is_cut() && error.reason.is_truncation()) => {
                self.malformed(start + error.at, table.rules.broken(error.reason));
            }
            _ => {}
        }
        document
    }

    /// The integer under `key`, which the message must have.
    pub(super) fn required_int(
        &mut self,
        document: &Document<'i>,
        key: &str,
        missing: &'static Anomaly,
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
        self.end_by(&anomalies::TRAILING);
    }

    /// [`Input::end`], by a rule of the message's own.
    pub(super) fn end_by(&mut self, trailing: &'static Anomaly) {
        if self.reader.left() > 0 {
            let at = self.reader.at();
            self.remainder(&TRAILING);
            self.reader.note(Note::Malformed(trailing));
            self.malformed(at, trailing);
        }
    }

    /// Claims what could not be read, and says why.
    pub(super) fn give_up(&mut self, problem: Problem, short: &'static Anomaly) {
        if self.reader.left() > 0 {
            self.remainder(&UNREAD);
        }
        if let Problem::Malformed(malformed) = problem {
            let malformed = malformed.short_by(short);
            self.reader.note(Note::Malformed(malformed.anomaly));
            self.malformed.get_or_insert(malformed);
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
