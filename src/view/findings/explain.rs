//! A rule, explained.

use std::io::{self, Write};

use crate::findings::Rule;
use crate::view::document::Document;
use crate::view::style::Role;
use crate::view::terminal::Terminal;
use crate::view::text::wrap;
use crate::wire::Severity;

/// Columns before the texts of a rule.
const MARGIN: usize = 2;

/// Writes what there is to say about a rule.
pub fn write_rule(
    out: &mut dyn Write,
    rule: &Rule,
    columns: usize,
    colour: bool,
) -> io::Result<()> {
    let mut terminal = Terminal::new(colour);
    let mut document = terminal.document();
    document.role(role(rule.severity));
    document.push(rule.id);
    document.role(Role::Plain);
    document.push("  ");
    document.push(rule.title);
    document.end_line();
    document.role(Role::Quiet);
    document.push("  ");
    document.push(rule.severity.name());
    match rule.bep {
        Some(bep) => document.push_display(format_args!(
            ", BEP {bep}: https://www.bittorrent.org/beps/bep_{bep:04}.html"
        )),
        None => document.push(", in no BEP: as clients have it"),
    }
    document.end_line();
    let texts = [
        ("Meaning", rule.meaning),
        ("With real clients", rule.consequence),
        ("How to fix it", rule.fix),
    ];
    for (heading, text) in texts {
        paragraph(&mut document, heading, text, columns);
    }
    if !rule.needs.is_empty() {
        let needs: Vec<_> = rule
            .needs
            .iter()
            .map(|evidence| format!("{} ({})", evidence.lack(), evidence.remedy()))
            .collect();
        let text = format!("where {}.", needs.join("; or "));
        paragraph(&mut document, "Not judged, or weaker", &text, columns);
    }
    terminal.write(out, &document)
}

fn paragraph(document: &mut Document, heading: &str, text: &str, columns: usize) {
    document.end_line();
    document.role(Role::Label);
    document.push(heading);
    document.end_line();
    for line in wrap(text, columns.saturating_sub(MARGIN)) {
        document.spaces(MARGIN);
        document.push(line);
        document.end_line();
    }
}

/// Writes a line for each rule.
pub fn write_rules<'r>(
    out: &mut dyn Write,
    rules: impl Iterator<Item = &'r Rule>,
    colour: bool,
) -> io::Result<()> {
    let mut terminal = Terminal::new(colour);
    let mut document = terminal.document();
    for rule in rules {
        document.role(role(rule.severity));
        document.push_display(format_args!("{:<6} ", rule.id));
        document.role(Role::Quiet);
        document.push_display(format_args!("{:<8} ", rule.severity.name()));
        document.role(Role::Plain);
        document.push(rule.title);
        document.end_line();
    }
    terminal.write(out, &document)
}

/// The colour of a severity.
pub(super) fn role(severity: Severity) -> Role {
    match severity {
        Severity::Error => Role::Problem,
        Severity::Warning => Role::Warning,
        Severity::Info => Role::Label,
    }
}
