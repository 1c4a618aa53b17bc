//! `peerscope completions`.

use clap::CommandFactory;
use clap_complete::Generator;

use super::args::{Cli, CompletionsArgs};
use super::output::Output;

/// Prints a completion script.
pub fn run(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut program = Cli::command();
    program.set_bin_name("peerscope");
    program.build();
    let mut out = Output::new();
    out.write(|out| args.shell.try_generate(&program, out));
    out.finish()
}
