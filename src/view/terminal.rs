//! The renderer for terminals, files and pipes: the text of a document, with or
//! without colour.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::Style;

use super::document::{Document, Line};
use super::style::Role;

/// Writes documents, in a buffer that it reuses.
#[derive(Debug, Default)]
pub struct Terminal {
    colour: bool,
    text: String,
}

impl Terminal {
    /// A renderer with or without colour.
    pub fn new(colour: bool) -> Self {
        Self {
            colour,
            text: String::new(),
        }
    }

    /// An empty document with all that this renderer can show.
    pub fn document(&self) -> Document {
        Document::new(self.colour)
    }

    /// Writes what is in a document.
    pub fn write(&mut self, out: &mut dyn Write, document: &Document) -> io::Result<()> {
        if !self.colour {
            return out.write_all(document.text().as_bytes());
        }
        self.text.clear();
        for line in document.lines() {
            push_coloured(&mut self.text, line);
            self.text.push('\n');
        }
        out.write_all(self.text.as_bytes())
    }
}

/// Appends a line: an escape sequence stands only where the style changes, and the
/// line ends without style.
fn push_coloured(out: &mut String, line: Line<'_>) {
    let mut current = Role::Plain.style();
    for (role, text) in line.runs() {
        let style = role.style();
        if style != current {
            if current != Style::new() {
                let _ = write!(out, "{}", current.render_reset());
            }
            let _ = write!(out, "{}", style.render());
            current = style;
        }
        out.push_str(text);
    }
    if current != Style::new() {
        let _ = write!(out, "{}", current.render_reset());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(colour: bool) -> String {
        let mut terminal = Terminal::new(colour);
        let mut document = terminal.document();
        document.role(Role::Number);
        document.push("1");
        document.role(Role::Request);
        document.push("2");
        document.end_line();
        document.role(Role::Plain);
        document.push("3");
        document.end_line();
        let mut out = Vec::new();
        terminal.write(&mut out, &document).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_style_is_written_only_where_it_changes() {
        assert_eq!(shown(true), "\u{1b}[36m12\u{1b}[0m\n3\n");
    }

    #[test]
    fn no_escape_without_colour() {
        assert_eq!(shown(false), "12\n3\n");
    }
}
