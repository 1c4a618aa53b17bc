//! The walk over a text: which form begins first, and what lies between.

use super::dump::{Cut, Dump};
use super::fault::{Fault, MAX_BYTES, Reason};
use super::form::Form;
use super::found::{Broken, Found};
use super::section::{Context, Pasted, Section};
use super::text::Text;
use super::{
    array, base64, bencode, binary, bits, buffer, diff, digest, doubled, elements, escape,
    escaped_line, joined, log, loose, object, parts, pascal, plain, prefixed, records, repeats,
    rows, spelled, string, structure, web,
};
use crate::wire::peer::PREFIX;

/// Finds the first dump of a form that begins at or after an offset, in the same
/// line.
type Finder = fn(&Text<'_>, usize) -> Result<Option<Found>, Broken>;

/// The forms that can stand within a line. Of two that begin at the same place
/// the first one counts.
const WITHIN_LINES: [Finder; 20] = [
    structure::find,
    object::find,
    buffer::find,
    web::find,
    bencode::find,
    escaped_line::find,
    digest::find,
    binary::find,
    doubled::find,
    string::find,
    pascal::find,
    bits::find,
    loose::find,
    joined::find,
    array::find,
    prefixed::find,
    escape::find,
    spelled::find,
    plain::find,
    base64::find,
];

/// A message taken apart has this many lines of words between its sections, at most.
const MAX_WORDS_BETWEEN: usize = 3;

/// Characters between a part of a few bytes and the one before it, at most.
const MAX_APART: usize = 512;

/// Forms in which a program may print the parts of one message: its fields, or the head
/// and the payload that it sends one after the other.
const PARTS: [Form; 7] = [
    Form::Hex,
    Form::NodeBuffer,
    Form::NsData,
    Form::Array,
    Form::String,
    Form::Prefixed,
    Form::Escaped,
];

/// Forms in which `od` prints rows.
const ROWS: [Form; 8] = [
    Form::Hex,
    Form::Rows,
    Form::Words,
    Form::BigWords,
    Form::Characters,
    Form::Octal,
    Form::Decimal,
    Form::Bits,
];

/// Takes a text apart.
pub fn read(text: &str) -> Pasted<'_> {
    walk(&Text::new(text), Knowledge::Nothing)
}

/// Takes apart a text that is bytes for certain: a few digits are enough.
pub fn read_bytes(text: &str) -> Pasted<'_> {
    walk(&Text::new(text), Knowledge::Bytes)
}

/// The dictionary that a text prints as an object, of whatever keys.
pub fn read_object(text: &str) -> Option<Dump> {
    let text = Text::new(text);
    object::whole(&text).map(|found| found.into_dump(&text, false))
}

/// What is known of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Knowledge {
    Nothing,
    /// It is bytes and nothing else.
    Bytes,
    /// It is one side of a comparison, and has no sides itself.
    Side,
}

/// Takes a text apart.
fn walk<'t>(text: &Text<'t>, known: Knowledge) -> Pasted<'t> {
    let mut walk = Walk {
        text,
        sure: known == Knowledge::Bytes,
        is_side: known == Knowledge::Side,
        at: 0,
        after_dump: 0,
        sections: Vec::new(),
        bytes: 0,
        repeated: 0,
        next: [const { Next::Unknown }; WITHIN_LINES.len()],
    };
    let fault = walk.run().err().or_else(|| walk.last_resort().err());
    if fault.is_none() {
        walk.context(text.text.len());
    }
    let sections = walk.sections;
    Pasted { sections, fault }
}

/// What a finder said last.
enum Next {
    /// Nothing yet, or nothing that still holds.
    Unknown,
    /// This.
    Found(Found),
    /// This, but it has a fault.
    Broken(Broken),
    /// Nothing before the line that begins here or later.
    NotBefore(usize),
}

impl Next {
    /// Where what it found begins.
    fn start(&self) -> Option<usize> {
        match self {
            Self::Found(found) => Some(found.span.start),
            Self::Broken(broken) => Some(broken.start),
            Self::Unknown | Self::NotBefore(_) => None,
        }
    }

    /// Whether it is still true when one looks from `at` on.
    fn holds(&self, at: usize) -> bool {
        match self {
            Self::NotBefore(offset) => *offset > at,
            _ => self.start().is_some_and(|start| start >= at),
        }
    }
}

struct Walk<'x, 't> {
    text: &'x Text<'t>,
    /// It is bytes and nothing else.
    sure: bool,
    /// It is one side of a comparison.
    is_side: bool,
    at: usize,
    /// Where the last dump ended.
    after_dump: usize,
    sections: Vec<Section<'t>>,
    bytes: usize,
    /// How many of them are the same again.
    repeated: usize,
    next: [Next; WITHIN_LINES.len()],
}

