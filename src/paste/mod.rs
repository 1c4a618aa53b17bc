//! Bytes as people paste them: a text in, the dumps of bytes in it out, each
//! byte with its place in the text, and the words around them as context.
//!
//! This room knows the forms in which programs print bytes and nothing of what
//! the bytes mean. A form is a file; all of them are listed by [`Form`]. Words
//! and numbers in prose are never bytes: a form is recognised by its
//! punctuation, or by enough digits in pairs.
//!
//! ```
//! use peerscope::paste::{self, Part};
//!
//! let parts = paste::read("then it sent <Buffer 00 00 00 01 02> after 65 seconds").parts;
//! let [Part::Context(before), Part::Dump(dump), Part::Context(_)] = &parts[..] else {
//!     panic!("{parts:?}");
//! };
//! assert_eq!(before.text, "then it sent ");
//! assert_eq!(dump.bytes, [0, 0, 0, 1, 2]);
//! assert_eq!(dump.place(0).to_string(), "1:22");
//! ```

mod array;
mod base64;
mod buffer;
mod cells;
mod chars;
mod escape;
mod plain;
mod prefixed;
mod rows;
mod scan;
mod string;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::fmt;

pub use text::Position;

use text::Text;

/// More bytes than this are not taken from one text: a dump may say "the same
/// again" for any length.
pub const MAX_BYTES: usize = 16 << 20;

/// The forms of dumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `<Buffer 13 42 69 ... >` of Node.js.
    NodeBuffer,
    /// Digits in any spacing, with `:` or `-` between, or in one stream.
    Hex,
    /// `0x13 0x42`, `0x1342`.
    Prefixed,
    /// `\x13\x42`.
    Escaped,
    /// `[19, 66]`, `{0x13, 0x42}`, `19, 66` and the like.
    Array,
    /// A string literal with escapes.
    String,
    /// Base64, of either alphabet.
    Base64,
    /// Rows of hex with an offset before each: `xxd`, `hexdump -C`, tcpdump,
    /// Wireshark and debuggers.
    Rows,
    /// `od` and `hexdump` in 16-bit words, little end first.
    Words,
    /// `od` in characters (`-c`) or octal bytes (`-b`).
    Characters,
    /// No text at all: the bytes themselves.
    Raw,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NodeBuffer => "Node buffer",
            Self::Hex => "hex",
            Self::Prefixed => "0x hex",
            Self::Escaped => "\\x escapes",
            Self::Array => "array",
            Self::String => "string literal",
            Self::Base64 => "base64",
            Self::Rows => "hex dump",
            Self::Words => "words, little end first",
            Self::Characters => "characters",
            Self::Raw => "raw bytes",
        })
    }
}

/// A dump says that it does not show all bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// How many follow, where it says that too.
    pub missing: Option<u64>,
}

/// Bytes found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    /// How they were written.
    pub form: Form,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Where each was.
    places: Vec<Position>,
    /// Whether more bytes followed.
    pub cut: Option<Cut>,
    /// Nothing but words, and no empty line, stand between this dump and the one
    /// before: the two may be parts of one.
    pub follows: bool,
}

impl Dump {
    /// Bytes that come from no text.
    pub fn raw(bytes: Vec<u8>) -> Self {
        Self {
            form: Form::Raw,
            bytes,
            places: Vec::new(),
            cut: None,
            follows: false,
        }
    }

    /// Where byte `index` is in the text. The end of the dump, and all of a raw
    /// one, is where its last known byte is.
    pub fn place(&self, index: usize) -> Position {
        let place = self.places.get(index).or(self.places.last());
        place.copied().unwrap_or_default()
    }

    /// Adds the bytes of a dump that goes on where this one ends.
    pub fn append(&mut self, next: Self) {
        self.bytes.extend(next.bytes);
        self.places.extend(next.places);
        self.cut = next.cut;
    }
}

/// Text around dumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context<'t> {
    /// The text, line ends included.
    pub text: &'t str,
}

impl<'t> Context<'t> {
    /// The lines that say something, without the blank ends of the text: an
    /// empty line stands for any number of them.
    pub fn lines(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        let says = |line: &str| line.contains(char::is_alphanumeric);
        let mut lines = self.text.lines().map(str::trim_end);
        let mut blank = false;
        let mut begun = false;
        let mut held = None;
        std::iter::from_fn(move || {
            if let Some(line) = held.take() {
                return Some(line);
            }
            loop {
                let line = lines.next()?;
                if line.trim().is_empty() {
                    blank = true;
                } else if says(line) {
                    if std::mem::take(&mut blank) && begun {
                        held = Some(line);
                        return Some("");
                    }
                    begun = true;
                    return Some(line);
                }
            }
        })
    }
}

/// What a text is made of, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'t> {
    /// Bytes.
    Dump(Dump),
    /// Anything else.
    Context(Context<'t>),
}

/// A text taken apart, up to its first fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted<'t> {
    /// Dumps and context.
    pub parts: Vec<Part<'t>>,
    /// Why it was not read to the end, or why there is nothing.
    pub fault: Option<Fault>,
}

/// Why a text cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {reason}")]
pub struct Fault {
    /// Where.
    pub at: Position,
    /// What is wrong there.
    pub reason: Reason,
}

/// What can be wrong with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// There is nothing.
    #[error("no input: nothing was pasted")]
    Empty,
    /// There are words only.
    #[error("no bytes found in this text (--help lists the forms that are known)")]
    NoBytes,
    /// Half a byte.
    #[error("odd number of hex digits: half a byte is missing here")]
    OddDigits,
    /// A character that cannot stand in a dump.
    #[error("{0:?} is no hex digit, within a dump of hex")]
    NotHex(char),
    /// An escape that no language has.
    #[error("unfinished or unknown escape in a string of bytes")]
    Escape,
    /// U+FFFD in a string.
    #[error(
        "bytes were lost before this was printed: they were decoded as UTF-8, which they are not"
    )]
    Replaced,
    /// A number that is no byte, in an array of bytes.
    #[error("not a byte, within an array of bytes")]
    NotByte,
    /// A row does not hold the bytes that the offset of the next one says.
    #[error("row of {found} bytes where the offsets say {due}")]
    Row {
        /// Bytes in the row.
        found: usize,
        /// Bytes from its offset to the next.
        due: usize,
    },
    /// More than [`MAX_BYTES`].
    #[error("more than {} MiB of bytes", MAX_BYTES >> 20)]
    TooMany,
}

/// Takes a text apart.
pub fn read(text: &str) -> Pasted<'_> {
    scan::read(&Text::new(text), false)
}

/// Takes apart a text that is bytes for certain: a few digits are enough.
pub fn read_bytes(text: &str) -> Pasted<'_> {
    scan::read(&Text::new(text), true)
}
