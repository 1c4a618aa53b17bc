//! What people and programs see: lines, field tree, annotated hex, tables, JSON.
//!
//! A command describes a decoded message as a [`Record`] and gives it to a
//! [`Printer`]. Text of a capture reaches a terminal by no other way: see
//! [`text`] for what is done to it.

pub mod array;
pub mod clock;
mod compare;
mod connection;
mod dump;
mod facts;
mod findings;
#[cfg(test)]
mod fixture;
mod flags;
mod heard;
pub mod hexdump;
pub mod json;
pub mod line;
pub mod number;
pub mod printer;
pub mod quantity;
mod record;
mod remarks;
#[cfg(all(test, feature = "cli"))]
mod safety;
mod sessions;
pub mod style;
#[cfg(feature = "cli")]
mod table;
pub mod text;
pub mod tree;
mod words;

pub use array::{ArrayWriter, Language};
pub use clock::TimeFormat;
pub use compare::{Found, comparison_json, write_comparison};
pub use facts::peer_facts;
pub use findings::{FindingsText, write_findings, write_findings_json, write_rule, write_rules};
pub use printer::{Format, Medium, Options, Printer};
pub use record::{Captured, Gap, Origin, Place, Record};
pub use sessions::{End, SessionJson, SessionSummary};
pub use style::ColorChoice;
#[cfg(feature = "cli")]
pub use style::{stderr_columns, stdout_columns};
#[cfg(feature = "cli")]
pub use table::SessionTable;
