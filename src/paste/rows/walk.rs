//! The walk from row to row.

use super::head::{Evidence, Head, RADIXES, aligned, head};
use super::kind::{Kind, USUAL_ROW, kind};
use super::{bare, chars, fields, hex, number, ruler};
use crate::paste::cells::{self, COLUMN_GAP};
use crate::paste::column::{self, MAX_ROW, Order};
use crate::paste::fault::{Fault, Reason};
use crate::paste::form::Form;
use crate::paste::found::{Found, PlacedByte};
use crate::paste::margin::{is_margin, margin};
use crate::paste::proof;
use crate::paste::text::Text;

/// Lines of a ruler and a frame before the first row, at most.
const MAX_RULERS: usize = 4;

/// Lines into which a row is wrapped, or annotated, at most.
const MAX_WRAPPED: usize = 3;

/// Rows of which the characters are looked at.
const MAX_LOOK: usize = 64;

/// Columns of a byte in a row of pairs.
const CELL: usize = 3;

/// A dump in rows that begins with a line; `goes_on` where the line before is one
/// too.
pub fn find(text: &Text<'_>, line: usize, goes_on: bool) -> Result<Option<Found>, Fault> {
    let rulers = (line..).take(MAX_RULERS);
    let rulers = rulers.take_while(|line| ruler::is_ruler(text, *line) && is_bare(text, *line));
    let mut first = line + rulers.count();
    if first > line && text.line_text(first).trim().is_empty() {
        first += 1;
    }
    let partial = (first == line).then(|| partial_row(text, first)).flatten();
    let first = first + usize::from(partial.is_some());
    let number = || aligned(text, first).filter(|head| head.digits == 1);
    let Some(head) = head(text, first).or_else(number) else {
        return Ok(None);
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
    let start = text.line(line).unwrap_or_default().start;
    let mut rows = Rows {
        text,
        kind,
        radix: 0,
        width: 0,
        first,
        is_framed: first > line && partial.is_none(),
        order: Order::Big,
        found: Found::new(kind.form(), start),
    };
    // Where the first row does not tell, either order gives it as many bytes.
    rows.order = hex::order(text, &head).unwrap_or(Order::Big);
    let next = next.filter(|(_, next)| rows.belongs(&head, next));
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
    rows.read(first, head.clone())?;
    if let Some(mut other) = other.filter(|_| !proof::is_known(&rows.found.bytes)) {
        other.read(first, head)?;
        if proof::is_known(&other.found.bytes) {
            rows = other;
        }
    }
    Ok((!rows.found.bytes.is_empty()).then_some(rows.found))
}

/// Whether a line has no offset of its own: `00 01 02 03` may be the bytes.
fn is_bare(text: &Text<'_>, line: usize) -> bool {
    let follows = |line: usize| head(text, line).is_some();
    !follows(line) || ruler::is_ruler(text, line + 1) || follows(line + 1)
}

/// The end of a row whose beginning was not copied, before a row that was: its
/// characters go with it and say so.
fn partial_row(text: &Text<'_>, line: usize) -> Option<Vec<PlacedByte>> {
    let span = text.line(line)?;
    let next = head(text, line + 1)?;
    let is_row = kind(text, &next, &[None; 3]) == Some(Kind::Hex);
    if head(text, line).is_some() || !is_row {
        return None;
    }
    let cells = cells::read(text, span.clone());
    let first = cells.groups.first()?;
    let is_start = text.text[span.start..first.span.start].trim().is_empty();
    let column = cells.groups.iter().skip(1);
    let count = 1 + column.take_while(|group| group.gap <= COLUMN_GAP).count();
    let size = cells.size(count);
    let end = cells.end(count)?;
    let shown = text.text[end..span.end].trim_start();
    let skip = shown.chars().count().checked_sub(size)?;
    if !is_start || size >= USUAL_ROW || skip > 2 * USUAL_ROW {
        return None;
    }
    let mut row = Found::new(Kind::Hex.form(), span.start);
    for group in &cells.groups[..count] {
        cells::push(&mut row, text, group);
    }
    let tail = shown
        .char_indices()
        .nth(skip)
        .map_or("", |(at, _)| &shown[at..]);
    let agrees = column::fits(tail, &row.bytes) || column::fits(shown, &row.bytes);
    agrees.then(|| row.bytes.into_iter().zip(row.offsets).collect())
}

/// The line with the next offset, over wrapped parts of this row, notes on it,
/// `*` and lines of a frame.
fn next_head(text: &Text<'_>, line: usize, this: &Head) -> Option<(usize, Head)> {
    for next_line in (line + 1..).take(MAX_WRAPPED + 1) {
        text.line(next_line)?;
        // What is marked in another way is no offset but a part of a row.
        let is_number = this.evidence == Evidence::Aligned;
        let number = || is_number.then(|| aligned(text, next_line)).flatten();
        if let Some(next) = head(text, next_line).or_else(number)
            && next.is_marked == this.is_marked
            && (this.evidence == Evidence::Gap || is_number || next.evidence != Evidence::Gap)
        {
            return this.is_beside(&next).then_some((next_line, next));
        }
        let row = text.line_text(next_line);
        if row.trim().is_empty() || row.len() > MAX_ROW {
            return None;
        }
    }
    None
}

/// Bytes from one offset to the next, by each radix.
fn steps(this: &Head, next: &Head) -> [Option<usize>; 3] {
    std::array::from_fn(|radix| {
        let (this, next) = (this.values[radix]?, next.values[radix]?);
        usize::try_from(next.checked_sub(this)?).ok()
    })
}

struct Rows<'x, 't> {
    text: &'x Text<'t>,
    kind: Kind,
    /// Index in [`RADIXES`].
    radix: usize,
    /// Bytes of the longest row so far.
    width: usize,
    /// The first line with an offset.
    first: usize,
    /// A ruler or a frame stands before it.
    is_framed: bool,
    /// Which end of a group of digits comes first.
    order: Order,
    found: Found,
}

impl Rows<'_, '_> {
    /// Whether a row has numbers or groups of several bytes.
    fn has_words(&self, head: &Head) -> bool {
        match self.kind {
            Kind::Hex => {
                let cells = cells::read_row(self.text, head.body.clone());
                cells.groups.iter().any(|group| group.size() > 1)
            }
            Kind::Numbers(notation) => notation.width > 1,
            Kind::Characters => false,
        }
    }

    /// The same rows, to be read with the other end of each group first.
    fn other_way(&self) -> Self {
        let order = match self.order {
            Order::Big => Order::Little,
            Order::Little => Order::Big,
        };
        let form = match (self.kind, order) {
            (Kind::Numbers(_), Order::Big) => Form::BigWords,
            _ => self.found.form,
        };
        let mut found = Found::new(form, self.found.span.start);
        found.bytes.clone_from(&self.found.bytes);
        found.offsets.clone_from(&self.found.offsets);
        Self {
            order,
            found,
            ..*self
        }
    }

    /// Which end of a group comes first: characters that are no placeholders tell,
    /// of whichever row.
    fn told(&self, first: &Head) -> Option<Order> {
        let mut told = hex::order(self.text, first);
        let mut line = self.first;
        for _ in 0..MAX_LOOK {
            if told.is_some() || self.kind != Kind::Hex {
                break;
            }
            let Some((next_line, next)) = next_head(self.text, line, first) else {
                break;
            };
            told = hex::order(self.text, &next);
            line = next_line;
        }
        told
    }

    /// Whether a line goes on with rows of this kind, or ends them with an offset
    /// alone.
    fn belongs(&self, this: &Head, next: &Head) -> bool {
        if !this.is_beside(next) || next.is_marked != this.is_marked {
            return false;
        }
        let same = match self.kind {
            Kind::Characters => true,
            Kind::Numbers(notation) => notation
                .row(self.text, &next.body, None, self.order)
                .is_some(),
            // Blanks alone in the column of characters are no reason to take groups for
            // words.
            Kind::Hex => {
                let is_hex = kind(self.text, next, &[None; 3]) == Some(Kind::Hex);
                is_hex || self.has_groups(this, next)
            }
        };
        same || self.is_end(next)
    }

    /// Whether two rows begin with a group of the same width.
    fn has_groups(&self, this: &Head, next: &Head) -> bool {
        let first = |head: &Head| {
            let mut tokens = number::tokens(self.text, &head.body);
            tokens.next().map_or("", |(_, token)| token)
        };
        cells::is_group(first(next)) && first(next).len() == first(this).len()
    }

    /// Whether a line is an offset alone. A blank is a character in a dump of
    /// them.
    fn is_end(&self, head: &Head) -> bool {
        let body = &self.text.text[head.body.clone()];
        let is_blank = self.kind == Kind::Characters && body.len() >= chars::CELL;
        body.trim_matches(is_margin).is_empty() && !is_blank
    }

    /// Whether a row is the first of its dump by the characters behind its bytes.
    fn is_told(&self, head: &Head) -> bool {
        let cells = cells::read_row(self.text, head.body.clone());
        let told = || column::groups_before(self.text, &cells, head.body.end, Order::Big);
        let is_start = self.kind == Kind::Hex && head.values[0] == Some(0);
        is_start && (head.evidence == Evidence::Shown || told().is_some())
    }

    /// Whether a row is one without others to compare its offset with.
    fn stands_alone(&self, head: &Head) -> bool {
        let cells = cells::read_row(self.text, head.body.clone());
        let is_start = head.values[0] == Some(0);
        let aligned = head.values[0].is_some_and(|value| value.is_multiple_of(16));
        let groups = &cells.groups[..hex::count(self.text, &cells, head.body.end)];
        let pairs = groups.iter().all(|group| group.span.len() == 2);
        let gap = cells.groups.first().map_or(0, |group| group.gap);
        match self.kind {
            Kind::Hex if head.is_marked => is_start || head.is_prefixed || head.digits >= 6,
            Kind::Hex => {
                let told = column::groups_before(self.text, &cells, head.body.end, Order::Big);
                let is_told = head.evidence == Evidence::Shown || told.is_some();
                let width = gap >= COLUMN_GAP || matches!(head.digits, 6 | 7) || is_told;
                pairs && width && aligned && (is_start || groups.len() >= 4)
            }
            Kind::Numbers(notation) => is_start || notation.is_prefixed,
            Kind::Characters => is_start,
        }
    }

    /// The radix in which the offsets of two rows differ by the bytes of the
    /// first.
    fn radix_of(&self, this: &Head, next: Option<&(usize, Head)>) -> Option<usize> {
        let (next_line, next) = next?;
        let steps = steps(this, next);
        let most = self.most(this);
        let radixes = || 0..RADIXES.len();
        if steps[0] == Some(USUAL_ROW) && self.lacks_start(this, next) {
            return Some(0);
        }
        let exact = |radix: &usize| steps[*radix] == Some(most.0);
        if radixes().any(|radix| exact(&radix)) {
            let rows = (*next_line, next);
            return radixes().filter(exact).max_by_key(|radix| {
                let counted = self.counted(rows, *radix, most.0);
                (counted, std::cmp::Reverse(*radix))
            });
        }
        if this.is_short() {
            return None;
        }
        // Between them there are more of the same: the next ones tell.
        if self.repeats(self.first, *next_line).is_some() {
            let rows = (*next_line, next);
            let is_multiple = |radix: &usize| {
                steps[*radix].is_some_and(|step| step > 0 && step.is_multiple_of(most.0.max(1)))
            };
            return radixes().filter(is_multiple).max_by_key(|radix| {
                (
                    self.counted(rows, *radix, most.0),
                    std::cmp::Reverse(*radix),
                )
            });
        }
        let fits = |radix: &usize| steps[*radix].is_some_and(|n| n > 0 && n <= most.1);
        // A row that lacks bytes is found out later.
        let usual = |radix: &usize| steps[*radix] == Some(USUAL_ROW);
        let is_wrapped = next_line - self.first > 1;
        let radix = radixes().find(fits);
        let usual = || radixes().find(usual);
        if is_wrapped {
            usual().or(radix)
        } else {
            radix.or_else(usual)
        }
    }

    /// How many rows from this one on are full by their offsets in a radix: `8` and `16`
    /// tell more than `0` and `8`.
    fn counted(&self, (line, head): (usize, &Head), radix: usize, width: usize) -> usize {
        let mut row = (line, head.clone());
        for count in 0..MAX_LOOK {
            let Some(next) = next_head(self.text, row.0, &row.1) else {
                return count;
            };
            let step = steps(&row.1, &next.1)[radix].unwrap_or_default();
            let is_repeated = self.repeats(row.0, next.0).is_some();
            let is_full = step == width || (is_repeated && step.is_multiple_of(width.max(1)));
            if !is_full {
                return count;
            }
            row = next;
        }
        MAX_LOOK
    }

    /// The line between two others that says "the same again".
    fn repeats(&self, line: usize, end: usize) -> Option<usize> {
        (line + 1..end).find(|line| {
            let row = self.text.line_text(*line);
            row[margin(row)..].trim() == "*" || row.trim() == "*"
        })
    }

    /// Whether a row begins in its middle: its first byte stands further right
    /// than that of the next row.
    fn lacks_start(&self, this: &Head, next: &Head) -> bool {
        self.kind == Kind::Hex && this.gap(self.text) >= next.gap(self.text) + CELL
    }

    /// Bytes that a row has by itself, and bytes that it may have at most.
    fn most(&self, head: &Head) -> (usize, usize) {
        let by_itself = self.row(head, None).map_or(0, |row| row.len());
        let most = match self.kind {
            Kind::Hex => {
                let cells = cells::read_row(self.text, head.body.clone());
                cells.size(cells.groups.len())
            }
            _ => by_itself,
        };
        (by_itself, most.max(by_itself))
    }

    fn read(&mut self, first: usize, first_head: Head) -> Result<(), Fault> {
        let (mut line, mut head) = (first, first_head);
        loop {
            let next = next_head(self.text, line, &head);
            let next = next.filter(|(_, next)| self.belongs(&head, next));
            let end = next.as_ref().map_or(line + 1, |(line, _)| *line);
            let repeats = self.repeats(line, end);
            let due = next.as_ref().and_then(|(_, next)| self.length(&head, next));
            let due_here = if repeats.is_some() { None } else { due };
            let row = self.row_of(line, &head, due_here, next.as_ref())?;
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
                return Ok(());
            }
            self.found.span.end = next.end;
            if self.is_end(&next) {
                return Ok(());
            }
            (line, head) = (next_line, next);
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
        let step = steps(head, next)[self.radix];
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
        let found = row.len();
        let next = next.map(|(_, next)| next);
        let is_late = line == self.first && next.is_some_and(|next| self.lacks_start(head, next));
        if self.kind == Kind::Hex && due.is_none_or(|due| found < due) && !is_late {
            hex::check(self.text, head, &cells, found)?;
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

    fn row(&self, head: &Head, due: Option<usize>) -> Option<Vec<PlacedByte>> {
        match self.kind {
            Kind::Hex => Some(hex::row(self.text, head, due, self.order)),
            Kind::Numbers(notation) => notation.row(self.text, &head.body, due, self.order),
            Kind::Characters => {
                let mut row = chars::row(self.text, &head.body)?;
                // Blanks at the end of a line get lost.
                let end = head.body.end;
                row.resize(due.unwrap_or(row.len()), (b' ', end));
                Some(row)
            }
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
