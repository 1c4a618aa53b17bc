//! Tells a sink about a bencoded value. The leaves partition its bytes: an entry
//! with an integer or a string is one leaf over key and value, a container is a
//! group with framing leaves for its first and last bytes.

use std::ops::Range;

use super::fit::{expects_int, generic, unfit};
use super::node::{Document, Node};
use super::rules::Rules;
use super::table::{Check, Compact, Shape, Table};
use super::tape::{Anomaly, Token, TokenKind};
use crate::wire::anomaly::Breach;
use crate::wire::{Field, Group, Kind, Label, Member, Note, Reader, Sink, Value};

static DICTIONARY: Field = Field::new(
    "dictionary",
    Kind::Framing,
    "The `d` that begins a dictionary, after its key if it has one.",
);
static LIST: Field = Field::new(
    "list",
    Kind::Framing,
    "The `l` that begins a list, after its key if it has one.",
);
static LENGTH: Field = Field::new(
    "length",
    Kind::Framing,
    "Key and length of a string that holds packed records.",
);
static END: Field = Field::new(
    "end",
    Kind::Framing,
    "The `e` that ends a list or a dictionary.",
);
static BROKEN: Field = Field::new(
    "broken",
    Kind::Unclaimed,
    "Bytes from the one on at which bencode breaks off.",
);
/// What the capture does not hold of a value.
static MISSING: Field = Field::new(
    "missing_bytes",
    Kind::Framing,
    "Bytes that the capture does not hold.",
);
static REMAINDER: Field = Field::new(
    "remainder",
    Kind::Unclaimed,
    "Bytes of a packed string that are no whole record.",
);

/// What a bencoded value can have wherever it is.
pub(in crate::wire) static ANYWHERE: &[Member] = &[
    Member::Field(&DICTIONARY),
    Member::Field(&LIST),
    Member::Field(&LENGTH),
    Member::Field(&END),
    Member::Field(&BROKEN),
    Member::Field(&MISSING),
    Member::Field(&REMAINDER),
    Member::Shared(super::fit::ANYWHERE),
];

/// Parses the next bytes of `reader` as a bencoded value and reports it with the
/// names of `table`. The reader then stands after the value (trailing bytes are
/// the caller's); a broken value is claimed up to the declared end.
pub fn dissect<'i, S: Sink>(reader: &mut Reader<'i, '_, S>, table: &'static Table) -> Document<'i> {
    let document = Document::parse(reader.rest());
    let base = reader.at();
    report_intact(&document, reader.sink(), base, table);
    reader.advance(document.end());
    if let Some(error) = document.error() {
        let here = reader.rest().len();
        let missing = reader.left() - here;
        let cut = error.reason.is_truncation() && missing > 0;
        if here > 0 || !cut {
            reader.bulk(&BROKEN, if cut { here } else { here + missing });
        }
        if cut {
            reader.remainder(&MISSING);
        }
        reader.note(if cut {
            Note::Cut(missing as u64)
        } else {
            Note::Malformed(table.rules.broken(error.reason))
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
        sink.note(Note::Malformed(table.rules.broken(error.reason)));
    }
}

fn report_intact<S: Sink>(
    document: &Document<'_>,
    sink: &mut S,
    base: usize,
    table: &'static Table,
) {
    if !S::FIELDS && !S::NOTES {
        return;
    }
    let mut walk = Walk {
        rules: table.rules,
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
    rules: &'static Rules,
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

/// A value that is an entry or an item.
#[derive(Clone, Copy)]
struct Element {
    label: Label,
    /// Offset of its first byte: of its key, if it has one.
    start: usize,
    /// Token of its value.
    index: usize,
    shape: Shape,
    check: Option<Check>,
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
            return self.value(Element {
                label: Label::Field(generic(token.kind)),
                start: token.start as usize,
                index: 0,
                shape: Shape::PLAIN,
                check: None,
            });
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
        self.value(Element {
            label,
            start: self.tokens[key].start as usize,
            index: key + 1,
            shape,
            check: known.and_then(|key| key.check),
        })
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
        self.value(Element {
            label: Label::Item(count, field),
            start: token.start as usize,
            index,
            shape,
            check: None,
        })
    }

    /// Tells a member; gives the index of the token to tell next.
    fn value(&mut self, member: Element) -> usize {
        let token = self.tokens[member.index];
        match (token.kind, member.shape.compact) {
            (TokenKind::Int, _) => self.scalar(member, self.int_value(token)),
            (TokenKind::Bytes, Some(compact)) => self.packed(member, compact),
            (TokenKind::Bytes, None) => self.scalar(member, self.at_base(token.content())),
            (TokenKind::List, _) => self.container(member, &LIST),
            (TokenKind::Dict, _) => self.container(member, &DICTIONARY),
        }
        member.index + 1
    }

    fn scalar(&mut self, member: Element, value: Value) {
        let end = self.tokens[member.index].end as usize;
        self.leaf(member.label, member.start..end, value);
        self.remark(member);
    }

    fn container(&mut self, member: Element, framing: &'static Field) {
        let group = match self.tokens[member.index].kind {
            TokenKind::Dict => Group::Dictionary,
            _ => Group::List,
        };
        self.sink
            .open(member.label, self.base + member.start, group);
        self.remark(member);
        let content = self.tokens[member.index].content as usize;
        self.framing(framing, member.start, content);
        self.open.push(Frame {
            token: member.index,
            count: 0,
            shape: member.shape,
            grouped: true,
        });
    }

    /// A string that holds records of fixed length.
    fn packed(&mut self, member: Element, compact: &'static Compact) {
        let content = self.tokens[member.index].content();
        self.sink
            .open(member.label, self.base + member.start, Group::List);
        self.remark(member);
        self.framing(&LENGTH, member.start, content.start);
        let size = compact.size();
        let records = content.len() / size;
        for record in 0..records {
            self.record(record as u32, content.start + record * size, compact);
        }
        let rest = content.start + records * size..content.end;
        if !rest.is_empty() {
            self.leaf(Label::Field(&REMAINDER), rest.clone(), self.at_base(rest));
            self.sink
                .note(Note::Malformed(&self.rules.types.partial_record));
        }
        self.sink.close(self.base + content.end);
    }

    /// Notes what is out of the ordinary with a member, right after its leaf is
    /// told or its group is opened.
    fn remark(&mut self, member: Element) {
        if !S::NOTES {
            return;
        }
        while let Some((first, rest)) = self.anomalies.split_first()
            && first.token <= member.index
        {
            let breach = Breach::from(self.rules.form(first.kind));
            self.sink
                .note(Note::Anomaly(breach.at(self.base + first.at)));
            self.anomalies = rest;
        }
        let token = self.tokens[member.index];
        let node = Node::at(self.input, self.tokens, member.index);
        let checked = member.check.and_then(|check| check(node));
        let breach = checked.or_else(|| {
            let unfit = unfit(member.label.field()?, token, member.shape, self.rules);
            unfit.map(Breach::from)
        });
        if let Some(breach) = breach {
            let at = self.base + member.start;
            self.sink.note(Note::Anomaly(breach.at(at)));
        }
    }

    fn record(&mut self, number: u32, start: usize, compact: &'static Compact) {
        let label = Label::Item(number, compact.record);
        if let [part] = compact.parts {
            let span = start..start + part.size;
            self.leaf(label, span.clone(), self.part_value(part.field, span));
            return;
        }
        self.sink.open(label, self.base + start, Group::Record);
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
}

fn bytes(span: Range<usize>) -> Value {
    Value::Bytes {
        start: span.start as u32,
        end: span.end as u32,
    }
}
