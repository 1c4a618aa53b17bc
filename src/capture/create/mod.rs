//! Creates the files that we write beside what was asked for: captures,
//! recordings, key logs. They hold what passed between others, or the keys to it,
//! and `peerscope live` opens them as root: so they are for their owner's eyes
//! alone, and no link that somebody has planted leads root elsewhere.
//!
//! | who | a link at the end of the path | links on the way |
//! |---|---|---|
//! | root | refused, but for those of the system (`/dev/stdout`) | root's own, where nobody else can replace them |
//! | others | their own, or in a folder that is theirs; else refused | as the system has it |
//!
//! A file that is there already must belong to whoever writes it (for root: or to
//! the user who called sudo), or to the owner of its folder.

mod creation;
mod output_file;
#[cfg(all(unix, any(feature = "live", feature = "active", feature = "keys")))]
mod unix;

pub use creation::create;
pub use output_file::{Existing, OutputFile};
