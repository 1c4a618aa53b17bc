//! Tells a sink about a bencoded value. The leaves partition its bytes: an entry
//! with an integer or a string is one leaf over key and value, a container is a
//! group with framing leaves for its first and last bytes.

use std::ops::Range;

use super::node::Document;
use super::table::{Compact, Shape, Table};
use super::tape::{Anomaly, Token, TokenKind};
use crate::wire::{Field, Kind, Label, Note, Reader, Sink, Value};

static DICTIONARY: Field = Field::new("dictionary", Kind::Framing);
static LIST: Field = Field::new("list", Kind::Framing);
static LENGTH: Field = Field::new("length", Kind::Framing);
static END: Field = Field::new("end", Kind::Framing);
static BROKEN: Field = Field::new("broken", Kind::Unclaimed);
static REMAINDER: Field = Field::new("remainder", Kind::Unclaimed);
// Values that no table knows: items of private lists, a root that is not a
// dictionary.
static VALUE_INT: Field = Field::new("value", Kind::Int);
static VALUE_TEXT: Field = Field::new("value", Kind::Text);
static VALUE_LIST: Field = Field::new("value", Kind::List);
static VALUE_DICT: Field = Field::new("value", Kind::Group);

/// Parses the next bytes of `reader` as a bencoded value and reports it with the
/// names of `table`. The reader then stands after the value (trailing bytes are
/// the caller's); a broken value is claimed up to the declared end.
pub fn dissect<'i, S: Sink>(reader: &mut Reader<'i, '_, S>, table: &'static Table) -> Document<'i> {
    let document = Document::parse(reader.rest());
    let base = reader.at();
    report_intact(&document, reader.sink(), base, table);
    reader.advance(document.end());
    if let Some(error) = document.error() {
        let missing = reader.left() - reader.rest().len();
        let cut = error.reason.is_truncation() && missing > 0;
        reader.remainder(&BROKEN);
        reader.note(if cut {
            Note::Cut(missing as u64)
        } else {
            Note::Malformed(error.reason.text())
        });
    }
    document
}

/// Reports the value of `document`, whose input begins at offset `base` of the
/// message. A broken tail is claimed up to the end of the input; bytes after a
/// complete value are left to the caller.
pub fn report<S: Sink>(document: &Document<'_>, sink: &mut S, base: usize, table: &'static Table) {
    report_intact(document, sink, base, table);
    if let Some(error) = document.error() {
        let start = base + document.end();
        let end = base + document.input().len();
        sink.leaf(Label::Field(&BROKEN), start, end, bytes(start..end));
        sink.note(Note::Malformed(error.reason.text()));
    }
}

fn report_intact<S: Sink>(
    document: &Document<'_>,
    sink: &mut S,
    base: usize,
    table: &'static Table,
) {
    let mut walk = Walk {
        input: document.input(),
        tokens: document.tape().tokens(),
        anomalies: document.anomalies(),
        open: Vec::new(),
        base,
        sink,
    };
    walk.run(table);
}

/// A walk over the tape, without recursion.
struct Walk<'d, S: Sink> {
    input: &'d [u8],
    tokens: &'d [Token],
    /// The anomalies not told yet.
    anomalies: &'d [Anomaly],
    open: Vec<Frame>,
    base: usize,
    sink: &'d mut S,
}

/// A container whose members are being told.
#[derive(Clone, Copy)]
struct Frame {
    token: usize,
    /// Members told so far.
    count: u32,
    shape: Shape,
    /// Whether the members form a group of their own: not those of the root
    /// dictionary, which are the fields of the message.
    grouped: bool,
}

