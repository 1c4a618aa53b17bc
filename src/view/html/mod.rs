//! A report as one HTML page that needs nothing else: no network, no other file, and
//! for all but its handles no script.
//!
//! Markup is written by `maud`, which escapes whatever it is given; text of a capture
//! is sanitised first, as for a terminal (`view::text`). The page forbids itself all
//! connections and all scripts but its own.

mod compared;
mod connections;
mod excerpt;
mod findings;
mod format;
mod names;
mod page;
mod peers;
mod plot;
mod plots;
mod room;
mod scope;
mod summary;
mod swarms;
mod tables;

pub use names::Names;
pub use page::{Capture, Page, write_page};
pub use scope::Scope;
