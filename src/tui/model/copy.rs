//! A message as text to be pasted elsewhere.

use std::io;

use crate::notation;
use crate::session::Heard;
use crate::tui::line::Lines;
use crate::tui::spool::{Item, Reader};
use crate::view::{Format, Options, Printer};
use crate::wire::peer::Message;

/// What still works when bytes are missing.
const NOT_WHOLE: &str = "not all of its bytes are at hand; y its line, j JSON";

/// The same of a piece, of which words make one like it.
const NO_DATA: &str = "the data of pieces is not kept; y its line, j JSON, e one with zeros";

/// The form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Its line.
    Line,
    /// Its bytes in digits.
    Hex,
    /// A JSON object.
    Json,
    /// A command that makes its bytes again.
    Command,
}

/// The text, or why there is none.
pub fn text(reader: &mut Reader, number: u64, form: Form) -> io::Result<Result<String, String>> {
    reader.with(number, |item| match (item, form) {
        (item, Form::Line) => Ok(Lines::default().plain(item)),
        (Item::Event(happened), Form::Json) => Ok(happened.json.to_owned()),
        (Item::Event(_), _) => Err("an event has no bytes".to_owned()),
        (Item::Message(heard), Form::Json) => Ok(json(heard)),
        (Item::Message(heard), Form::Command) if !is_whole(heard) => match heard.peer_message() {
            Some(Message::Piece(block)) => Ok(command(&notation::of_block(block))),
            _ => Err(NOT_WHOLE.to_owned()),
        },
        (Item::Message(heard), Form::Hex) if !is_whole(heard) => Err(match heard.peer_message() {
            Some(Message::Piece(_)) => NO_DATA.to_owned(),
            _ => NOT_WHOLE.to_owned(),
        }),
        (Item::Message(heard), Form::Hex) => Ok(hex::encode(heard.bytes)),
        (Item::Message(heard), Form::Command) => words(heard)
            .map(|words| command(&words))
            .ok_or_else(|| "no words make these bytes".to_owned()),
    })
}

/// Data of pieces is not kept.
fn is_whole(heard: &Heard<'_>) -> bool {
    heard.bytes.len() as u64 == heard.length && heard.length > 0
}

fn json(heard: &Heard<'_>) -> String {
    let mut out = Vec::new();
    let mut printer = Printer::new(Format::Json, Options::default());
    // Memory does not fail.
    let _ = printer.heard(&mut out, heard);
    String::from_utf8_lossy(&out).trim_end().to_owned()
}

fn words(heard: &Heard<'_>) -> Option<String> {
    notation::of_message(heard.message()?, heard.bytes)
}

/// The words within single quotes, as a shell wants them.
fn command(words: &str) -> String {
    format!("peerscope hex --encode '{}'", words.replace('\'', "'\\''"))
}
