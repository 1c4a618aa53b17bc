//! The program: from the command line to a command and its exit status.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use super::args::{Cli, Command};
#[cfg(all(feature = "active", unix))]
use super::peer;
#[cfg(all(feature = "tui", unix))]
use super::tui;
use super::{
    check, completions, diff, explain, fields, follow, hex, interfaces, keys, live, manual,
    process, read, report, sessions, swarm, trouble, typed, version,
};
#[cfg(unix)]
use super::{extract, interrupt};

/// Runs the program: exit status 0 fine, 1 a difference or a finding,
/// 2 trouble.
pub fn main() -> ExitCode {
    process::confine();
    let cli = parse(std::env::args_os().collect());
    let status = run(&cli.command).unwrap_or_else(|error| {
        trouble::tell_all(&error);
        ExitCode::from(2)
    });
    #[cfg(unix)]
    interrupt::end_if_asked();
    status
}

/// Reads the command line, or ends with what is wrong with it. As `Cli::parse_from`,
/// but the tree of commands, which costs more than an empty capture, is made once.
fn parse(arguments: Vec<OsString>) -> Cli {
    let mut program = Cli::command();
    let arguments = typed::with_command(arguments, &program);
    if arguments.iter().any(|argument| argument == "--version") {
        program = program.long_version(version::long());
    }
    program
        .try_get_matches_from_mut(arguments)
        .and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches))
        .unwrap_or_else(|error| error.format(&mut program).exit())
}

fn run(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Diff(args) => return diff::run(args),
        Command::Check(args) => return check::run(args),
        Command::Explain(args) => explain::run(args)?,
        Command::Read(args) => read::run(args)?,
        Command::Live(args) => live::run(args)?,
        Command::Interfaces => interfaces::run()?,
        Command::Report(args) => report::run(args)?,
        Command::Sessions(args) => sessions::run(args)?,
        Command::Follow(args) => follow::run(args)?,
        #[cfg(unix)]
        Command::Torrents(args) => swarm::list(args)?,
        Command::Swarm(args) => swarm::run(args)?,
        #[cfg(unix)]
        Command::Extract(args) => extract::run(args)?,
        #[cfg(all(feature = "active", unix))]
        Command::Get(args) => peer::get(args)?,
        #[cfg(all(feature = "active", unix))]
        Command::Seed(args) => peer::seed(args)?,
        #[cfg(all(feature = "tui", unix))]
        Command::Tui(args) => return tui::run(args),
        Command::Keys(args) => keys::run(args)?,
        Command::Hex(args) => hex::run(args)?,
        Command::Fields(args) => fields::run(args)?,
        Command::Completions(args) => completions::run(args)?,
        Command::Man(args) => manual::run(args)?,
    }
    Ok(ExitCode::SUCCESS)
}
