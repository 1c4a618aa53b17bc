//! The verdict, and below it what differs, for a reader.

use std::io::{self, Write};

use super::value::fact_words;
use crate::compare::{Category, Comparison, Fact, Group, Role, Value};
use crate::view::document::Document;
use crate::view::style::Role as Style;
use crate::view::terminal::Terminal;
use crate::view::text::{Safe, clipped, width, wrap};
use crate::wire::words::Count;

/// Columns of the names of facts.
const LABEL_COLUMNS: usize = 18;

/// Where a session was found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The file, as the user named it.
    pub file: &'a str,
    /// BitTorrent connections in it, or 1 if the user chose.
    pub connections: u64,
    /// Whether the user chose the connection.
    pub chosen: bool,
}

/// Writes a comparison as text, `columns` wide (80 at least).
pub fn write_comparison(
    out: &mut dyn Write,
    comparison: &Comparison,
    found: [Found<'_>; 2],
    columns: usize,
    colour: bool,
    all: bool,
) -> io::Result<()> {
    let mut terminal = Terminal::new(colour);
    let mut page = Page {
        document: terminal.document(),
        columns: columns.max(80),
        comparison,
        all,
    };
    page.verdict();
    page.head(found);
    page.divergence();
    page.facts();
    for role in Role::ALL {
        page.messages(role);
    }
    terminal.write(out, &page.document)
}

/// A page of two columns.
pub(super) struct Page<'c> {
    pub(super) document: Document,
    pub(super) columns: usize,
    pub(super) comparison: &'c Comparison,
    /// Equal facts are shown too.
    all: bool,
}

/// How a line stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Both are equal, or not compared.
    None,
    /// They differ, in a category that is ignored.
    Ignored,
    /// They differ.
    Differs,
    /// They differ for the first time.
    First,
}

impl Mark {
    fn sign(self) -> &'static str {
        match self {
            Self::None => "  ",
            Self::Ignored => "~ ",
            Self::Differs => "! ",
            Self::First => "> ",
        }
    }

    fn style(self) -> Style {
        match self {
            Self::None => Style::Plain,
            Self::Ignored => Style::Quiet,
            Self::Differs => Style::Warning,
            Self::First => Style::Problem,
        }
    }
}

