//! The messages of a capture, on disk: any of them can be shown at once, however
//! many there are.
//!
//! Two files without a name: the *index* has 16 bytes a message
//! ([`Entry`]), the *spool* the record of each, that is its bytes (data of pieces
//! excepted) and what else it takes to dissect them again as they were dissected
//! when they went by. To show a message is then a read at an offset and a
//! dissection; nothing of the capture is read again, so that a pipe, a compressed
//! file and an interface are no different from a file.
//!
//! One thread writes (the [`Recorder`], an observer of the pipeline), others read;
//! what they may read is what was flushed, whose number is published. What has to
//! be in memory, the connections and findings, is an [`Overview`] behind a lock.

mod code;
mod content;
mod entry;
mod file;
mod overview;
mod reader;
mod record;
mod recorder;
mod setting;
mod shared;
#[cfg(test)]
mod tests;
mod transition;

pub use entry::{Entry, Sort};
pub use file::{Appender, Window};
pub use overview::{Found, Overview, Row, State};
pub use reader::{Item, Reader};
pub use record::Happened;
pub use recorder::Recorder;
pub use shared::{Progress, Spool};
