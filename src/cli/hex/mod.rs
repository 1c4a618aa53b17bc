//! `peerscope hex`: what pasted bytes mean.

pub mod args;
mod input;
mod show;
mod told;

use anyhow::anyhow;

use args::HexArgs;
use input::Input;
use show::Show;

use crate::cli::output::Output;
use crate::paste::{self, Dump, Fault, Pasted, Reason, Section};
use crate::pasted::{self, Reading, Sample};
use crate::view::text::wrap;
use crate::wire::Kind;
use crate::wire::catalogue;
use crate::wire::peer::types;

/// Runs the command.
pub fn run(args: &HexArgs) -> anyhow::Result<()> {
    if args.list {
        return list();
    }
    if !args.encode.is_empty() {
        return encode(args);
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
    for message in catalogue::messages().filter(|message| *message != &types::GAP) {
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
    let mut label = "";
    for section in &joined(sections) {
        match section {
            Section::Context(context) => {
                show.context(context);
                label = context.text.lines().last().unwrap_or_default();
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

/// Whether a text is no dump of a bencoded value but the value itself.
fn is_bencode(text: &str) -> bool {
    let sample = Sample::new(text.trim().as_bytes());
    let best = pasted::readings(&sample).first().map(|best| best.reading);
    !matches!(best, None | Some(Reading::Bytes)) && text.starts_with(['d', 'l', 'i'])
}

/// Joins dumps that are one message with words between its sections; the words go
/// before it.
fn joined(sections: Vec<Section<'_>>) -> Vec<Section<'_>> {
    let mut joined: Vec<Section<'_>> = Vec::new();
    for section in sections {
        if let Section::Dump(second) = &section
            && second.follows
            && let Some(index) = last_dump(&joined)
            && let Section::Dump(first) = &joined[index]
            && let Some(order) = Order::of(first, second, &joined[index + 1..])
        {
            let (Section::Dump(mut first), Section::Dump(mut second)) =
                (joined.remove(index), section)
            else {
                continue;
            };
            if order == Order::Swapped {
                std::mem::swap(&mut first, &mut second);
            }
            first.append(second);
            joined.push(Section::Dump(first));
            continue;
        }
        joined.push(section);
    }
    joined
}

/// In which order two dumps are one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    AsPrinted,
    /// The payload was printed first.
    Swapped,
}

impl Order {
    fn of(first: &Dump, second: &Dump, between: &[Section<'_>]) -> Option<Self> {
        let completes =
            |a: &Dump, b: &Dump| pasted::completes(&show::sample(a, ""), &show::sample(b, ""));
        let names_header = |section: &Section<'_>| match section {
            Section::Context(words) => words.text.to_ascii_lowercase().contains("header"),
            Section::Dump(_) | Section::Logged(_) => false,
        };
        if completes(first, second) {
            Some(Self::AsPrinted)
        } else if between.iter().any(names_header) && completes(second, first) {
            Some(Self::Swapped)
        } else {
            None
        }
    }
}

fn last_dump(sections: &[Section<'_>]) -> Option<usize> {
    sections
        .iter()
        .rposition(|section| matches!(section, Section::Dump(_)))
}
