//! Command lines that name no command: `peerscope FILE`, `peerscope -r FILE`,
//! `peerscope -i lo`, as users of tcpdump and tshark type them.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::Command;

/// What is typed for help and version without a command.
const OF_THE_PROGRAM: [&str; 4] = ["-h", "--help", "-V", "--version"];

/// Puts the command before arguments that name none: `live` where an interface is
/// named, else `read`. What is neither a command, nor an option, nor looks like a
/// file stays as it is, so that a mistyped command is told as that.
pub fn with_command(mut arguments: Vec<OsString>, program: &Command) -> Vec<OsString> {
    let Some(first) = arguments.get(1).cloned() else {
        return arguments;
    };
    let is_alone = arguments.len() == 2;
    let is_command = first
        .to_str()
        .is_some_and(|name| name == "help" || program.find_subcommand(name).is_some());
    let is_of_program =
        OF_THE_PROGRAM.iter().any(|option| first == *option) && (is_alone || first != "-V");
    if is_command || is_of_program {
        return arguments;
    }
    if is_option(&first) || looks_like_file(&first) {
        let options = arguments.iter().take_while(|argument| *argument != "--");
        let is_live = options.clone().any(|argument| names_interface(argument));
        arguments.insert(1, if is_live { "live" } else { "read" }.into());
    }
    arguments
}

fn is_option(argument: &OsStr) -> bool {
    argument.as_encoded_bytes().starts_with(b"-")
}

fn names_interface(argument: &OsStr) -> bool {
    let argument = argument.as_encoded_bytes();
    argument.starts_with(b"-i") || argument.starts_with(b"--interface")
}

fn looks_like_file(argument: &OsStr) -> bool {
    let has_mark = argument
        .as_encoded_bytes()
        .iter()
        .any(|byte| b"./".contains(byte));
    has_mark || Path::new(argument).exists()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_command_is_put_before_what_needs_one() {
        let cases = [
            ("", ""),
            ("read x.pcap", "read x.pcap"),
            ("r x.pcap", "r x.pcap"),
            ("help read", "help read"),
            ("-V", "-V"),
            ("--help", "--help"),
            ("raed", "raed"),
            ("x.pcap", "read x.pcap"),
            ("no-such-folder/x", "read no-such-folder/x"),
            ("Cargo.toml sessions", "read Cargo.toml sessions"),
            ("-", "read -"),
            ("-r x.pcap -V", "read -r x.pcap -V"),
            ("-V x.pcap", "read -V x.pcap"),
            ("-c 5 -i lo", "live -c 5 -i lo"),
            ("--interface=lo", "live --interface=lo"),
            ("-x -- -i", "read -x -- -i"),
        ];
        let program = crate::cli::Cli::command();
        for (typed, expected) in cases {
            let words = |text: &str| -> Vec<OsString> {
                let words = text.split_ascii_whitespace().map(OsString::from);
                std::iter::once("peerscope".into()).chain(words).collect()
            };
            assert_eq!(
                with_command(words(typed), &program),
                words(expected),
                "{typed}"
            );
        }
    }
}
