//! `peerscope hex`: what pasted bytes mean.

pub mod args;
mod input;
mod show;

use anyhow::anyhow;

use args::HexArgs;
use input::Input;
use show::Show;

use crate::identify::pasted::{self, Reading, Sample};
use crate::paste::{self, Dump, Fault, Part, Pasted, Reason};

/// Runs the command.
pub fn run(args: &HexArgs) -> anyhow::Result<()> {
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
    let Pasted { parts, fault } = pasted;
    if let Some(fault) = fault
        && fault.reason != Reason::Empty
        && !parts.iter().any(|part| matches!(part, Part::Dump(_)))
        && is_bencode(text)
    {
        show.dump(&Dump::raw(text.trim().into()), "");
        return None;
    }
    let mut label = "";
    for part in &joined(parts) {
        match part {
            Part::Context(context) => {
                show.context(context);
                label = context.text.lines().last().unwrap_or_default();
            }
            Part::Dump(dump) => {
                show.dump(dump, label);
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

/// Joins dumps that are one message with words between its parts; the words go
/// before it.
fn joined(parts: Vec<Part<'_>>) -> Vec<Part<'_>> {
    let mut joined: Vec<Part<'_>> = Vec::new();
    for part in parts {
        if let Part::Dump(second) = &part
            && second.follows
            && let Some(index) = last_dump(&joined)
            && let Part::Dump(first) = &joined[index]
            && pasted::completes(&show::sample(first, ""), &show::sample(second, ""))
        {
            let Part::Dump(mut first) = joined.remove(index) else {
                continue;
            };
            if let Part::Dump(second) = part {
                first.append(second);
            }
            joined.push(Part::Dump(first));
            continue;
        }
        joined.push(part);
    }
    joined
}

fn last_dump(parts: &[Part<'_>]) -> Option<usize> {
    parts.iter().rposition(|part| matches!(part, Part::Dump(_)))
}
