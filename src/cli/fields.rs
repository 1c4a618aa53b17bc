//! `peerscope fields`: what is decoded, field by field.

use std::io::{self, Write};

use super::output::Output;
use crate::view::style;
use crate::view::text::wrap;
use crate::wire::catalogue::{self, Entry};
use crate::wire::{Kind, MessageType};
use clap::Args;

pub(super) const EXAMPLES: &str = "\
Examples:
  peerscope fields                             everything
  peerscope fields request                     of one message
  peerscope fields dht.response                of a message of one protocol
  peerscope fields peer.piece.index            one field
  peerscope fields --json | jq -r .meaning";

/// `peerscope fields`
#[derive(Debug, Args)]
pub(super) struct FieldsArgs {
    /// List only what begins with this: a protocol, a message or a field, or
    /// several of them with dots between, as in dht.response.r
    #[arg(value_name = "PREFIX", default_value = "")]
    prefix: String,

    /// Print one JSON object a field (see peerscope man json)
    #[arg(long)]
    json: bool,
}

/// Columns of the names, where they are not longer.
const NAME: usize = 22;

/// Columns of kind and unit.
const KIND: usize = 11;

/// Runs the command.
pub fn run(args: &FieldsArgs) -> anyhow::Result<()> {
    let mut out = Output::new();
    let mut found = false;
    for message in catalogue::messages() {
        let entries: Vec<Entry> = catalogue::fields(message)
            .filter(|entry| is_shown(entry) && matches(&args.prefix, message, Some(entry)))
            .collect();
        let has_none = entries.is_empty() && catalogue::fields(message).all(|e| !is_shown(&e));
        if entries.is_empty() && !(has_none && matches(&args.prefix, message, None)) {
            continue;
        }
        if args.json {
            for entry in &entries {
                out.write(|out| writeln!(out, "{}", record(message, entry)));
            }
        } else {
            let separator = if found { "\n" } else { "" };
            out.write(|out| {
                write!(out, "{separator}")?;
                table(out, message, &entries)
            });
        }
        found = true;
    }
    out.finish()?;
    anyhow::ensure!(
        found,
        "no protocol, message or field begins with {:?}; `peerscope fields` lists all",
        args.prefix
    );
    Ok(())
}

/// Framing is for the hex dump; records have none of it.
fn is_shown(entry: &Entry) -> bool {
    !matches!(entry.field.kind, Kind::Framing) && !entry.field.is_implied
}

/// Whether a field, or a message without any, is asked for: by its full name, by
/// the name without the protocol, or by the bare name of the field.
fn matches(prefix: &str, message: &MessageType, entry: Option<&Entry>) -> bool {
    let path = entry.map(Entry::path).unwrap_or_default();
    let in_message = format!("{}.{path}", message.name);
    let full = format!("{}.{in_message}", message.protocol);
    let mut names = vec![full, in_message, path];
    names.extend(entry.map(|entry| entry.field.key().to_owned()));
    names.iter().any(|name| name.starts_with(prefix))
}

/// An object on a line.
fn record(message: &MessageType, entry: &Entry) -> String {
    let optional = |value: Option<&str>| value.map_or("null".to_owned(), json_string);
    let kind = entry.field.kind;
    format!(
        "{{\"protocol\":\"{}\",\"message\":\"{}\",\"field\":{},\"kind\":\"{}\",\"unit\":{},\
         \"bep\":{},\"meaning\":{},\"derived\":{}}}",
        message.protocol,
        message.name,
        json_string(&entry.path()),
        kind.name(),
        optional(kind.unit().name()),
        optional(message.bep.map(|bep| bep.to_string()).as_deref()).replace('"', ""),
        json_string(entry.field.meaning),
        entry.is_fact,
    )
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The heading of a message and a line a field.
fn table(out: &mut dyn Write, message: &MessageType, entries: &[Entry]) -> io::Result<()> {
    write!(out, "{} {}", message.protocol, message.name)?;
    if let Some(id) = message.id {
        write!(out, ", id {id}")?;
    }
    match message.bep {
        Some(bep) => writeln!(out, ", BEP {bep}")?,
        None => writeln!(out)?,
    }
    let columns = style::stdout_columns().saturating_sub(2 + NAME + 1 + KIND + 1);
    for entry in entries {
        let name = entry.path();
        let kind = kind(entry);
        let mut meaning = wrap(entry.field.meaning, columns.max(20));
        let first = meaning.next().unwrap_or("");
        writeln!(out, "  {name:NAME$} {kind:KIND$} {first}")?;
        let indent = 2 + NAME + 1 + KIND + 1;
        for line in meaning {
            writeln!(out, "{:indent$}{line}", "")?;
        }
    }
    Ok(())
}

/// What a field is, and what it counts.
fn kind(entry: &Entry) -> String {
    let kind = entry.field.kind;
    match kind.unit().symbol() {
        Some(unit) => format!("{}, {unit}", kind.name()),
        None => kind.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Protocol;

    #[test]
    fn a_field_is_found_by_any_of_its_names() {
        let message = catalogue::message(Protocol::Dht, "response").unwrap();
        let entry = catalogue::fields(message)
            .find(|entry| entry.path() == "r.nodes.node.address")
            .unwrap();
        for prefix in [
            "",
            "dht",
            "dht.response.r",
            "response.r.nodes",
            "address",
            "r.nodes",
        ] {
            assert!(matches(prefix, message, Some(&entry)), "{prefix}");
        }
        assert!(!matches("nodes", message, Some(&entry)));
        assert!(!matches("dht.query", message, Some(&entry)));
    }
}
