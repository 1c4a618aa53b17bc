//! A text with its lines.

use std::cell::Cell;
use std::ops::Range;

use super::fault::{Fault, MAX_EXPANDED, MAX_REPEATED, Reason};
use super::position::Position;

/// The key of a whole packet in the JSON of `tshark -x`.
pub const PACKET: &str = "\"frame_raw\":";

/// A text with its lines.
#[allow(clippy::struct_field_names)] // `text` is what it is called everywhere
pub struct Text<'t> {
    pub text: &'t str,
    /// Without their line ends.
    lines: Vec<Range<usize>>,
    /// The offset that was asked for last, and the characters before it in its
    /// line: the next one is mostly behind it, and a long line is not counted again
    /// for each.
    counted: Cell<(usize, usize)>,
    /// How many bytes were written out that a text says to be the same again, for
    /// whatever form was tried.
    expanded: Cell<usize>,
    /// It has a packet in the JSON of `tshark`.
    pub has_packet: bool,
    /// Arrays that are none.
    pub arrays: Mark,
    /// The same without brackets.
    pub bare: Mark,
    /// Lines of base64 that prove nothing.
    pub base64: Mark,
    /// Lines of bits that prove nothing.
    pub bits: Mark,
    /// Literals that are joined and are text.
    pub literals: Mark,
    /// Numbers that prove nothing.
    pub loose: Mark,
    /// Lines of escapes that prove nothing.
    pub escapes: Mark,
    /// Rows of characters that prove nothing.
    pub characters: Mark,
    /// Characters that are spelled and prove nothing.
    pub spelled: Mark,
    /// Lines that were read whole for such, in vain.
    pub spelled_lines: Mark,
    /// Records that hold no bytes.
    pub records: Mark,
    /// Literals that are joined and are no digits.
    pub parts: Mark,
    /// Rows with marks that compare nothing.
    pub diffs: Mark,
}

/// Up to where a text was read for something that it is not: what begins before that is
/// a part of the same, and is not read for the second time.
#[derive(Debug, Default)]
pub struct Mark(Cell<usize>);

impl Mark {
    /// Moves it on to where something ended.
    pub fn reach(&self, to: usize) {
        self.0.set(to.max(self.0.get()));
    }

    /// Whether `at` lies in what was read.
    pub fn covers(&self, at: usize) -> bool {
        at < self.0.get()
    }
}

impl<'t> Text<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.trim_end_matches(['\n', '\r']).len();
            lines.push(start..end);
            start += line.len();
        }
        Self {
            text,
            lines,
            counted: Cell::default(),
            expanded: Cell::default(),
            has_packet: text.contains(PACKET),
            arrays: Mark::default(),
            bare: Mark::default(),
            base64: Mark::default(),
            bits: Mark::default(),
            literals: Mark::default(),
            loose: Mark::default(),
            escapes: Mark::default(),
            characters: Mark::default(),
            spelled: Mark::default(),
            spelled_lines: Mark::default(),
            records: Mark::default(),
            parts: Mark::default(),
            diffs: Mark::default(),
        }
    }

    /// The span of line `index`, from 0; `None` after the last.
    pub fn line(&self, index: usize) -> Option<Range<usize>> {
        self.lines.get(index).cloned()
    }

    /// Line `index`; empty after the last.
    pub fn line_text(&self, index: usize) -> &'t str {
        self.lines
            .get(index)
            .map_or("", |line| &self.text[line.clone()])
    }

    /// The line that holds byte `at` of the text.
    pub fn line_of(&self, at: usize) -> usize {
        let after = self.lines.partition_point(|line| line.start <= at);
        after.saturating_sub(1)
    }

    /// What follows `at`.
    pub fn rest(&self, at: usize) -> &'t str {
        self.text.get(at..).unwrap_or_default()
    }

    /// Where in the text byte `at` is.
    pub fn position(&self, at: usize) -> Position {
        let line = self.line_of(at);
        let start = self.lines.get(line).map_or(0, |line| line.start);
        let (known, count) = self.counted.get();
        let is_behind = (start..=at).contains(&known);
        let (from, count) = if is_behind {
            (known, count)
        } else {
            (start, 0)
        };
        let between = self.text.get(from..at).unwrap_or_default();
        let count = count + between.chars().count();
        if from + between.len() == at {
            self.counted.set((at, count));
        }
        Position {
            line: line + 1,
            column: count + 1,
        }
    }

    /// Counts bytes of a dump that are the same again, before they are written out: a
    /// form that is none after all has cost as much as one that is.
    pub fn charge(&self, repeated: &mut usize, more: usize, at: usize) -> Result<(), Fault> {
        let expanded = self.expanded.get().saturating_add(more);
        self.expanded.set(expanded);
        if expanded > MAX_EXPANDED {
            return Err(self.fault(at, Reason::Repeated));
        }
        self.count(repeated, more, at)
    }

    /// How many bytes were written out so.
    pub fn expanded(&self) -> usize {
        self.expanded.get()
    }

    /// Counts repeated bytes that are added to a dump, or to all dumps, and were charged
    /// before.
    pub fn count(&self, repeated: &mut usize, more: usize, at: usize) -> Result<(), Fault> {
        *repeated = repeated.saturating_add(more);
        if *repeated > MAX_REPEATED {
            return Err(self.fault(at, Reason::Repeated));
        }
        Ok(())
    }

    pub fn fault(&self, at: usize, reason: Reason) -> Fault {
        let at = self.position(at);
        Fault { at, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_the_same_in_any_order() {
        let text = "añb\n\ncd€ef\r\ng";
        let naive = |at: usize| {
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            let column = before[start..].chars().count() + 1;
            Position { line, column }
        };
        let offsets: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
        let parsed = Text::new(text);
        for first in &offsets {
            for second in &offsets {
                assert_eq!(parsed.position(*first), naive(*first));
                assert_eq!(parsed.position(*second), naive(*second));
            }
        }
    }
}
