//! The reader: runs parsers over one message and reports what they consumed.

use std::fmt;

use nom::Parser;
use nom::error::Error as NomError;

use super::anomaly::{Anomaly, Breach};
use super::field::{Field, Kind};
use super::sink::{Fact, Group, Label, Note, Sink, Value};

/// What is wrong with a message: why a dissector stopped before its declared end,
/// or what breaks its layout.
///
/// The third answer of a stream, "more bytes may still come", is not here: a
/// dissector runs when a message is complete or when the rest never comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The declared bytes go on, but they are not in the capture.
    Cut,
    /// A field crosses the bound that the message declares, or breaks a rule of
    /// its layout.
    Malformed(Malformed),
}

impl Problem {
    /// Where the layout is broken, if it is.
    pub const fn malformed(self) -> Option<Malformed> {
        match self {
            Self::Malformed(malformed) => Some(malformed),
            Self::Cut => None,
        }
    }

    /// This; if the message is too short for its layout, by the rule of its own.
    #[must_use]
    pub fn short_by(self, rule: &'static Anomaly) -> Self {
        match self {
            Self::Malformed(malformed) => Self::Malformed(malformed.short_by(rule)),
            Self::Cut => Self::Cut,
        }
    }
}

/// Where and how a message breaks its layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// Offset within the message.
    pub at: usize,
    /// What is wrong.
    pub anomaly: &'static Anomaly,
    /// Where bytes are missing: how many.
    pub shortage: Option<Shortage>,
}

impl Malformed {
    /// A fault at an offset.
    pub const fn new(at: usize, anomaly: &'static Anomaly) -> Self {
        Self {
            at,
            anomaly,
            shortage: None,
        }
    }

    /// What is wrong, in words, without the value.
    pub const fn reason(&self) -> &'static str {
        self.anomaly.words
    }

    /// This; if the message is too short for its layout, by the rule of its own.
    #[must_use]
    pub fn short_by(self, rule: &'static Anomaly) -> Self {
        let is_short = self.anomaly == &SHORT;
        let anomaly = if is_short { rule } else { self.anomaly };
        Self { anomaly, ..self }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}", self.reason(), self.at)?;
        match self.shortage {
            Some(shortage) => write!(f, ", {shortage}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Malformed {}

/// A field needs more bytes than there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shortage {
    /// Bytes that the field needs; `None` where its layout does not fix that.
    pub needed: Option<u32>,
    /// Bytes up to the bound.
    pub had: u32,
    /// What sets the bound.
    pub limit: Limit,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.needed {
            Some(needed) => write!(f, "{needed} bytes needed, {} left", self.had)?,
            None => write!(f, "{} bytes left", self.had)?,
        }
        write!(f, " of {}", self.limit)
    }
}

/// Which length bounds what can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The length that the message declares, so many bytes.
    Declared(u32),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(length) => write!(f, "the {length} bytes that the message declares"),
        }
    }
}

/// A message that is too short for its layout, before it is known which message.
pub(super) static SHORT: Anomaly = Anomaly::error("MS-02", 3, "shorter than its layout").plain();

impl From<Malformed> for Problem {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

/// Reads the fields of one message.
///
/// `bytes` is what of the message was captured, `declared` its length as the
/// message itself says: the two differ for a message cut by the capture, and for
/// a bulk body that was never buffered.
pub struct Reader<'i, 's, S: Sink> {
    bytes: &'i [u8],
    at: usize,
    declared: usize,
    /// First byte of the field read last.
    last: usize,
    sink: &'s mut S,
}

/// What a parser's output looks like in a field tree.
pub trait ToValue {
    /// Bytes that it is read from, where that is fixed.
    const SIZE: Option<usize> = None;

    /// The value; `start` and `end` are the span of the field.
    fn to_value(&self, start: usize, end: usize) -> Value;
}

impl ToValue for u8 {
    const SIZE: Option<usize> = Some(1);

    fn to_value(&self, _: usize, _: usize) -> Value {
        Value::Uint(u64::from(*self))
    }
}

impl ToValue for u16 {
    const SIZE: Option<usize> = Some(2);

    fn to_value(&self, _: usize, _: usize) -> Value {
        Value::Uint(u64::from(*self))
    }
}

impl ToValue for u32 {
    const SIZE: Option<usize> = Some(4);

    fn to_value(&self, _: usize, _: usize) -> Value {
        Value::Uint(u64::from(*self))
    }
}

impl ToValue for u64 {
    const SIZE: Option<usize> = Some(8);

    fn to_value(&self, _: usize, _: usize) -> Value {
        Value::Uint(*self)
    }
}

impl ToValue for i32 {
    const SIZE: Option<usize> = Some(4);

    fn to_value(&self, _: usize, _: usize) -> Value {
        Value::Int(i64::from(*self))
    }
}

impl ToValue for &[u8] {
    fn to_value(&self, start: usize, end: usize) -> Value {
        bytes_value(start, end)
    }
}

impl<const N: usize> ToValue for [u8; N] {
    const SIZE: Option<usize> = Some(N);

    fn to_value(&self, start: usize, end: usize) -> Value {
        bytes_value(start, end)
    }
}

impl<const N: usize> ToValue for &[u8; N] {
    const SIZE: Option<usize> = Some(N);

