//! The headers before what a packet carries.

use super::meaning::{Decoded, Meaning};
use crate::wire::{Field, Kind, Reader, Sink};

static HEADERS: Field = Field::new("headers", Kind::Framing, "Headers of the layers below.");

pub(super) fn dissect<'b, S: Sink>(
    summary: &str,
    bytes: &'b [u8],
    length: usize,
    sink: &mut S,
) -> Decoded<'b> {
    Reader::new(bytes, length, sink).remainder(&HEADERS);
    Decoded {
        meaning: Meaning::Other {
            protocol: "packet",
            name: "headers",
            summary: summary.to_owned(),
        },
        malformed: None,
    }
}
