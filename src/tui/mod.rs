//! The messages of a capture on a whole screen (`peerscope tui`).
//!
//! Three layers, each of which can be used and tested without the next:
//!
//! * the [`spool`]: the messages on disk, any of which can be shown at once;
//! * the model: what is selected, filtered, searched, a machine of states without a
//!   terminal;
//! * rendering, and the terminal.

pub mod find;
pub mod line;
pub mod listing;
pub mod model;
pub mod render;
mod run;
mod signals;
pub mod spool;
mod terminal;
#[cfg(test)]
mod testing;

pub use run::{End, run};
pub use signals::{end_by, let_writes_fail};
pub use terminal::Screen;
