//! `peerscope hex`: what is given, shown or made.

use anyhow::{anyhow, bail};

use super::args::HexArgs;
use super::bencode::is_bencode;
use super::input::{self, Input};
use super::joined::joined;
use super::show::Show;
use crate::cli::output::Output;
use crate::notation;
use crate::paste::{self, Dump, Fault, Pasted, Reason, Section};
use crate::view::text::wrap;
use crate::wire::Kind;
use crate::wire::catalogue;

/// Runs the command.
pub fn run(args: &HexArgs) -> anyhow::Result<()> {
    if args.list {
        return list();
    }
    if !args.encode.is_empty() {
        return encode(args);
    }
    if let Some(words) = args.words() {
        bail!(input::words_are_no_file(&words));
    }
    let (input, name) = match &args.bytes {
        Some(text) => (Input::Text(text.clone()), "--bytes".to_owned()),
        None => (input::read(&args.file)?, input::name(&args.file)),
    };
    let mut show = Show::new(args);
    let fault = match input {
        Input::Raw(bytes) => {
            show.dump(&Dump::raw(bytes), "");
            None
        }
        Input::Text(text) => {
            let pasted = match args.bytes {
                Some(_) => paste::read_bytes(&text),
                None => paste::read(&text),
            };
            show_text(&text, pasted, &mut show)
        }
    };
    show.close()?;
    match fault {
        Some(fault) => Err(anyhow!("{name}:{fault}")),
        None => Ok(()),
    }
}

/// Lists the messages that can be made, and their fields.
fn list() -> anyhow::Result<()> {
    let mut out = Output::new();
    for message in catalogue::messages().filter(|message| notation::is_made(message)) {
        let fields = catalogue::fields(message).filter(is_given);
        let mut names: Vec<_> = fields.map(|entry| entry.field.key()).collect();
        names.dedup();
        let (protocol, name) = (message.protocol.name(), message.name);
        out.write(|out| writeln!(out, "{protocol} {name}"));
        if !names.is_empty() {
            let names = names.join(", ");
            for line in wrap(&names, LIST_COLUMNS) {
                out.write(|out| writeln!(out, "    {line}"));
            }
        }
    }
    out.finish()
}

/// Columns of the fields in a list.
const LIST_COLUMNS: usize = 76;

/// Whether a field is one that is given by itself, and not one in a dictionary.
fn is_given(entry: &catalogue::Entry) -> bool {
    let is_quiet = matches!(entry.field.kind, Kind::Framing | Kind::Unclaimed);
    entry.within.is_empty() && !entry.is_fact && !is_quiet
}

/// Shows messages made of words.
fn encode(args: &HexArgs) -> anyhow::Result<()> {
    let mut show = Show::new(args);
    let encoded = args.encode.iter().try_for_each(|words| {
        let encoded = show.encode(words);
        encoded.map_err(|error| anyhow!("--encode '{words}': {error}"))
    });
    show.close()?;
    encoded
}

/// Shows what is in a text; gives what is wrong with it.
fn show_text(text: &str, pasted: Pasted<'_>, show: &mut Show) -> Option<Fault> {
    let Pasted { sections, fault } = pasted;
    if let Some(fault) = fault
        && fault.reason != Reason::Empty
        && !sections
            .iter()
            .any(|section| !matches!(section, Section::Context(_)))
        && is_bencode(text)
    {
        show.dump(&Dump::raw(text.trim().into()), "");
        return None;
    }
    let (mut label, mut of_list) = ("", "");
    for section in &joined(sections) {
        match section {
            Section::Context(context) => {
                show.context(context);
                let line = context.text.lines().last().unwrap_or_default();
                // Items of a list have one name: `values: [<Buffer ..>, <Buffer ..>]`.
                let is_comma = context.text.trim_matches(is_between_items).is_empty();
                // `b".." + info_hash + b".."`: the name is that of what is not printed.
                let is_sum = line.trim().starts_with('+') && line.trim().ends_with('+');
                label = if is_comma { of_list } else { line };
                label = if is_sum { "" } else { label };
                of_list = label;
            }
            Section::Dump(dump) => {
                show.dump(dump, label);
                label = "";
            }
            Section::Logged(logged) => {
                show.logged(logged);
                label = "";
            }
        }
    }
    fault
}

/// Whether a character stands between the items of a list.
fn is_between_items(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '"' | '\'')
}
