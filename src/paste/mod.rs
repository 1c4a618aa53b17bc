//! Bytes as people paste them: a text in, the dumps of bytes in it out, each
//! byte with its place in the text, and the words around them as context.
//!
//! This room knows the forms in which programs print bytes, and of what the bytes
//! mean only as much as tells them from words: the syntax of bencode, tracker URLs,
//! how clients log messages, and what handshakes, requests to UDP trackers and
//! messages behind their lengths begin with. A form is a file; all of them are
//! listed by [`Form`]. Words and numbers in prose are never bytes: a form is
//! recognised by its punctuation, by enough digits in pairs, or by what the
//! bytes are: base64, numbers and characters that may be anything.
//!
//! ```
//! use peerscope::paste::{self, Section};
//!
//! let sections = paste::read("then it sent <Buffer 00 00 00 01 02> after 65 seconds").sections;
//! let [Section::Context(before), Section::Dump(dump), Section::Context(_)] = &sections[..] else {
//!     panic!("{sections:?}");
//! };
//! assert_eq!(before.text, "then it sent ");
//! assert_eq!(dump.bytes, [0, 0, 0, 1, 2]);
//! assert_eq!(dump.place(0).to_string(), "1:22");
//! ```

mod array;
mod base64;
mod bencode;
mod binary;
mod bits;
mod buffer;
mod caret;
mod cells;
mod column;
mod comment;
mod control;
mod damage;
mod diff;
mod digest;
mod doubled;
mod dump;
mod elements;
mod escape;
mod escaped_line;
mod fault;
mod fields;
mod form;
mod found;
mod glue;
mod item;
mod items;
mod joined;
mod keyed;
mod log;
mod loose;
mod margin;
mod markup;
mod named;
mod numbering;
mod object;
mod parts;
mod pascal;
mod path;
mod plain;
mod position;
mod prefixed;
mod proof;
mod records;
mod repeats;
mod rows;
mod scan;
mod section;
mod spelled;
mod string;
mod structure;
mod symbol;
#[cfg(test)]
mod tests;
mod text;
mod web;
mod whole;

pub use dump::{Cut, Dump, Gap, Missing};
pub use fault::{Fault, MAX_BYTES, Reason};
pub use form::Form;
pub use log::{Direction, Logged, Rest, Said};
pub use position::Position;
pub use scan::{read, read_bytes, read_object};
pub use section::{Context, Pasted, Section};
