//! The token tape: what a value holds, in the order of the bytes.

use std::ops::Range;

/// What bounds a parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Containers open at once.
    pub depth: usize,
    /// Tokens kept (20 bytes of memory each).
    pub tokens: usize,
}

impl Limits {
    /// For a message. Clients use 8 to 512 levels; the largest real messages
    /// have a few hundred tokens.
    pub const MESSAGE: Self = Self {
        depth: 128,
        tokens: 1 << 16,
    };
    /// For an info dictionary from a peer: 100,000 files and more, in 20 MB.
    pub const METADATA: Self = Self {
        depth: 128,
        tokens: 1 << 20,
    };
    /// For a `.torrent` file that the user chose, which may list half a million
    /// files.
    pub const METAINFO: Self = Self {
        depth: 128,
        tokens: 1 << 22,
    };
}

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// `i<decimal>e`
    Int,
    /// `<length>:<bytes>`
    Bytes,
    /// `l<items>e`
    List,
    /// `d<key><value>..e`: keys and values are tokens in turn.
    Dict,
}

/// One value, or the key of a dictionary entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub(super) kind: TokenKind,
    /// Whether a container's closing `e` was read.
    pub(super) closed: bool,
    pub(super) start: u32,
    pub(super) content: u32,
    pub(super) end: u32,
    /// Index of the token after this one and all it holds.
    pub(super) next: u32,
}

impl Token {
    /// Its type.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The whole encoding, framing included.
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The digits (with sign) of an integer, the bytes of a string, what is
    /// between the framing bytes of a container.
    pub fn content(&self) -> Range<usize> {
        let framing = u32::from(self.closed && self.kind != TokenKind::Bytes);
        self.content as usize..(self.end - framing) as usize
    }

    /// Whether it is complete; only a container that a fault cut short is not.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Index in the tape of what follows this value and all it holds.
    pub fn next(&self) -> usize {
        self.next as usize
    }
}

/// A deviation from BEP 3 that leaves the meaning clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anomaly {
    /// Offset in the input.
    pub at: usize,
    /// Index of the token it concerns.
    pub token: usize,
    /// Which rule.
    pub kind: AnomalyKind,
}

/// The rules of BEP 3 that parsers in the wild do not enforce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnomalyKind {
    /// A dictionary key that sorts before its predecessor.
    UnsortedKey,
    /// A dictionary key equal to its predecessor.
    DuplicateKey,
    /// `i03e` or `03:abc`.
    LeadingZero,
    /// `i-0e`.
    NegativeZero,
}

impl AnomalyKind {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::UnsortedKey => "dictionary key out of order",
            Self::DuplicateKey => "duplicate dictionary key",
            Self::LeadingZero => "leading zero",
            Self::NegativeZero => "negative zero",
        }
    }
}

/// Why a parse ended before the value did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bencode at offset {at}: {}", .reason.text())]
pub struct Error {
    /// Offset in the input of the first byte that does not fit.
    pub at: usize,
    /// What is wrong.
    pub reason: Reason,
}

/// What ends a parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The input ends before the value does.
    Truncated,
    /// A string is longer than what is left of the input.
    StringPastEnd,
    /// A string length is not followed by a colon.
    BadLength,
    /// An integer without a digit.
    EmptyInteger,
    /// An integer with a byte that is no digit.
    BadInteger,
    /// A byte that begins no value.
    BadByte,
    /// A dictionary key that is no string.
    KeyNotString,
    /// A dictionary ends after a key.
    KeyWithoutValue,
    /// More than [`Limits::depth`] containers are open.
    TooDeep,
    /// More than [`Limits::tokens`] values.
    TooMany,
    /// The input is 4 GiB or longer.
    TooLong,
}

impl Reason {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Truncated => "ends in the middle of a bencoded value",
            Self::StringPastEnd => "bencoded string longer than what follows",
            Self::BadLength => "bencoded string length without a colon",
            Self::EmptyInteger => "bencoded integer without digits",
            Self::BadInteger => "bencoded integer with a byte that is no digit",
            Self::BadByte => "no bencoded value begins with this byte",
            Self::KeyNotString => "dictionary key that is not a string",
            Self::KeyWithoutValue => "dictionary key without a value",
            Self::TooDeep => "bencode nested deeper than 128 levels",
            Self::TooMany => "more bencoded values than the decoder keeps",
            Self::TooLong => "longer than 4 GiB",
        }
    }

    /// Whether more bytes could have mended it: what a cut capture looks like.
    pub const fn is_truncation(self) -> bool {
        matches!(self, Self::Truncated | Self::StringPastEnd)
    }
}

/// The tokens of the first bencoded value of an input, in the order of the bytes.
#[derive(Debug, Clone, Default)]
pub struct Tape {
    pub(super) tokens: Vec<Token>,
    pub(super) anomalies: Vec<Anomaly>,
    pub(super) end: usize,
    pub(super) error: Option<Error>,
}

impl Tape {
    /// All tokens; the first one is the value itself. Empty after a fault in the
    /// first token.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The deviations, in the order of their tokens.
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// Offset after the value; after a fault, offset after the last token that
    /// is intact.
    pub fn end(&self) -> usize {
        self.end
    }

    /// Why the value is incomplete.
    pub fn error(&self) -> Option<Error> {
        self.error
    }
}
