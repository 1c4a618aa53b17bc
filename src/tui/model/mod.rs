//! What is selected, listed, searched: a machine that takes what users do and knows
//! no terminal. Everything that is drawn is asked of it.

mod bytes;
mod chosen;
mod connections;
mod copy;
mod detail;
mod editor;
mod input;
mod jumps;
mod keys;
mod layout;
mod pending;
mod prompt;
mod scroll;
mod search;
mod state;
#[cfg(test)]
mod tests;

pub use bytes::Rows;
pub use connections::{Connections, SortBy};
pub use copy::Form;
pub use detail::{Detail, DocumentLine};
pub use editor::Editor;
pub use input::{Effect, Input, Key};
pub use layout::{Area, Arrangement, FIELD_INDENT, Layout, Pane, field_columns};
pub use prompt::{Prompt, Purpose};
pub use scroll::{Scroll, Step};
pub use state::{Mode, Model, Notice};
