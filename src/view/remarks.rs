//! Notes in words: what departs from a specification, what is derived from a
//! field.

use std::fmt::{self, Write as _};

use super::number::push_compact;
use super::text::{Safe, SafeWriter, fitting};
use crate::wire::span::slice;
use crate::wire::utp::selectively_acknowledged;
use crate::wire::words::Count;
use crate::wire::{Anomaly, Argument, Deviation, Fact, Note};

/// Columns that text of a message gets within the words of an anomaly.
const MAX_ARGUMENT: usize = 64;

/// A note that deserves its own line, and whether it is worse than a remark.
pub fn push_remark(out: &mut String, note: &Note, bytes: &[u8]) -> Option<bool> {
    match note {
        Note::Fact(_) => None,
        Note::Anomaly(deviation) => {
            out.push_str("anomaly: ");
            push_deviation(out, deviation, bytes);
            Some(false)
        }
        Note::Malformed(fault) => {
            out.push_str("malformed: ");
            out.push_str(fault.words);
            Some(true)
        }
        Note::Cut(missing) => {
            let _ = write!(out, "cut: {missing} bytes of it are not there");
            Some(true)
        }
    }
}

/// A message that is not whole in the capture, in words.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// Its bytes on the wire.
    pub length: u64,
    /// Those that the capture does not hold.
    pub missing: u64,
    /// Those of them that were never sent.
    pub unsent: u64,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.length;
        let here = length.saturating_sub(self.missing);
        if self.unsent == 0 {
            return write!(f, "cut: {here} of {length} bytes captured");
        }
        let sent = length.saturating_sub(self.unsent);
        write!(f, "cut: {sent} of {length} bytes sent")?;
        if here < sent {
            write!(f, ", {here} captured")?;
        }
        Ok(())
    }
}

/// Appends the words of an anomaly of a message, sanitised.
pub fn push_deviation(out: &mut String, deviation: &Deviation, bytes: &[u8]) {
    let Anomaly { words, .. } = deviation.anomaly;
    let mut arguments = deviation.arguments.iter();
    for (index, part) in words.split("{}").enumerate() {
        if index > 0 {
            let argument = arguments.next().unwrap_or(&Argument::None);
            push_argument(out, *argument, bytes);
        }
        out.push_str(part);
    }
}

fn push_argument(out: &mut String, argument: Argument, bytes: &[u8]) {
    match argument {
        Argument::None => out.push('?'),
        Argument::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Argument::Text { start, end } => {
            let text = Safe(slice(bytes, start, end)).to_string();
            out.push_str(fitting(&text, MAX_ARGUMENT));
        }
        Argument::Address { start, end } => {
            if !push_compact(out, slice(bytes, start, end)) {
                out.push('?');
            }
        }
    }
}

/// Appends a derived fact, sanitised.
pub fn push_fact(out: &mut String, fact: &Fact, bytes: &[u8]) {
    let _ = match fact {
        Fact::Extension { name, is_guess } => {
            let guessed = if *is_guess { ", by its content" } else { "" };
            write!(SafeWriter::new(&mut *out), "{}{guessed}", name.text())
        }
        Fact::Decoded { encoding, length } => {
            let length = Count(*length, "byte");
            let name = encoding.map_or(&b"chunked"[..], |(start, end)| slice(bytes, start, end));
            let name = String::from_utf8_lossy(name);
            write!(SafeWriter::new(&mut *out), "{name}, holds {length}")
        }
        Fact::NotDecoded => write!(out, "of an encoding that is not decoded"),
        Fact::Estimate { addresses, is_full } => {
            let more = if *is_full { " or more" } else { "" };
            write!(out, "about {addresses:.0} addresses{more}")
        }
        Fact::Client { start, end } => {
            let version = slice(bytes, *start, *end);
            let (name, number) = version.split_at(version.len().min(2));
            let name = String::from_utf8_lossy(name);
            write!(SafeWriter::new(&mut *out), "{name} {}", hex::encode(number))
        }
        Fact::Meaning(words) => write!(SafeWriter::new(&mut *out), "{words}"),
        Fact::Arrived { start, end, ack_nr } => {
            push_arrived(out, slice(bytes, *start, *end), *ack_nr);
            Ok(())
        }
    };
}

/// The packets that a selective ACK names.
fn push_arrived(out: &mut String, bits: &[u8], ack_nr: u16) {
    out.push_str("arrived:");
    let mut separator = "";
    for packet in selectively_acknowledged(bits, ack_nr) {
        let _ = write!(out, "{separator} {packet}");
        separator = ",";
    }
    if separator.is_empty() {
        out.push_str(" none");
    }
}
