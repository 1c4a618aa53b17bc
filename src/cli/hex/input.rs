//! Where the text comes from.

use std::fs::File;
use std::io::{IsTerminal, Read, Write, stderr, stdin};
use std::path::Path;

use anyhow::{Context, bail};

use super::bencode::is_bencode;
use crate::paste::{self, Form, Section};
use crate::pasted::{self, Reading, Sample};
use crate::view::text::clipped;

/// More than this is no paste.
const MAX_TEXT: u64 = 64 << 20;

/// The first four bytes of capture files.
const CAPTURES: [[u8; 4]; 5] = [
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0x0a, 0x0d, 0x0d, 0x0a],
];

/// What was given.
#[derive(Debug)]
pub enum Input {
    /// A text.
    Text(String),
    /// Bytes that are none.
    Raw(Vec<u8>),
}

/// The name of a file in messages.
pub fn name(file: &Path) -> String {
    if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

/// Fewer characters may be the name of a file.
const MIN_DIGITS: usize = 8;

/// Columns of a name that is no file.
const MAX_NAME: usize = 40;

/// Characters of such a name that are shown again, at most.
const MAX_SHOWN: usize = 200;

/// Whether a name that no file has is data that was meant to be read itself: bytes in a
/// form that is known, bencode or a link, and no words beside.
fn is_data(name: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_hexdigit() || " :-,x<>[]".contains(c);
    // Dots at the end stand for more digits; elsewhere a name has them.
    let digits = name
        .trim_start_matches("<Buffer")
        .trim_end_matches(['.', '…']);
    if name.chars().count() < MIN_DIGITS {
        return false;
    }
    if digits.chars().all(is_digit) {
        let pasted = paste::read_bytes(name);
        return pasted.fault.is_none() && has_data(&pasted.sections, name);
    }
    // The form has to prove itself: `notes.txt` is none.
    let pasted = paste::read(name);
    (pasted.fault.is_none() && has_data(&pasted.sections, name)) || is_bencode(name)
}

/// Whether all of a text is data, but for a few letters, as in `hex: ` and `new Map(`.
fn has_data(sections: &[Section<'_>], text: &str) -> bool {
    let is_dump = |section: &Section<'_>| match section {
        // `no-such-file` is base64 of anything.
        Section::Dump(dump) if dump.form == Form::Base64 => {
            let best = pasted::readings(&Sample::new(&dump.bytes));
            best.first()
                .is_some_and(|best| best.reading != Reading::Bytes)
        }
        Section::Dump(_) => true,
        _ => false,
    };
    let words = sections.iter().map(|section| match section {
        Section::Context(context) => context.text.trim().len(),
        _ => 0,
    });
    sections.iter().any(is_dump) && 4 * words.sum::<usize>() <= text.len()
}

/// What is wrong with several words where one file is due.
pub fn words_are_no_file(words: &str) -> String {
    if is_data(words) {
        hint(words)
    } else {
        format!(
            "one FILE is read at a time, and these are more: {}",
            clipped(words, MAX_NAME)
        )
    }
}

/// What to type for data that was typed as a file.
fn hint(name: &str) -> String {
    let shown = clipped(name, MAX_SHOWN);
    let quoted = format!("'{}'", shown.replace('\'', "'\\''"));
    let option = if shown == name { "" } else { " (all of it)" };
    let name = clipped(name, MAX_NAME);
    format!(
        "cannot read {name}: it is no file; for the bytes that it spells: \
         peerscope hex --bytes {quoted}{option}"
    )
}

/// Reads a file, or standard input.
pub fn read(file: &Path) -> anyhow::Result<Input> {
    let mut bytes = Vec::new();
    let result = if file == Path::new("-") {
        if stdin().is_terminal() {
            let _ = writeln!(stderr(), "paste, and end with Ctrl-D on a line of its own");
        }
        stdin().lock().take(MAX_TEXT + 1).read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|file| file.take(MAX_TEXT + 1).read_to_end(&mut bytes))
    };
    if result.is_err() && !file.exists() && is_data(&name(file)) {
        bail!(hint(&name(file)));
    }
    result.with_context(|| format!("cannot read {}", name(file)))?;
    if bytes.len() as u64 > MAX_TEXT {
        bail!("{}: more than {} MiB", name(file), MAX_TEXT >> 20);
    }
    if CAPTURES.iter().any(|magic| bytes.starts_with(magic)) {
        bail!("{} is a capture: see `peerscope read`", name(file));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => {
            Input::Text(without_colours(text.trim_start_matches('\u{feff}')))
        }
        Ok(text) => Input::Raw(text.into_bytes()),
        Err(error) => Input::Raw(error.into_bytes()),
    })
}

/// How a sequence begins that tells a terminal a colour, and how it ends.
const COLOUR: (&str, char) = ("\u{1b}[", 'm');

/// A text as a terminal shows it: `hexyl` and `xxd -R always` put colours around bytes.
fn without_colours(text: &str) -> String {
    let (open, close) = COLOUR;
    let mut parts = text.split(open);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_parameter = |c: char| c.is_ascii_digit() || c == ';';
        let after = part.trim_start_matches(is_parameter).strip_prefix(close);
        if after.is_none() {
            shown.push_str(open);
        }
        shown.push_str(after.unwrap_or(part));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::without_colours;

    #[test]
    fn colours_are_not_shown() {
        for (text, shown) in [
            ("\u{1b}[38;5;242m00 \u{1b}[0m13", "00 13"),
            ("\u{1b}[m\u{1b}[2K00", "\u{1b}[2K00"),
            ("[0m", "[0m"),
            ("00\u{1b}[", "00\u{1b}["),
        ] {
            assert_eq!(without_colours(text), shown);
        }
    }
}
