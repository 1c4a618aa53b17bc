//! The `peerscope` command: parses arguments, runs, turns errors into exit codes.

use std::process::ExitCode;

fn main() -> ExitCode {
    peerscope::cli::main()
}
