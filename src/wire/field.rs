//! Field tables: the name of a field and how its value reads.

/// One field of a message layout, as a `static` beside its dissector.
#[derive(Debug)]
pub struct Field {
    /// The BEP's own name for it; also its JSON key.
    pub name: &'static str,
    /// How the value reads.
    pub kind: Kind,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// The name of the message already says the value, if the value has a name:
    /// records leave it out then.
    pub is_implied: bool,
}

/// Fields are compared by their identity: each is a `static` of its own.
impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Field {}

impl Field {
    /// A field called `name` (the BEP's own name, also the JSON key), which means
    /// `meaning` (a sentence).
    pub const fn new(name: &'static str, kind: Kind, meaning: &'static str) -> Self {
        Self {
            name,
            kind,
            meaning,
            is_implied: false,
        }
    }

    /// The key under which a record has it: of bulk data only the length is told.
    pub const fn key(&self) -> &'static str {
        match self.kind {
            Kind::Data => "length",
            _ => self.name,
        }
    }

    /// This field, its value being said by the name of the message.
    pub const fn implied(self) -> Self {
        Self {
            is_implied: true,
            ..self
        }
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

impl Kind {
    /// What it is, in a word or two.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Group => "dictionary",
            Self::List => "list",
            Self::Uint(_) => "number",
            Self::Int => "integer",
            Self::Enum(_) => "enumeration",
            Self::Flags(_) => "flags",
            Self::Bool => "bool",
            Self::Framing => "framing",
            Self::Hash => "hash",
            Self::PeerId => "peer_id",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Bitfield => "bitfield",
            Self::Address => "address",
            Self::Data => "data",
            Self::Unclaimed => "unclaimed",
            Self::Escaped(kind) => kind.name(),
        }
    }

    /// What its values count.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Uint(unit) => unit,
            Self::Data => Unit::Bytes,
            _ => Unit::None,
        }
    }
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

impl Unit {
    /// Its name; `None` for a plain number.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Bytes => Some("bytes"),
            Self::Seconds => Some("seconds"),
            Self::Micros => Some("microseconds"),
        }
    }

    /// Its symbol; `None` for a plain number.
    pub const fn symbol(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Bytes => Some("B"),
            Self::Seconds => Some("s"),
            Self::Micros => Some("µs"),
        }
    }
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

/// The packet of what a message answers: a fact of answers of the DHT and of
/// trackers.
pub static QUERY_FRAME: Field = Field::new(
    "query_frame",
    Kind::Uint(Unit::None),
    "The packet that completed the query or request which is answered, where that was seen.",
);
