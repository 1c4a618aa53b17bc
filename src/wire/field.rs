//! Field tables: the name of a field and how its value reads.

/// One field of a message layout, as a `static` beside its dissector.
#[derive(Debug)]
pub struct Field {
    /// The BEP's own name for it; also its JSON key.
    pub name: &'static str,
    /// How the value reads.
    pub kind: Kind,
}

impl Field {
    /// A field called `name` (the BEP's own name, also the JSON key).
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }
}

/// How the bytes of a field read. It drives every view: words in the field
/// tree, the JSON type, the colour in the hex dump.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Holds other fields; claims no byte itself.
    Group,
    /// Holds fields of one sort, a JSON list.
    List,
    /// An integer counted in a unit.
    Uint(Unit),
    /// An integer (signed or from a bencoded value) without a unit.
    Int,
    /// An open enumeration: the function names the known values.
    Enum(fn(u64) -> Option<&'static str>),
    /// Bit flags over the bytes of the field.
    Flags(&'static [Flag]),
    /// A 0/1 truth value.
    Bool,
    /// Framing that carries no information of its own (a length prefix, a fixed
    /// string, bencode punctuation). Shown in the hex dump, left out of JSON.
    Framing,
    /// A hash or identifier, shown as lower-case hex.
    Hash,
    /// A 20-byte peer id, shown as text and client name.
    PeerId,
    /// Text, UTF-8 where it is; a view decides how to show what is not.
    Text,
    /// Raw bytes, shown as hex.
    Bytes,
    /// A bitfield; the most significant bit of byte 0 is piece 0.
    Bitfield,
    /// A compact address: 4 or 16 bytes of IP, then 2 of port when 6 or 18 long.
    Address,
    /// The data of a piece or of another bulk body: folded in every view.
    Data,
    /// Bytes that no field claims (trailing junk, what follows a fault).
    Unclaimed,
    /// Percent-encoded bytes in a URL, which read as this once decoded
    /// ([`percent::decode`](super::percent::decode)).
    Escaped(&'static Kind),
}

/// What an integer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A plain number: an index, an id.
    None,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// Microseconds.
    Micros,
}

/// One bit (or several) of a [`Kind::Flags`] field.
#[derive(Debug)]
pub struct Flag {
    /// Index of the byte within the field.
    pub byte: usize,
    /// The bits within that byte.
    pub mask: u8,
    /// The name as JSON has it.
    pub name: &'static str,
    /// The name as people read it, with its BEP.
    pub title: &'static str,
}
