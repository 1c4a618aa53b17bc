//! What is selected, listed, searched: a machine that takes what users do and knows
//! no terminal. Everything that is drawn is asked of it.

mod bytes;
mod chosen;
mod connections;
mod copy;
mod detail;
mod document_line;
mod editor;
mod happened;
mod input;
mod jumps;
mod keys;
mod layout;
mod meaning;
#[cfg(test)]
mod moving_tests;
mod pending;
mod prompt;
mod scroll;
mod search;
mod state;
#[cfg(test)]
mod tests;
mod together;
mod whence;

pub use bytes::Rows;
pub use connections::{Connections, SortBy};
pub use copy::Form;
pub use detail::Detail;
pub use document_line::DocumentLine;
pub use editor::Editor;
pub use input::{Effect, Input, Key};
pub use layout::{Area, Arrangement, FIELD_INDENT, Layout, Pane, field_columns};
pub use prompt::{Prompt, Purpose};
pub use scroll::{Scroll, Step};
pub use state::{Mode, Model, Notice};
