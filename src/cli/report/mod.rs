//! `peerscope report`: what is in captures, as one HTML page.

mod args;
mod command;
mod listener;
mod page;
mod reading;

pub(super) use args::{EXAMPLES, ReportArgs};
pub(super) use command::run;
