//! Bytes that are nearly a handshake, in words.

use super::meaning::Meaning;
use crate::wire::peer::{self, Context, Framing, NearHandshake};
use crate::wire::{Dissected, Sink};

/// Reads such bytes as the handshake that was meant.
pub fn dissect<'b, S: Sink>(
    near: &NearHandshake,
    bytes: &[u8],
    length: usize,
    sink: &mut S,
) -> Dissected<Meaning<'b>> {
    let context = Context {
        framing: Framing::Handshake,
        ..Context::default()
    };
    let read = peer::dissect(bytes, length, &context, sink);
    let words = read.message.to_string();
    let words = words.strip_prefix("handshake, ").unwrap_or(&words);
    let first = match near.wrong_length_byte(bytes) {
        Some(first) => format!("its first byte is {first} (0x{first:02x}), "),
        None => String::new(),
    };
    let summary = format!("nearly a handshake: {first}{words}");
    let meaning = Meaning::Other {
        protocol: "peer",
        name: "handshake",
        summary,
    };
    Dissected {
        message: meaning,
        problem: read.problem,
    }
}
