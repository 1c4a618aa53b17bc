//! The pages: what there is, and what each is made of.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use roff::{Roff, roman};

use super::markdown;
use super::texts::{MORE, PROGRAM, TEXTS};
use crate::cli::args::Cli;

/// What a page is about.
enum Subject {
    /// A command, and the text of `docs/` that tells more of it.
    Command(Box<Command>, Option<&'static str>),
    /// A format or another matter: a line about it, and its text.
    Text(&'static str, &'static str),
}

/// A page of the manual.
pub struct Page {
    name: String,
    section: char,
    subject: Subject,
}

/// All pages: the program, its commands, the formats.
pub fn all() -> Vec<Page> {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let commands: Vec<Command> = program.get_subcommands().cloned().collect();
    let mut pages = vec![Page {
        name: PROGRAM.to_owned(),
        section: '1',
        subject: Subject::Command(Box::new(program), None),
    }];
    pages.extend(commands.into_iter().map(|command| {
        let more = MORE.iter().find(|(name, _)| *name == command.get_name());
        Page {
            name: format!("{PROGRAM}-{}", command.get_name()),
            section: '1',
            subject: Subject::Command(Box::new(command), more.map(|(_, text)| *text)),
        }
    }));
    pages.extend(TEXTS.map(|(name, section, about, text)| Page {
        name: format!("{PROGRAM}-{name}"),
        section,
        subject: Subject::Text(about, text),
    }));
    pages
}

impl Page {
    /// Whether this is the page that a user calls `name`: with or without the
    /// program before it, and by any name of a command.
    pub fn is_called(&self, name: &str) -> bool {
        let is_alias = match &self.subject {
            Subject::Command(command, _) => command.get_all_aliases().any(|alias| alias == name),
            Subject::Text(..) => false,
        };
        self.name == name || self.short_name() == name || is_alias
    }

    /// The name without that of the program.
    pub fn short_name(&self) -> &str {
        let short = self.name.strip_prefix(PROGRAM);
        let short = short.and_then(|name| name.strip_prefix('-'));
        short.unwrap_or(PROGRAM)
    }

    /// Where it belongs below a directory of manual pages.
    pub fn path(&self) -> PathBuf {
        let Self { name, section, .. } = self;
        PathBuf::from(format!("man{section}/{name}.{section}"))
    }

    /// The page for man(1).
    pub fn roff(&self) -> String {
        let mut roff = Roff::new();
        match &self.subject {
            Subject::Command(command, more) => {
                let mut made = Vec::new();
                // Writing into memory does not fail.
                let _ = render(command, &mut made);
                push_after_help(&mut roff, command);
                if let Some(text) = more {
                    markdown::push(&mut roff, text, "MORE");
                }
                self.push_see_also(&mut roff);
                String::from_utf8_lossy(&made).into_owned() + &roff.render()
            }
            Subject::Text(about, text) => {
                let section = self.section.to_string();
                let source = format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION"));
                roff.control("TH", [self.name.as_str(), &section, "", &source]);
                roff.control("SH", ["NAME"]);
                roff.text([roman(format!("{} - {about}", self.name))]);
                markdown::push(&mut roff, text, "DESCRIPTION");
                self.push_see_also(&mut roff);
                roff.render()
            }
        }
    }

    /// The page for a terminal on a machine without man(1).
    pub fn text(&self) -> String {
        match &self.subject {
            Subject::Command(command, more) => {
                let help = command.as_ref().clone().render_long_help().to_string();
                format!("{help}\n{}", more.unwrap_or_default())
            }
            Subject::Text(_, text) => (*text).to_owned(),
        }
    }

    fn push_see_also(&self, roff: &mut Roff) {
        let others = [(PROGRAM, "", '1')].into_iter();
        let others = others.chain(TEXTS.iter().map(|text| (PROGRAM, text.0, text.1)));
        let names = others.filter_map(|(program, name, section)| {
            let name = match name {
                "" => program.to_owned(),
                name => format!("{program}-{name}"),
            };
            (name != self.name).then(|| format!("{name}({section})"))
        });
        let names: Vec<String> = names.collect();
        roff.control("SH", ["SEE ALSO"]);
        roff.text([roman(names.join(", "))]);
    }
}

/// What clap_mangen makes of a command, up to what stands behind its options.
fn render(command: &Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    let man = Man::new(command.clone())
        .source(format!("{PROGRAM} {}", env!("CARGO_PKG_VERSION")))
        .manual("peerscope manual");
    let preamble = Roff::new().render();
    out.extend_from_slice(preamble.as_bytes());
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(out)?;
    }
    Ok(())
}

/// The text behind the options (`cli::args` tells its form), as sections.
fn push_after_help(roff: &mut Roff, command: &Command) {
    let Some(text) = command.get_after_help() else {
        return;
    };
    let text = text.to_string();
    let mut heading = "";
    for paragraph in text.split("\n\n") {
        let (first, rest) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        let next = match first {
            "Examples:" => "EXAMPLES",
            _ if first.starts_with("Exit status:") => "EXIT STATUS",
            _ => "NOTES",
        };
        if next != heading {
            heading = next;
            roff.control("SH", [heading]);
        }
        let lines: Vec<&str> = match heading {
            "EXAMPLES" => rest.lines().map(str::trim_ascii_end).collect(),
            _ => paragraph.lines().collect(),
        };
        if heading == "EXIT STATUS" {
            let text = lines.join(" ");
            let text = text.trim_start_matches("Exit status:").trim();
            roff.text([roman(text)]);
        } else if heading == "EXAMPLES" || lines.iter().any(|line| line.starts_with("  ")) {
            markdown::verbatim(roff, &lines);
        } else {
            roff.control("PP", []);
            roff.text([roman(lines.join(" "))]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_with_examples() {
        for page in all() {
            let roff = page.roff();
            assert!(roff.contains(".SH NAME"), "{}", page.name);
            assert!(roff.contains(".SH \"SEE ALSO\""), "{}", page.name);
            if let Subject::Command(..) = page.subject {
                assert!(roff.contains(".SH EXAMPLES"), "{}", page.name);
                assert!(roff.contains(".SH SYNOPSIS"), "{}", page.name);
            }
            assert!(!page.text().is_empty());
        }
    }

    #[test]
    fn what_help_cites_is_a_page() {
        let pages = all();
        for page in &pages {
            for (at, _) in page.text().match_indices("peerscope man ") {
                let text = page.text();
                let words = &text[at + "peerscope man ".len()..];
                let name: String = words
                    .chars()
                    .take_while(char::is_ascii_alphabetic)
                    .collect();
                let is_there = name.is_empty() || pages.iter().any(|page| page.is_called(&name));
                assert!(is_there || name == "names", "{}: {name}", page.name);
            }
            let Subject::Command(command, _) = &page.subject else {
                continue;
            };
            let help = command.as_ref().clone().render_long_help().to_string();
            assert!(!help.contains("docs/"), "{}", page.name);
        }
    }

    #[test]
    fn pages_are_found_by_each_of_their_names() {
        let pages = all();
        for name in ["read", "r", "peerscope-read", "json", "peerscope"] {
            let found = pages.iter().filter(|page| page.is_called(name)).count();
            assert_eq!(found, 1, "{name}");
        }
    }
}