impl<S: Sink> Walk<'_, S> {
    fn run(&mut self, table: &'static Table) {
        let mut index = self.root(table);
        loop {
            self.close_finished(index);
            let Some(frame) = self.open.last_mut() else {
                return;
            };
            let (shape, count) = (frame.shape, frame.count);
            frame.count += 1;
            index = if self.tokens[frame.token].kind == TokenKind::Dict {
                self.entry(index, shape.dict)
            } else {
                self.item(index, count, shape.items)
            };
        }
    }

    fn root(&mut self, table: &'static Table) -> usize {
        let Some(token) = self.tokens.first() else {
            return 0;
        };
        if token.kind != TokenKind::Dict {
            return self.value(
                Label::Field(generic(token.kind)),
                token.start as usize,
                0,
                Shape::PLAIN,
            );
        }
        self.framing(&DICTIONARY, token.start as usize, token.content as usize);
        self.open.push(Frame {
            token: 0,
            count: 0,
            shape: Shape::dict(table),
            grouped: false,
        });
        1
    }

    /// Ends the containers that hold no token from `index` on.
    fn close_finished(&mut self, index: usize) {
        while let Some(frame) = self
            .open
            .pop_if(|frame| self.tokens[frame.token].next() <= index)
        {
            let token = self.tokens[frame.token];
            if token.closed {
                self.framing(&END, token.end as usize - 1, token.end as usize);
            }
            if frame.grouped {
                self.sink.close(self.base + token.end as usize);
            }
        }
    }

    fn entry(&mut self, key: usize, table: Option<&'static Table>) -> usize {
        let text = self.tokens[key].content();
        let known = table.and_then(|table| table.find(&self.input[text.clone()]));
        let shape = match (known, table) {
            (Some(key), _) => key.shape,
            (None, Some(table)) => table.other,
            (None, None) => Shape::PLAIN,
        };
        let label = Label::Key {
            start: (self.base + text.start) as u32,
            end: (self.base + text.end) as u32,
            field: known.map(|key| key.field),
        };
        self.value(label, self.tokens[key].start as usize, key + 1, shape)
    }

    fn item(
        &mut self,
        index: usize,
        count: u32,
        items: Option<(&'static Field, &'static Shape)>,
    ) -> usize {
        let token = self.tokens[index];
        let (field, shape) = match items {
            Some((field, shape)) => (field, *shape),
            None => (generic(token.kind), Shape::PLAIN),
        };
        self.value(
            Label::Item(count, field),
            token.start as usize,
            index,
            shape,
        )
    }

    /// Tells the value at `index`, whose leaf or group begins at `start` (at its
    /// key, if it has one). Gives the index of the token to tell next.
    fn value(&mut self, label: Label, start: usize, index: usize, shape: Shape) -> usize {
        let token = self.tokens[index];
        match (token.kind, shape.compact) {
            (TokenKind::Int, _) => self.scalar(label, start, index, self.int_value(token)),
            (TokenKind::Bytes, Some(compact)) => self.packed(label, start, index, compact),
            (TokenKind::Bytes, None) => {
                self.scalar(label, start, index, self.at_base(token.content()));
            }
            (TokenKind::List, _) => self.container(label, start, index, shape, &LIST),
            (TokenKind::Dict, _) => self.container(label, start, index, shape, &DICTIONARY),
        }
        index + 1
    }

    fn scalar(&mut self, label: Label, start: usize, index: usize, value: Value) {
        let token = self.tokens[index];
        self.leaf(label, start..token.end as usize, value);
        self.tell_anomalies(index);
        if let Some(anomaly) = label.field().and_then(|field| unfit(field, token)) {
            self.sink.note(Note::Anomaly(anomaly));
        }
    }

    fn container(
        &mut self,
        label: Label,
        start: usize,
        index: usize,
        shape: Shape,
        framing: &'static Field,
    ) {
        self.sink.open(label, self.base + start);
        self.tell_anomalies(index);
        self.framing(framing, start, self.tokens[index].content as usize);
        self.open.push(Frame {
            token: index,
            count: 0,
            shape,
            grouped: true,
        });
    }

    /// A string that holds records of fixed length.
    fn packed(&mut self, label: Label, start: usize, index: usize, compact: &'static Compact) {
        let content = self.tokens[index].content();
        self.sink.open(label, self.base + start);
        self.tell_anomalies(index);
        self.framing(&LENGTH, start, content.start);
        let size = compact.size();
        let records = content.len() / size;
        for record in 0..records {
            self.record(record as u32, content.start + record * size, compact);
        }
        let rest = content.start + records * size..content.end;
        if !rest.is_empty() {
            self.leaf(Label::Field(&REMAINDER), rest.clone(), self.at_base(rest));
            self.sink
                .note(Note::Malformed("length is not a multiple of its records"));
        }
        self.sink.close(self.base + content.end);
    }

    fn record(&mut self, number: u32, start: usize, compact: &'static Compact) {
        let label = Label::Item(number, compact.record);
        if let [part] = compact.parts {
            let span = start..start + part.size;
            self.leaf(label, span.clone(), self.part_value(part.field, span));
            return;
        }
        self.sink.open(label, self.base + start);
        let mut at = start;
        for part in compact.parts {
            let span = at..at + part.size;
            at = span.end;
            let value = self.part_value(part.field, span.clone());
            self.leaf(Label::Field(part.field), span, value);
        }
        self.sink.close(self.base + at);
    }

    fn part_value(&self, field: &Field, span: Range<usize>) -> Value {
        if expects_int(field) && span.len() <= 8 {
            let number = self.input[span]
                .iter()
                .fold(0, |number, &byte| number << 8 | u64::from(byte));
            return Value::Uint(number);
        }
        self.at_base(span)
    }

    fn int_value(&self, token: Token) -> Value {
        let text = std::str::from_utf8(&self.input[token.content()]).unwrap_or_default();
        if let Ok(number) = text.parse::<u64>() {
            Value::Uint(number)
        } else if let Ok(number) = text.parse::<i64>() {
            Value::Int(number)
        } else {
            self.at_base(token.content())
        }
    }

    fn framing(&mut self, field: &'static Field, start: usize, end: usize) {
        self.leaf(Label::Field(field), start..end, self.at_base(start..end));
    }

    fn leaf(&mut self, label: Label, span: Range<usize>, value: Value) {
        self.sink
            .leaf(label, self.base + span.start, self.base + span.end, value);
    }

    fn at_base(&self, span: Range<usize>) -> Value {
        bytes(self.base + span.start..self.base + span.end)
    }

    /// The anomalies of the tokens up to `index` belong to the node told last.
    fn tell_anomalies(&mut self, index: usize) {
        while let Some((first, rest)) = self.anomalies.split_first()
            && first.token <= index
        {
            self.sink.note(Note::Anomaly(first.kind.text()));
            self.anomalies = rest;
        }
    }
}

