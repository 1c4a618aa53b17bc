//! `peerscope tui`: a capture, or what goes by on an interface, on the whole screen. A
//! thread writes it into a spool, and it is shown from there.

mod args;
mod command;
mod notes;
mod reading;
#[cfg(feature = "live")]
mod sniff;
mod watched;

pub(super) use args::{EXAMPLES, TuiArgs};
pub(super) use command::run;
