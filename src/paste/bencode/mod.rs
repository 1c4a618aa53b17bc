//! Bencode as text: in prose, behind a label, in quotes; with the damage that
//! consoles do to strings of bytes.

mod find;
mod level;
mod parse;
mod style;

pub use find::{begins, begins_value, find};