fn bytes(span: Range<usize>) -> Value {
    Value::Bytes {
        start: span.start as u32,
        end: span.end as u32,
    }
}

fn generic(kind: TokenKind) -> &'static Field {
    match kind {
        TokenKind::Int => &VALUE_INT,
        TokenKind::Bytes => &VALUE_TEXT,
        TokenKind::List => &VALUE_LIST,
        TokenKind::Dict => &VALUE_DICT,
    }
}

fn expects_int(field: &Field) -> bool {
    matches!(
        field.kind,
        Kind::Uint(_) | Kind::Int | Kind::Enum(_) | Kind::Bool
    )
}

/// Why an integer or a string does not suit the field that it stands for.
fn unfit(field: &Field, token: Token) -> Option<&'static str> {
    match (field.kind, token.kind) {
        (_, TokenKind::Bytes) if expects_int(field) => Some("a string where an integer is due"),
        (
            Kind::Text | Kind::Bytes | Kind::Hash | Kind::PeerId | Kind::Address | Kind::Flags(_),
            TokenKind::Int,
        ) => Some("an integer where a string is due"),
        (Kind::Address, TokenKind::Bytes) if !matches!(token.content().len(), 4 | 6 | 16 | 18) => {
            Some("not the length of an address")
        }
        _ => None,
    }
}
