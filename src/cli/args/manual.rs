//! What users type for the manual and for completions.

use std::path::PathBuf;

use clap::Args;

pub const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  peerscope completions bash > ~/.local/share/bash-completion/completions/peerscope
  peerscope completions zsh > ~/.zfunc/_peerscope
  peerscope completions fish > ~/.config/fish/completions/peerscope.fish";

pub const MAN_EXAMPLES: &str = "\
Examples:
  peerscope man                       what there is
  peerscope man read                  a command
  peerscope man json                  a format: what a program may rely on
  peerscope man --output /usr/local/share/man
                                      all pages, for man(1)";

/// `peerscope completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Which shell
    pub shell: clap_complete::Shell,
}

/// `peerscope man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// A command, or one of the pages that peerscope man names
    #[arg(value_name = "PAGE")]
    pub page: Option<String>,

    /// Write all pages below this directory instead: DIR/man1, DIR/man7
    #[arg(short = 'o', long, value_name = "DIR", conflicts_with = "page")]
    pub output: Option<PathBuf>,
}