    fn to_value(&self, start: usize, end: usize) -> Value {
        bytes_value(start, end)
    }
}

/// A length in 32 bits, like the length prefix of the peer wire.
fn saturating(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn bytes_value(start: usize, end: usize) -> Value {
    Value::Bytes {
        start: start as u32,
        end: end as u32,
    }
}

impl<'i, 's, S: Sink> Reader<'i, 's, S> {
    /// Reads a message of `declared` bytes, of which `bytes` are at hand.
    pub fn new(bytes: &'i [u8], declared: usize, sink: &'s mut S) -> Self {
        Self {
            bytes: &bytes[..bytes.len().min(declared)],
            at: 0,
            declared,
            last: 0,
            sink,
        }
    }

    /// Offset of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Bytes up to the declared end.
    pub fn left(&self) -> usize {
        self.declared - self.at
    }

    /// The bytes at hand that are not read yet.
    pub fn rest(&self) -> &'i [u8] {
        &self.bytes[self.at.min(self.bytes.len())..]
    }

    /// Whether all bytes up to the declared end are at hand.
    pub fn is_whole(&self) -> bool {
        self.bytes.len() == self.declared
    }

    /// The sink, for a dissector that reports spans by itself (bencode).
    pub fn sink(&mut self) -> &mut S {
        self.sink
    }

    /// Lets `parser` read the next field and reports it.
    ///
    /// `parser` is any parser of nom's `complete` family: at this point the
    /// message is bounded, so a parser that runs out of bytes has met a cut
    /// capture or a malformed message, which the lengths tell apart.
    #[inline]
    pub fn field<O, P>(&mut self, field: &'static Field, parser: P) -> Result<O, Problem>
    where
        O: ToValue,
        P: Parser<&'i [u8], Output = O, Error = NomError<&'i [u8]>>,
    {
        self.labelled(Label::Field(field), parser)
    }

    /// [`Reader::field`] with a name that is not from a field table.
    #[inline]
    pub fn labelled<O, P>(&mut self, label: Label, mut parser: P) -> Result<O, Problem>
    where
        O: ToValue,
        P: Parser<&'i [u8], Output = O, Error = NomError<&'i [u8]>>,
    {
        let input = self.rest();
        match parser.parse(input) {
            Ok((rest, output)) => {
                let start = self.at;
                let end = start + (input.len() - rest.len());
                self.at = end;
                if S::NOTES {
                    self.last = start;
                }
                self.sink
                    .leaf(label, start, end, output.to_value(start, end));
                Ok(output)
            }
            Err(_) => Err(self.short(O::SIZE)),
        }
    }

    /// Claims `length` bytes as bulk data, whether they are at hand or not, and
    /// gives those that are.
    pub fn bulk(&mut self, field: &'static Field, length: usize) -> &'i [u8] {
        let length = length.min(self.left());
        let at_hand = &self.rest()[..length.min(self.rest().len())];
        let (start, end) = (self.at, self.at + length);
        self.at = end;
        self.last = start;
        self.sink
            .leaf(Label::Field(field), start, end, bytes_value(start, end));
        at_hand
    }

    /// Claims everything up to the declared end as bulk data.
    pub fn remainder(&mut self, field: &'static Field) -> &'i [u8] {
        self.bulk(field, self.left())
    }

    /// Advances over `length` bytes that the caller has reported to the sink.
    pub fn advance(&mut self, length: usize) {
        self.at += length.min(self.left());
    }

    /// Begins a group of fields: a list if the field says so, else a record.
    pub fn open(&mut self, label: Label) {
        let kind = label.field().map(|field| field.kind);
        let group = match kind {
            Some(Kind::List) => Group::List,
            _ => Group::Record,
        };
        self.last = self.at;
        self.sink.open(label, self.at, group);
    }

    /// Ends the innermost group.
    pub fn close(&mut self) {
        self.sink.close(self.at);
    }

    /// Remarks on the field read last.
    pub fn note(&mut self, note: Note) {
        self.sink.note(note);
    }

    /// Remarks on an anomaly of the field read last.
    pub fn anomaly(&mut self, breach: impl Into<Breach>) {
        self.anomaly_at(self.last, breach);
    }

    /// Remarks on an anomaly at an offset.
    pub fn anomaly_at(&mut self, at: usize, breach: impl Into<Breach>) {
        if S::NOTES {
            self.sink.note(Note::Anomaly(breach.into().at(at)));
        }
    }

    /// Adds a fact to the field read last.
    pub fn fact(&mut self, fact: impl FnOnce() -> Fact) {
        if S::NOTES && S::FIELDS {
            self.sink.note(Note::Fact(fact()));
        }
    }

    /// A fault at the next byte.
    pub fn malformed(&self, anomaly: &'static Anomaly) -> Problem {
        Problem::Malformed(Malformed::new(self.at, anomaly))
    }

    /// Why the next field does not fit: the capture is cut, or the message is
    /// shorter than its layout.
    pub(super) fn short(&self, needed: Option<usize>) -> Problem {
        if !self.is_whole() {
            return Problem::Cut;
        }
        Problem::Malformed(Malformed {
            shortage: Some(Shortage {
                needed: needed.map(saturating),
                had: saturating(self.left()),
                limit: Limit::Declared(saturating(self.declared)),
            }),
            ..Malformed::new(self.at, &SHORT)
        })
    }

    /// Ends the message: claims what no field did, so that the leaves partition
    /// it, and says what was left over.
    pub fn finish(mut self, unclaimed: &'static Field) -> usize {
        let left = self.left();
        if left > 0 {
            self.remainder(unclaimed);
        }
        left
    }
}
