//! The command line: one file a command. A command wires a source, the pipeline,
//! an observer and a view; it neither parses nor keeps state of its own.

mod amount;
mod args;
mod bar_terminal;
mod census;
mod check;
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
mod keylog;
mod keys;
mod live;
mod manual;
mod maybe;
mod nothing;
mod output;
#[cfg(all(feature = "active", unix))]
mod peer;
mod place;
mod process;
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

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use clap_complete::Generator;

pub use args::Cli;
use args::{Command, CompletionsArgs};
use output::Output;

/// Runs the program: exit status 0 fine, 1 a difference or a finding,
/// 2 trouble.
pub fn main() -> ExitCode {
    process::confine();
    let cli = parse(std::env::args_os().collect());
    match run(&cli.command) {
        Ok(code) => code,
        Err(error) => {
            trouble::tell_all(&error);
            ExitCode::from(2)
        }
    }
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
        Command::Completions(args) => completions(args)?,
        Command::Man(args) => manual::run(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a completion script.
fn completions(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut program = Cli::command();
    program.set_bin_name("peerscope");
    program.build();
    let mut out = Output::new();
    out.write(|out| args.shell.try_generate(&program, out));
    out.finish()
}
