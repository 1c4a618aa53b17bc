//! Fields that many messages of the peer wire have, and what is left over of any.

use super::id::id_name;
use crate::wire::field::{Field, Kind, Unit};

pub static LENGTH_PREFIX: Field =
    Field::new("length_prefix", Kind::Framing, "Length of what follows.");
pub static ID: Field = Field::new("id", Kind::Enum(id_name), "Which message.").implied();
pub static PIECE: Field = Field::new(
    "piece",
    Kind::Uint(Unit::None),
    "The piece, counted from 0.",
);
pub static PORT: Field = Field::new(
    "port",
    Kind::Uint(Unit::None),
    "UDP port of the sender's DHT node.",
);
pub static DATA: Field = Field::new("data", Kind::Data, "Data of the block.");
pub static PAYLOAD: Field = Field::new(
    "payload",
    Kind::Bytes,
    "Body of a message whose layout is not known.",
);
/// What is there of a field whose rest is not.
pub static CUT_FIELD: Field = Field::new(
    "cut_field",
    Kind::Bytes,
    "The beginning of a field whose rest is not there.",
);
pub static UNCLAIMED: Field = Field::new(
    "trailing_bytes",
    Kind::Unclaimed,
    "Bytes after the end of the layout.",
);
pub static MISSING: Field = Field::new(
    "missing_bytes",
    Kind::Framing,
    "Bytes that the capture does not hold.",
);