impl Walk<'_, '_> {
    fn run(&mut self) -> Result<(), Fault> {
        while self.at < self.text.text.len() {
            let line = self.text.line_of(self.at);
            if self.logged(line) || self.compared(line)? {
                continue;
            }
            let found = match self.lines(line)? {
                None => self.within_line(line)?,
                found => found,
            };
            if let Some(found) = found {
                if self.is_of_prose(&found) {
                    self.at = found.span.end.max(self.at + 1);
                    continue;
                }
                self.take(found)?;
            } else {
                let next = self.text.line(line + 1);
                self.at = next.map_or(self.text.text.len(), |line| line.start);
            }
        }
        Ok(())
    }

    /// Takes a line of a log, if this is one that tells of a message.
    fn logged(&mut self, line: usize) -> bool {
        let Some(span) = self.text.line(line).filter(|span| span.start == self.at) else {
            return false;
        };
        let Some(logged) = log::read(self.text, line) else {
            return false;
        };
        self.context(span.start);
        self.sections.push(Section::Logged(logged));
        let next = self.text.line(line + 1);
        self.at = next.map_or(self.text.text.len(), |line| line.start);
        self.after_dump = self.at;
        true
    }

    /// Takes the rows of a comparison, if they begin in this line: the dump of each side.
    fn compared(&mut self, line: usize) -> Result<bool, Fault> {
        let span = self.text.line(line).unwrap_or_default();
        let hunk = (span.start == self.at && !self.is_side).then(|| diff::hunk(self.text, line));
        let Some(hunk) = hunk.flatten() else {
            return Ok(false);
        };
        let end = self.text.line(hunk.end);
        let end = end.map_or(self.text.text.len(), |line| line.start);
        let mut dumps = Vec::new();
        for side in &hunk.sides {
            let text = Text::new(&side.text);
            let Pasted { sections, fault } = walk(&text, Knowledge::Side);
            // What is the same again costs as much as in the text itself.
            (self.text).charge(&mut self.repeated, text.expanded(), span.start)?;
            let mut only = sections.into_iter();
            match (only.next(), only.next()) {
                (Some(Section::Dump(dump)), None) if fault.is_none() && side.is_all(&dump) => {
                    dumps.push(dump.moved(|place| side.place(place)));
                }
                _ => {
                    self.text.diffs.reach(end);
                    return Ok(false);
                }
            }
        }
        self.bytes += dumps.iter().map(|dump| dump.bytes.len()).sum::<usize>();
        if self.bytes > MAX_BYTES {
            return Err(self.text.fault(span.start, Reason::TooMany));
        }
        self.context(span.start);
        for (name, dump) in diff::NAMES.into_iter().zip(dumps) {
            self.sections.push(Section::Context(Context { text: name }));
            self.sections.push(Section::Dump(dump));
        }
        (self.at, self.after_dump) = (end, end);
        Ok(true)
    }

    /// A form of whole lines, if one begins here.
    fn lines(&self, line: usize) -> Result<Option<Found>, Fault> {
        let span = self.text.line(line).unwrap_or_default();
        let before = self.text.text.get(span.start..self.at);
        if before.is_some_and(|before| !before.trim().is_empty()) {
            return Ok(None);
        }
        // The index of an element looks like the offset of a row.
        if let Some(found) = elements::block(self.text, line) {
            return Ok(Some(found));
        }
        if let Some(found) = rows::find(self.text, line, self.is_after(Form::Rows, line))? {
            return Ok(Some(found));
        }
        let others = [
            parts::block,
            rows::bare,
            escape::block,
            bits::block,
            records::block,
            loose::block,
            joined::block,
        ];
        if let Some(found) = others.iter().find_map(|form| form(self.text, line)) {
            return Ok(Some(found));
        }
        plain::block(self.text, line, self.is_after(Form::Hex, line))
    }

    /// Whether the line before ends a dump of this form.
    fn is_after(&self, form: Form, line: usize) -> bool {
        matches!(self.sections.last(), Some(Section::Dump(dump)) if dump.form == form)
            && self.text.line_of(self.after_dump) + 1 >= line
    }

    /// The first form within the rest of the line.
    fn within_line(&mut self, line: usize) -> Result<Option<Found>, Fault> {
        let end = self.text.line(line).unwrap_or_default().end;
        for (next, finder) in self.next.iter_mut().zip(WITHIN_LINES) {
            if !next.holds(self.at) {
                *next = match finder(self.text, self.at) {
                    Ok(Some(found)) => Next::Found(found),
                    Ok(None) => Next::NotBefore(end.max(self.at + 1)),
                    Err(broken) => Next::Broken(broken),
                };
            }
        }
        let first = self.next.iter_mut().filter(|next| next.start().is_some());
        let Some(first) = first.min_by_key(|next| next.start()) else {
            return Ok(None);
        };
        match std::mem::replace(first, Next::Unknown) {
            Next::Found(found) => Ok(Some(found)),
            Next::Broken(broken) => Err(broken.fault),
            Next::Unknown | Next::NotBefore(_) => Ok(None),
        }
    }

