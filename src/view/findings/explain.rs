//! A rule, explained.

use std::io::{self, Write};

use crate::findings::Rule;
use crate::view::style::{Ink, Role};
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
    let mut ink = Ink::new(colour);
    ink.role(role(rule.severity));
    ink.push(rule.id);
    ink.role(Role::Plain);
    ink.push("  ");
    ink.push(rule.title);
    ink.end_line();
    ink.role(Role::Quiet);
    ink.push("  ");
    ink.push(rule.severity.name());
    match rule.bep {
        Some(bep) => ink.push_display(format_args!(
            ", BEP {bep}: https://www.bittorrent.org/beps/bep_{bep:04}.html"
        )),
        None => ink.push(", in no BEP: as clients have it"),
    }
    ink.end_line();
    let texts = [
        ("Meaning", rule.meaning),
        ("With real clients", rule.consequence),
        ("How to fix it", rule.fix),
    ];
    for (heading, text) in texts {
        paragraph(&mut ink, heading, text, columns);
    }
    if !rule.needs.is_empty() {
        let needs: Vec<_> = rule
            .needs
            .iter()
            .map(|evidence| format!("{} ({})", evidence.lack(), evidence.remedy()))
            .collect();
        let text = format!("where {}.", needs.join("; or "));
        paragraph(&mut ink, "Not judged, or weaker", &text, columns);
    }
    out.write_all(ink.as_bytes())
}

fn paragraph(ink: &mut Ink, heading: &str, text: &str, columns: usize) {
    ink.end_line();
    ink.role(Role::Label);
    ink.push(heading);
    ink.end_line();
    for line in wrap(text, columns.saturating_sub(MARGIN)) {
        ink.spaces(MARGIN);
        ink.push(line);
        ink.end_line();
    }
}

/// Writes a line for each rule.
pub fn write_rules<'r>(
    out: &mut dyn Write,
    rules: impl Iterator<Item = &'r Rule>,
    colour: bool,
) -> io::Result<()> {
    let mut ink = Ink::new(colour);
    for rule in rules {
        ink.role(role(rule.severity));
        ink.push_display(format_args!("{:<6} ", rule.id));
        ink.role(Role::Quiet);
        ink.push_display(format_args!("{:<8} ", rule.severity.name()));
        ink.role(Role::Plain);
        ink.push(rule.title);
        ink.end_line();
    }
    out.write_all(ink.as_bytes())
}

/// The colour of a severity.
pub(super) fn role(severity: Severity) -> Role {
    match severity {
        Severity::Error => Role::Problem,
        Severity::Warning => Role::Warning,
        Severity::Info => Role::Label,
    }
}
