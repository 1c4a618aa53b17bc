//! JSON: one record a message, one object a line (`docs/json.md`).
//!
//! A record is pure ASCII but for printable letters: whatever a terminal could
//! take for a command is written as `\uXXXX`, which a JSON parser reads back
//! exactly.

mod event;
mod fields;
mod head;
mod keys;
mod private;
#[cfg(test)]
mod tests;
mod text;
mod values;
mod writer;

pub use text::push_guarded;
pub(super) use text::push_string;
pub(super) use values::{push_optional, push_time};
pub use writer::JsonWriter;
