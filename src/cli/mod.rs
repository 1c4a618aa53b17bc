//! The command line: one file a command. A command wires a source, the pipeline,
//! an observer and a view; it neither parses nor keeps state of its own.

mod amount;
mod args;
mod bar_terminal;
mod census;
mod check;
mod completions;
mod diff;
mod diff_args;
mod explain;
#[cfg(unix)]
mod extract;
mod fields;
mod files;
mod follow;
mod hex;
mod interfaces;
#[cfg(unix)]
mod interrupt;
mod keylog;
mod keys;
mod live;
mod manual;
mod maybe;
mod misplaced;
mod nothing;
mod output;
#[cfg(all(feature = "active", unix))]
mod peer;
mod place;
mod process;
mod program;
mod progress;
mod rate;
mod read;
mod report;
mod selection;
mod sessions;
mod show;
mod source;
mod swarm;
mod torrents;
mod trouble;
#[cfg(all(feature = "tui", unix))]
mod tui;
mod typed;
mod version;
mod wireshark;

pub use args::Cli;
pub use program::main;
