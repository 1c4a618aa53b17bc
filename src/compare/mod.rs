//! Two sessions held against each other: what each peer announced, how it
//! opened, asked, served and ended, and where their messages part first.
//!
//! [`Recorders`] listens to a capture and keeps a bounded [`Session`] of the
//! connection that matters; [`Comparison::new`] compares two of them by role in
//! the transfer, so that it does not matter who dialled. What two runs of the
//! same clients never repeat (which pieces, exact times, how often a `have` falls
//! between two requests) is folded or held against a tolerance; see
//! `docs/diff.md`.

mod align;

mod category;
mod comparison;
mod depth;
mod facts;
mod habits;
mod options;
mod order;
mod recorders;
mod role;
mod session;
mod steps;
#[cfg(test)]
mod tests;
mod value;

pub use crate::session::{Announced, Entry};
pub use align::{Edit, align};
pub use category::{Categories, Category};
pub use comparison::{Comparison, Divergence, Row};
pub use depth::Depth;
pub use facts::{Fact, Group};
pub use habits::{HaveHabit, KeepAlives};
pub use options::Options;
pub use order::{Order, Pattern};
pub use recorders::{Brief, Recorders, Refusal};
pub use role::Role;
pub use session::{Peer, Session};
pub use steps::{Mark, Step};
pub use value::Value;
