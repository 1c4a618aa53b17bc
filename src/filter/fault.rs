//! What is wrong with an expression, and where.

use std::fmt;

use unicode_width::UnicodeWidthChar;

use super::syntax::Span;

/// An expression that is no filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    expression: String,
    span: Span,
    reason: String,
}

/// Columns of the expression that are shown around the fault.
const SHOWN: usize = 72;

/// What is shown before the fault, where not all of the expression is.
const BEFORE: usize = 30;

impl Fault {
    /// What `span` of an expression holds is wrong for this reason.
    pub(super) fn new(expression: &str, span: Span, reason: impl Into<String>) -> Self {
        Self {
            expression: expression.to_owned(),
            span,
            reason: reason.into(),
        }
    }

    /// The character at which it begins, from 1.
    pub fn column(&self) -> usize {
        self.before().chars().count() + 1
    }

    /// What is wrong, in words.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    fn before(&self) -> &str {
        self.expression.get(..self.span.start).unwrap_or("")
    }
}

impl fmt::Display for Fault {
    /// The reason, and below it the expression with a mark under the fault.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = self.column() - 1;
        let all = self.expression.chars().count();
        let skipped = if all <= SHOWN {
            0
        } else {
            column.saturating_sub(BEFORE)
        };
        let shown: Vec<char> = self.expression.chars().skip(skipped).take(SHOWN).collect();
        let shown: Vec<char> = shown.into_iter().map(visible).collect();
        let marked = self.expression.get(self.span.start..self.span.end);
        let marked = marked.map_or(1, |text| text.chars().count().max(1));
        let start = (column - skipped).min(shown.len());
        let end = (start + marked).min(shown.len());
        let line: String = shown.iter().collect();
        let mark = "~".repeat(columns(&shown[start..end]).saturating_sub(1));
        let indent = " ".repeat(columns(&shown[..start]));
        write!(f, "{}\n  {line}\n  {indent}^{mark}", self.reason)
    }
}

impl std::error::Error for Fault {}

/// What a terminal shows as one character, in the place of what it may not.
fn visible(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => ' ',
        _ if character.width().is_none_or(|width| width == 0) => '\u{b7}',
        _ => character,
    }
}

fn columns(characters: &[char]) -> usize {
    characters.iter().map(|c| c.width().unwrap_or(1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fault_is_marked() {
        let fault = Fault::new("request and indx == 60", Span { start: 12, end: 16 }, "why");
        let expected = "why\n  request and indx == 60\n              ^~~~";
        assert_eq!(fault.to_string(), expected);
        assert_eq!(fault.column(), 13);
    }

    #[test]
    fn long_and_odd_expressions_are_shown_around_the_fault() {
        let text = format!("{}\u{1b}\u{202e}x", "a ".repeat(500));
        let at = text.len() - 1;
        let span = Span {
            start: at,
            end: at + 1,
        };
        let shown = Fault::new(&text, span, "why").to_string();
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines[1].ends_with("\u{b7}\u{b7}x"), "{shown:?}");
        assert!(lines[1].chars().count() <= SHOWN + 2);
        assert_eq!(lines[2].len(), lines[1].chars().count());
        // Beyond the end.
        let end = Span { start: 3, end: 3 };
        assert_eq!(
            Fault::new("a (", end, "why").to_string(),
            "why\n  a (\n     ^"
        );
    }
}
