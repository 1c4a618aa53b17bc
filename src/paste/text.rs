//! A text with its lines.

use std::ops::Range;

use super::fault::{Fault, Reason};
use super::position::Position;

/// A text with its lines.
pub struct Text<'t> {
    pub text: &'t str,
    /// Without their line ends.
    lines: Vec<Range<usize>>,
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
        Self { text, lines }
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
        let before = self.text.get(start..at).unwrap_or_default();
        Position {
            line: line + 1,
            column: before.chars().count() + 1,
        }
    }

    pub fn fault(&self, at: usize, reason: Reason) -> Fault {
        let at = self.position(at);
        Fault { at, reason }
    }
}