    fn take(&mut self, mut found: Found) -> Result<(), Fault> {
        self.note_repeats(&mut found);
        self.bytes += found.bytes.len();
        if self.bytes > MAX_BYTES {
            return Err(self.text.fault(found.span.start, Reason::TooMany));
        }
        let start = found.span.start;
        self.text.count(&mut self.repeated, found.repeated, start)?;
        let follows = self.follows(&found);
        self.context(found.span.start);
        self.at = found.span.end.max(found.until).max(self.at + 1);
        self.after_dump = found.span.end;
        let dump: Dump = found.into_dump(self.text, follows);
        self.sections.push(Section::Dump(dump));
        Ok(())
    }

    /// Notes that a `*` stands below rows without an offset behind it, as `od -A n` prints
    /// it: nothing says how often the last one is there.
    fn note_repeats(&self, found: &mut Found) {
        let line = self.text.line_of(found.span.end);
        // Beside the stars of a comment it is one.
        let is_comment = self.text.line_text(line).trim_start().starts_with('*');
        let is_below = repeats::is_same_again(self.text.line_text(line + 1)) && !is_comment;
        let (Some(row), Some(mark)) = (self.text.line(line), self.text.line(line + 1)) else {
            return;
        };
        if is_below && ROWS.contains(&found.form) && found.span.end == row.end {
            let at = mark.end - self.text.text[mark.clone()].trim_start().len();
            found.repeats = Some(at);
            found.cut = Some(Cut { missing: None });
            found.span.end = mark.end;
        }
    }

    /// Whether a literal is one that any text about a program has: one character, `'\0'`, and
    /// is no part of a message that is printed in parts.
    fn is_of_prose(&self, found: &Found) -> bool {
        let is_character = match found.bytes[..] {
            [byte] => found.form == Form::String && byte != PREFIX[0],
            _ => false,
        };
        let is_far = || found.span.start.saturating_sub(self.after_dump) > MAX_APART;
        let is_alone = || is_far() || !self.follows(found);
        is_character && !self.sure && found.cut.is_none() && is_alone()
    }

    fn follows(&self, found: &Found) -> bool {
        let is_same = |section: &Section<'_>| matches!(section, Section::Dump(dump) if dump.form == found.form);
        let between = self.text.text.get(self.after_dump..found.span.start);
        let between = between.unwrap_or_default();
        // The dictionary behind the head of an extended message, as text.
        if found.form == Form::Bencode && between.trim().is_empty() && !between.contains('\n') {
            let is_part = |section: &Section<'_>| matches!(section, Section::Dump(dump) if PARTS.contains(&dump.form));
            return self.sections.last().is_some_and(is_part);
        }
        let mut lines = between.split('\n').skip(1);
        PARTS.contains(&found.form)
            && self.sections.last().is_some_and(is_same)
            && between.matches('\n').count() <= MAX_WORDS_BETWEEN
            && !lines.any(|line| line.trim().is_empty() && !line.is_empty())
            && !between.contains("\n\n")
            && !between.contains("\n\r\n")
    }

    /// Keeps the text up to `end` as context.
    fn context(&mut self, end: usize) {
        let text = self.text.text.get(self.after_dump..end).unwrap_or_default();
        if text.contains(|c: char| !c.is_whitespace()) {
            self.sections.push(Section::Context(Context { text }));
        }
        self.after_dump = end.max(self.after_dump);
    }

    /// Where no form was recognised, all of the text may be a few digits.
    fn last_resort(&mut self) -> Result<(), Fault> {
        let text = self.text;
        if text.text.trim().is_empty() {
            return Err(text.fault(0, Reason::Empty));
        }
        if self
            .sections
            .iter()
            .any(|section| !matches!(section, Section::Context(_)))
        {
            return Ok(());
        }
        if let Some(found) = object::whole(text) {
            return self.take(found);
        }
        if let Some(found) = array::whole(text) {
            return self.take(found);
        }
        if let Some(found) = loose::whole(text) {
            return self.take(found);
        }
        if plain::is_all(text, self.sure) {
            return self.take(plain::all(text)?);
        }
        let found = prefixed::whole(text)?.or(string::whole(text)?);
        let found = found.filter(|found| !self.is_of_prose(found));
        if let Some(found) = found.or_else(|| base64::whole(text)) {
            return self.take(found);
        }
        Err(text.fault(0, Reason::NoBytes))
    }
}
