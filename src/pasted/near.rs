//! Bytes that are nearly a handshake: the name of the protocol is there, but the
//! byte that says how long it is is another.

use super::meaning::{Decoded, Meaning};
use crate::wire::peer::{self, Context, Framing, HANDSHAKE_LENGTH, PREFIX};
use crate::wire::{Malformed, Sink};

/// Whether bytes are a handshake but for their first byte.
pub fn is_near(bytes: &[u8]) -> bool {
    let name = &PREFIX[1..];
    let shown = bytes.get(1..).unwrap_or_default();
    shown.starts_with(name) && bytes[0] != PREFIX[0]
}

/// Reads such bytes as the handshake that was meant.
pub fn dissect<'b, S: Sink>(bytes: &[u8], length: usize, sink: &mut S) -> Decoded<'b> {
    let mut meant = bytes[..bytes.len().min(HANDSHAKE_LENGTH)].to_vec();
    let first = meant.first().copied().unwrap_or_default();
    if let Some(byte) = meant.first_mut() {
        *byte = PREFIX[0];
    }
    let context = Context {
        framing: Framing::Handshake,
        ..Context::default()
    };
    let read = peer::dissect(&meant, length, &context, sink);
    let words = read.message.to_string();
    let words = words.strip_prefix("handshake, ").unwrap_or(&words);
    let summary = format!("nearly a handshake: its first byte is {first} (0x{first:02x}), {words}");
    let meaning = Meaning::Other {
        protocol: "peer",
        name: "handshake",
        summary,
    };
    let malformed = Some(Malformed::new(0, &peer::anomalies::LENGTH_BYTE));
    Decoded { meaning, malformed }
}
