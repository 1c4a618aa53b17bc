//! A message of which a log tells.

use crate::paste::position::Position;

/// A message of which a log tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged<'t> {
    /// Where the line names it.
    pub place: Position,
    /// Whose log it is.
    pub client: &'static str,
    /// The time, as the line has it.
    pub time: Option<&'t str>,
    /// Which way the message went.
    pub direction: Direction,
    /// The other end, as the line has it.
    pub peer: Option<&'t str>,
    /// The message.
    pub said: Said<'t>,
}

/// Which way a message went, seen from who wrote the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the other end.
    Sent,
    /// From there.
    Received,
}

impl Direction {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
        }
    }
}

/// What a line says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<'t> {
    /// Its name, as JSON has it.
    pub name: &'static str,
    /// Its fields as `hex --encode` takes them; `None` if the line
    /// does not have those that the message needs.
    pub fields: Option<String>,
    /// What the line does not print of it.
    pub rest: Rest,
    /// What the line says behind its name.
    pub words: &'t str,
}

/// What a line does not print of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Nothing: the fields are the message.
    Nothing,
    /// So many bytes of data at its end.
    Data(u32),
    /// All from this byte on.
    From(usize),
}

/// What a reader makes of a line.
pub(super) struct Line<'t> {
    pub direction: Direction,
    pub peer: Option<&'t str>,
    pub said: Said<'t>,
    /// Offset in the line of the words that name it.
    pub at: usize,
}

impl<'t> Said<'t> {
    /// A message of which the line has all fields.
    pub fn whole(name: &'static str, fields: String, words: &'t str) -> Self {
        Self {
            name,
            fields: Some(fields),
            rest: Rest::Nothing,
            words,
        }
    }

    /// One of which it has the fields, but not the data that ends it.
    pub fn without_data(name: &'static str, fields: String, data: u32, words: &'t str) -> Self {
        Self {
            rest: Rest::Data(data),
            ..Self::whole(name, fields, words)
        }
    }

    /// One that is named, and no more.
    pub fn named(name: &'static str, words: &'t str) -> Self {
        Self {
            name,
            fields: None,
            rest: Rest::Nothing,
            words,
        }
    }

    /// A handshake of which only the reserved bytes are printed.
    pub fn handshake(reserved: &str, words: &'t str) -> Self {
        let nobody = "00".repeat(20);
        let fields = format!("reserved={reserved} info_hash={nobody} peer_id={nobody}");
        Self {
            rest: Rest::From(RESERVED_END),
            ..Self::whole("handshake", fields, words)
        }
    }
}

/// A length byte, the name of the protocol, and the reserved bytes.
const RESERVED_END: usize = 28;
