//! The walk from row to row.

use super::block::Rows;
use super::head::{Head, aligned, head};
use super::kind::{Kind, USUAL_ROW, kind};
use super::next::{self, next_head, steps};
use super::{bare, fields, hex, led, partial, ruler};
use crate::paste::cells;
use crate::paste::column::{self, MAX_ROW, Order};
use crate::paste::dump::Cut;
use crate::paste::fault::{Fault, Reason};
use crate::paste::found::{Found, PlacedByte};
use crate::paste::proof;
use crate::paste::text::Text;

/// Lines of a ruler and a frame before the first row, at most.
const MAX_RULERS: usize = 4;

/// A dump in rows that begins with a line; `goes_on` where the line before is one
/// too.
pub fn find(text: &Text<'_>, line: usize, goes_on: bool) -> Result<Option<Found>, Fault> {
    let rulers = (line..).take(MAX_RULERS);
    let rulers = rulers.take_while(|line| ruler::is_ruler(text, *line) && is_bare(text, *line));
    let mut first = line + rulers.count();
    if first > line && text.line_text(first).trim().is_empty() {
        first += 1;
    }
    let partial = (first == line).then(|| partial::row(text, first)).flatten();
    let first = first + usize::from(partial.is_some());
    let mut start = text.line(line).unwrap_or_default().start;
    let number = || aligned(text, first).filter(|head| head.digits == 1);
    let led = (first == line).then(|| led::head(text, first)).flatten();
    let head = match led {
        Some((head, at)) => {
            start = at;
            head
        }
        None => match head(text, first).or_else(number) {
            Some(head) => head,
            None => return Ok(None),
        },
    };
    let next = next_head(text, first, &head);
    if fields::are_fields(text.line_text(first), head.values[0], next.is_none()) {
        return Ok(None);
    }
    let steps = next
        .as_ref()
        .map_or([None; 3], |(_, next)| steps(&head, next));
    let Some(kind) = kind(text, &head, &steps) else {
        return Ok(None);
    };
    let mut rows = Rows::new(text, kind, first, start);
    rows.is_framed = first > line && partial.is_none();
    // Where the first row does not tell, either order gives it as many bytes.
    rows.order = hex::order(text, &head).unwrap_or(Order::Big);
    let next = next.filter(|(_, next)| rows.belongs(&head, next));
    if head.is_short() && rows.are_counts(&head, next.as_ref()) {
        return Ok(None);
    }
    match rows.radix_of(&head, next.as_ref()) {
        Some(radix) => rows.radix = radix,
        None if head.needs_proof() && !rows.is_told(&head) => return Ok(None),
        // `| 16384 | 12 |` is a row of any table.
        None if rows.is_framed && rows.most(&head).0 < 2 && head.values[0] != Some(0) => {
            return Ok(None);
        }
        None if goes_on || rows.is_framed || rows.stands_alone(&head) => {}
        None => return Ok(None),
    }
    let told = rows.told(&head);
    rows.order = told.unwrap_or(kind.usual_order());
    for (byte, at) in partial.into_iter().flatten() {
        rows.found.push(byte, at);
    }
    let other = (told.is_none() && rows.has_words(&head)).then(|| rows.other_way());
    let other = other.or_else(|| rows.other_base(&head));
    rows.read(first, head.clone())?;
    if let Some(mut other) = other.filter(|_| !proof::is_known(&rows.found.bytes)) {
        // A fault of the other reading is none of this one.
        let is_read = other.read(first, head).is_ok();
        if is_read && proof::likeness(&other.found.bytes) > proof::likeness(&rows.found.bytes) {
            rows = other;
        }
    }
    Ok((!rows.found.bytes.is_empty()).then(|| rows.into_found()))
}

/// Whether a line has no offset of its own: `00 01 02 03` may be the bytes.
fn is_bare(text: &Text<'_>, line: usize) -> bool {
    let follows = |line: usize| head(text, line).is_some();
    !follows(line) || ruler::is_ruler(text, line + 1) || follows(line + 1)
}

impl Rows<'_, '_> {
    fn read(&mut self, first: usize, first_head: Head) -> Result<(), Fault> {
        let (mut line, mut head) = (first, first_head);
        loop {
            let next = next_head(self.text, line, &head);
            let next = next.filter(|(_, next)| self.belongs(&head, next));
            let end = next.as_ref().map_or(line + 1, |(line, _)| *line);
            let repeats = next::repeats(self.text, line, end);
            let due = next.as_ref().and_then(|(_, next)| self.length(&head, next));
            let due_here = if repeats.is_some() { None } else { due };
            let row = self.row_of(line, &head, due_here, next.as_ref())?;
            self.note_cells(&head);
            let length = row.len();
            self.width = self.width.max(length);
            for &(byte, at) in &row {
                self.found.push(byte, at);
            }
            self.found.span.end = self.found.span.end.max(head.end);
            let (Some((next_line, next)), Some(due)) = (next, due) else {
                self.close(line, &row);
                return Ok(());
            };
            if let Some(repeats) = repeats {
                self.repeat(&row, due.saturating_sub(length), repeats)?;
            } else if due != length && !(line == self.first && self.lacks_start(&head, &next)) {
                self.note_missing(length, due);
                return Ok(());
            }
            self.found.span.end = next.end;
            if self.is_end(&next) {
                return Ok(());
            }
            (line, head) = (next_line, next);
        }
    }

