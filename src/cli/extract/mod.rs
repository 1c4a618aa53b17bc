//! `peerscope extract`: what was transferred, as files.

mod args;
pub(super) mod captures;
mod command;
mod interrupted;
mod observers;
mod telling;

pub(super) use args::{EXAMPLES, ExtractArgs};
pub(super) use command::run;
pub(super) use telling::tell_unread;