impl Page<'_> {
    fn head(&mut self, found: [Found<'_>; 2]) {
        let sessions = self.comparison.sessions.iter();
        for ((name, found), session) in ["A", "B"].into_iter().zip(found).zip(sessions) {
            let file = Safe::from(found.file).to_string();
            let stream = session.stream;
            let why = match (found.chosen, found.connections) {
                (true, _) => String::new(),
                (false, 1) => ", the only connection".to_owned(),
                (false, all) => format!(", of {all} connections the one with the most piece data"),
            };
            let text = format!("{file}, stream {stream}{why}");
            self.paragraph(name, &text, Style::Plain);
        }
    }

    /// A name, and a text beside it.
    pub(super) fn paragraph(&mut self, name: &str, text: &str, style: Style) {
        for (index, line) in wrap(text, self.columns - 3).enumerate() {
            self.document.role(Style::Label);
            self.document.push(if index == 0 { name } else { " " });
            self.document.role(style);
            self.document.push("  ");
            self.document.push(line);
            self.document.end_line();
        }
    }

    pub(super) fn title(&mut self, title: &str) {
        self.document.end_line();
        self.document.role(Style::Label);
        self.document.push(title);
    }

    fn facts(&mut self) {
        let mut group = None;
        let (all, comparison) = (self.all, self.comparison);
        let is_shown = |fact: &&Fact| all || fact.differs || is_always_told(fact);
        let facts = &comparison.facts;
        let hidden = facts.len() - facts.iter().filter(is_shown).count();
        for fact in facts.iter().filter(is_shown) {
            if group != Some(fact.group) {
                group = Some(fact.group);
                let title = match fact.group {
                    Group::Session => "connection",
                    Group::Peer(role) => role.name(),
                };
                self.title(title);
                let column = self.fact_column();
                self.document.spaces(LABEL_COLUMNS + 4 - title.len());
                self.document.push("A");
                self.document.spaces(column + 1);
                self.document.push("B");
                self.document.end_line();
            }
            self.fact(fact);
        }
        if hidden > 0 {
            let facts = Count(hidden as u64, "fact");
            self.document.role(Style::Quiet);
            self.document.push_display(format_args!(
                "  … {facts} more are equal or not compared: --all"
            ));
            self.document.end_line();
        }
    }

    /// Columns for the value of one session.
    fn fact_column(&self) -> usize {
        (self.columns - 2 - LABEL_COLUMNS - 2 - 2) / 2
    }

    fn fact(&mut self, fact: &Fact) {
        let ignored = |category| self.comparison.ignored.contains(category);
        let mark = match fact.category {
            _ if !fact.differs => Mark::None,
            Some(category) if ignored(category) => Mark::Ignored,
            _ => Mark::Differs,
        };
        let top = fact.values.iter().fold(0.0, |top: f64, value| match value {
            Value::Series(series) => series.iter().copied().fold(top, f64::max),
            _ => top,
        });
        let values = fact
            .values
            .each_ref()
            .map(|value| fact_words(fact, value, top));
        let label = label(fact);
        let column = self.fact_column();
        let lines = values.each_ref().map(|value| wrap(value, column).collect());
        self.two_columns(mark, &label, LABEL_COLUMNS + 2, column, &lines);
    }

    /// Lines of two columns behind a label.
    pub(super) fn two_columns(
        &mut self,
        mark: Mark,
        label: &str,
        label_columns: usize,
        column: usize,
        lines: &[Vec<&str>; 2],
    ) {
        for index in 0..lines[0].len().max(lines[1].len()).max(1) {
            let [one, other] = lines
                .each_ref()
                .map(|of| of.get(index).copied().unwrap_or(""));
            let (sign, label) = match index {
                0 => (mark.sign(), label),
                _ => ("  ", ""),
            };
            self.document.role(mark.style());
            self.document.push(sign);
            self.document.role(match mark {
                Mark::None => Style::Plain,
                other => other.style(),
            });
            self.document.push(label);
            let indent = label_columns.saturating_sub(width(label));
            // No spaces at the end of a line.
            if !(one.is_empty() && other.is_empty()) {
                self.document.spaces(indent);
            }
            self.document.push(one);
            if !other.is_empty() {
                self.document.spaces(column + 2 - width(one).min(column));
                self.document.push(other);
            }
            self.document.end_line();
        }
    }

    fn verdict(&mut self) {
        let comparison = self.comparison;
        let names = |ignored: bool| {
            let differing = comparison.differing.iter();
            let differing = differing.filter(|one| comparison.ignored.contains(*one) == ignored);
            differing.map(Category::name).collect::<Vec<_>>().join(", ")
        };
        let (counted, ignored) = (names(false), names(true));
        let text = match (counted.is_empty(), ignored.is_empty()) {
            (true, true) => "equal".to_owned(),
            (true, false) => format!("equal but for what is ignored: {ignored}"),
            (false, true) => format!("differ: {counted}"),
            (false, false) => format!("differ: {counted}; ignored: {ignored}"),
        };
        self.document.role(if counted.is_empty() {
            Style::Label
        } else {
            Style::Problem
        });
        let lines: Vec<&str> = wrap(&text, self.columns).collect();
        for line in lines {
            self.document.push(line);
            self.document.end_line();
        }
    }
}

/// A fact that says whom the page is about.
fn is_always_told(fact: &Fact) -> bool {
    fact.name == "client"
}

/// The name of a fact as a label; the keys of an extended handshake are text of
/// the capture, and stay as they are.
fn label(fact: &Fact) -> String {
    let own = fact.category != Some(Category::Extensions) || fact.name == "extended_handshake";
    let name = Safe::from(&fact.name[..]).to_string();
    let name = if own { name.replace('_', " ") } else { name };
    clipped(&name, LABEL_COLUMNS).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::text::is_plain;

    #[test]
    fn keys_of_a_capture_cannot_steer_the_terminal() {
        let mut fact = Fact {
            group: Group::Session,
            name: "e_x\u{1b}[31m\u{202e}a_very_long_key".to_owned(),
            category: Some(Category::Extensions),
            values: [Value::Text("\u{9b}2J".to_owned()), Value::Absent],
            differs: true,
        };
        let shown = label(&fact);
        assert!(
            shown.chars().all(is_plain) && width(&shown) <= LABEL_COLUMNS,
            "{shown}"
        );
        let shown = fact_words(&fact, &fact.values[0], 0.0);
        assert!(shown.chars().all(is_plain));
        // Names of our own are words.
        fact.name = "extended_handshake".to_owned();
        assert_eq!(label(&fact), "extended handshake");
        fact.name = "metadata_size".to_owned();
        assert_eq!(label(&fact), "metadata_size");
    }
}
