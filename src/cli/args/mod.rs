//! What users type.
//!
//! The text behind a command's options (`after_help`) has one form, from which
//! help and the manual page (`cli::manual`) are made: paragraphs with a blank
//! line between them; the one that begins with `Examples:` is shown as it is, and
//! `Exit status:` has a section of its own.

mod chosen;
mod command;
mod input;
mod live;
mod manual;
mod read;
mod view;

pub(super) use chosen::Chosen;
pub use command::Cli;
pub(super) use command::Command;
pub(super) use input::{Habits, Input};
pub(super) use live::LiveArgs;
pub(super) use manual::{CompletionsArgs, ManArgs};
pub(super) use read::{ReadArgs, SessionsArgs};
pub(super) use view::{Color, Time, ViewArgs};