    /// Whether the first rows have one number each, as columns of counts in any table do.
    fn are_counts(&self, head: &Head, next: Option<&(usize, Head)>) -> bool {
        let is_one = |head: &Head| self.most(head).0 < 2;
        let third = next.and_then(|(line, next)| next_head(self.text, *line, next));
        let rows = [
            Some(head),
            next.map(|(_, next)| next),
            third.as_ref().map(|(_, next)| next),
        ];
        next.is_some() && rows.into_iter().flatten().all(is_one)
    }

    /// Notes that whole rows are missing behind one of `length` bytes: the next offset is
    /// `due` bytes further on.
    fn note_missing(&mut self, length: usize, due: usize) {
        let missing = due.saturating_sub(length);
        let is_rows = length == USUAL_ROW && missing.is_multiple_of(USUAL_ROW);
        if self.kind == Kind::Hex && is_rows && (1..=MAX_ROW).contains(&missing) {
            let missing = Some(missing as u64);
            self.found.cut = Some(Cut { missing });
        }
    }

    /// Takes what stands below the last row and belongs to it: its characters,
    /// and the end of the frame.
    fn close(&mut self, line: usize, row: &[PlacedByte]) {
        let bytes: Vec<_> = row.iter().map(|(byte, _)| *byte).collect();
        let after = line + 1;
        let shown = self.text.line_text(after).trim();
        let is_column = shown.chars().count() >= 2 && column::fits(shown, &bytes);
        let is_frame = self.is_framed && ruler::is_ruler(self.text, after);
        if let Some(span) = self.text.line(after)
            && (is_column || is_frame)
            && head(self.text, after).is_none()
        {
            self.found.span.end = self.found.span.end.max(span.end);
        }
    }

    /// Bytes between the offsets of two rows.
    fn length(&self, head: &Head, next: &Head) -> Option<usize> {
        let step = next::steps(head, next)[self.radix];
        step.filter(|length| *length > 0)
    }

    /// The bytes of a row of which the next offset says that it has `due`.
    fn row_of(
        &mut self,
        line: usize,
        head: &Head,
        due: Option<usize>,
        next: Option<&(usize, Head)>,
    ) -> Result<Vec<PlacedByte>, Fault> {
        let cells = cells::read_row(self.text, head.body.clone());
        let due = due.filter(|due| *due <= MAX_ROW);
        let mut row = self.row(head, due).unwrap_or_default();
        self.wrapped(line, due, next, &mut row);
        if self.kind == Kind::Characters {
            self.digits_below(line, next, &mut row);
        }
        if self.kind == Kind::Hex
            && due == Some(USUAL_ROW)
            && let Some((at, bad)) = hex::damage(self.text, head)
        {
            return Err(self.text.fault(at, Reason::NotHex(bad)));
        }
        let found = row.len();
        let next = next.map(|(_, next)| next);
        let is_late = line == self.first && next.is_some_and(|next| self.lacks_start(head, next));
        if self.kind == Kind::Hex && due.is_none_or(|due| found < due) && !is_late {
            hex::check(self.text, head, &cells, found, due.is_none())?;
        }
        match due {
            // The next offset may be that of another dump.
            Some(due) if found < due && due <= self.width.max(USUAL_ROW) && !is_late => {
                Err(self.text.fault(head.body.start, Reason::Row { found, due }))
            }
            _ => Ok(row),
        }
    }

    /// Adds what a mail program put in lines of their own, up to the next offset;
    /// behind the last row, to a row as long as the others.
    fn wrapped(
        &mut self,
        line: usize,
        due: Option<usize>,
        next: Option<&(usize, Head)>,
        row: &mut Vec<PlacedByte>,
    ) {
        let Some(due) = due.filter(|_| self.kind == Kind::Hex) else {
            return;
        };
        let end = next.map_or(line + 1, |(line, _)| *line);
        for line in line + 1..end {
            if row.len() >= due {
                return;
            }
            let span = self.text.line(line).unwrap_or_default();
            let cells = cells::read_row(self.text, span.clone());
            let mut more = Found::new(self.kind.form(), span.start);
            for group in &cells.groups {
                cells::push(&mut more, self.text, group);
            }
            let more = more.bytes.into_iter().zip(more.offsets);
            row.extend(more.take(due - row.len()));
        }
    }

    /// Takes the digits that `od -t a -t x1` puts below the characters of a row: names
    /// do not tell the highest bit.
    fn digits_below(&self, line: usize, next: Option<&(usize, Head)>, row: &mut Vec<PlacedByte>) {
        let below = line + 1;
        let is_row = next.is_none_or(|(next, _)| below < *next);
        let digits = || bare::digits(self.text, below).filter(|digits| bare::are_same(row, digits));
        if let Some(digits) = digits().filter(|_| is_row) {
            *row = digits;
        }
    }

    /// Adds `missing` bytes of the same again.
    fn repeat(&mut self, row: &[PlacedByte], missing: usize, line: usize) -> Result<(), Fault> {
        let at = self.text.line(line).unwrap_or_default().start;
        self.text.charge(&mut self.found.repeated, missing, at)?;
        for &(byte, _) in row.iter().cycle().take(missing) {
            self.found.push(byte, at);
        }
        Ok(())
    }
}
