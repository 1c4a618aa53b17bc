//! Rows of one kind.

use super::head::{Evidence, Head};
use super::kind::{Kind, kind};
use super::{chars, hex, number};
use crate::paste::cells::{self, COLUMN_GAP};
use crate::paste::column::{self, Order};
use crate::paste::form::Form;
use crate::paste::found::{Found, PlacedByte};
use crate::paste::margin::is_margin;
use crate::paste::text::Text;

/// Octal digits of a byte.
const OCTAL_BYTE: usize = 3;

/// Rows of one kind, and what was read of them.
pub struct Rows<'x, 't> {
    pub text: &'x Text<'t>,
    pub kind: Kind,
    /// Index in [`super::head::RADIXES`].
    pub radix: usize,
    /// Bytes of the longest row so far.
    pub width: usize,
    /// The first line with an offset.
    pub first: usize,
    /// A ruler or a frame stands before it.
    pub is_framed: bool,
    /// Which end of a group of digits comes first.
    pub order: Order,
    /// Every cell so far is three octal digits.
    pub is_octal: bool,
    pub found: Found,
}

impl<'x, 't> Rows<'x, 't> {
    /// Rows from line `first` on, of which nothing was read; what they cover begins at
    /// `start`.
    pub fn new(text: &'x Text<'t>, kind: Kind, first: usize, start: usize) -> Self {
        Self {
            text,
            kind,
            radix: 0,
            width: 0,
            first,
            is_framed: false,
            order: Order::Big,
            is_octal: true,
            found: Found::new(kind.form(), start),
        }
    }
}

impl Rows<'_, '_> {
    /// Notes how the cells of a row are written: `od -b` prints what `od -c` prints of
    /// bytes that are no characters.
    pub fn note_cells(&mut self, head: &Head) {
        let is_octal = |token: &str| {
            token.len() == OCTAL_BYTE && token.bytes().all(|digit| matches!(digit, b'0'..=b'7'))
        };
        let mut cells = number::tokens(self.text, &head.body);
        self.is_octal = self.is_octal && cells.all(|(_, token)| is_octal(token));
    }

    /// What was read.
    pub fn into_found(self) -> Found {
        let mut found = self.found;
        if self.kind == Kind::Characters && self.is_octal {
            found.form = Form::Octal;
        }
        found
    }

    /// Whether a line goes on with rows of this kind, or ends them with an offset
    /// alone.
    pub fn belongs(&self, this: &Head, next: &Head) -> bool {
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
    pub fn is_end(&self, head: &Head) -> bool {
        let body = &self.text.text[head.body.clone()];
        let is_blank = self.kind == Kind::Characters && body.len() >= chars::CELL;
        body.trim_matches(is_margin).is_empty() && !is_blank
    }

    /// Whether a row is the first of its dump by the characters behind its bytes.
    pub fn is_told(&self, head: &Head) -> bool {
        let cells = cells::read_row(self.text, head.body.clone());
        let told = || column::groups_before(self.text, &cells, head.body.end, Order::Big);
        let is_start = self.kind == Kind::Hex && head.values[0] == Some(0);
        is_start && (head.evidence == Evidence::Shown || told().is_some())
    }

    /// Whether a row is one without others to compare its offset with.
    pub fn stands_alone(&self, head: &Head) -> bool {
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
            Kind::Numbers(notation) => is_start || notation.is_prefixed || head.is_address(),
            Kind::Characters => is_start,
        }
    }

    /// Bytes that a row has by itself, and bytes that it may have at most.
    pub fn most(&self, head: &Head) -> (usize, usize) {
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

    pub fn row(&self, head: &Head, due: Option<usize>) -> Option<Vec<PlacedByte>> {
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
}
