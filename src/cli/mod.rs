//! The command line: one file a command. A command wires a source, the pipeline,
//! an observer and a view; it neither parses nor keeps state of its own.

mod amount;
mod args;
mod diff;
mod diff_args;
mod hex;
mod interfaces;
mod keylog;
mod live;
mod output;
#[cfg(all(feature = "active", unix))]
mod peer;
#[cfg(all(feature = "active", unix))]
mod peer_args;
mod progress;
mod read;
mod row;
mod sessions;
mod show;
mod source;
mod torrents;
mod trouble;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

pub use args::Cli;
use args::Command;

/// Runs the program: exit status 0 fine, 1 a difference, 2 trouble.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli.command) {
        Ok(code) => code,
        Err(error) => {
            trouble::tell_all(&error);
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Diff(args) => return diff::run(args),
        Command::Read(args) => read::run(args)?,
        Command::Live(args) => live::run(args)?,
        Command::Interfaces => interfaces::run()?,
        Command::Sessions(args) => sessions::run(args)?,
        #[cfg(all(feature = "active", unix))]
        Command::Get(args) => peer::get(args)?,
        #[cfg(all(feature = "active", unix))]
        Command::Seed(args) => peer::seed(args)?,
        Command::Hex(args) => hex::run(args)?,
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(*shell, &mut command, "peerscope", &mut std::io::stdout());
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
