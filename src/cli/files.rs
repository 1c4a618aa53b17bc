//! Files that a command reads beside its capture, and standard input, which any
//! of them can be, though only one.

use std::fs::File;
use std::io::{IsTerminal, Read, stdin};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::capture::FileIdentity;

/// What stands for standard input.
const STDIN: &str = "-";

/// A `.torrent` or a key log is never longer than this.
const MAX_FILE: u64 = 512 << 20;

/// Whether a path stands for standard input.
pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

/// Whether a path is that of a file, and not of a pipe.
pub fn can_be_read_twice(path: &Path) -> bool {
    !is_stdin(path) && path.is_file()
}

/// Checks that standard input is asked for once at most, and that something is
/// piped into it if `captures` are to come from there.
pub fn check_stdin<'p>(
    captures: &[PathBuf],
    others: impl IntoIterator<Item = &'p PathBuf>,
) -> anyhow::Result<()> {
    let of_captures = captures.iter().filter(|path| is_stdin(path)).count();
    let of_others = others.into_iter().filter(|path| is_stdin(path)).count();
    if of_captures + of_others > 1 {
        bail!("standard input can be read only once");
    }
    if of_captures > 0 && stdin().is_terminal() {
        bail!(
            "standard input is a terminal, and a capture is nothing that one can type: \
             name a FILE, or pipe a capture in (tcpdump -U -w - | peerscope read)"
        );
    }
    Ok(())
}

/// Refuses to write to a file that is one of those that are read, by whatever name it
/// is called: what it holds would be gone.
pub fn check_output<'p>(
    output: &Path,
    inputs: impl IntoIterator<Item = &'p PathBuf>,
) -> anyhow::Result<()> {
    let identity = if is_stdin(output) {
        FileIdentity::of_stdout()
    } else {
        FileIdentity::of(output)
    };
    let Some(identity) = identity else {
        return Ok(());
    };
    let mut identities = inputs.into_iter().filter_map(|input| {
        if is_stdin(input) {
            FileIdentity::of_stdin()
        } else {
            FileIdentity::of(input)
        }
    });
    if identities.any(|input| input == identity) {
        bail!(
            "{} is what is read, and cannot be written",
            output.display()
        );
    }
    Ok(())
}

/// Reads a file, or standard input, as a whole.
pub fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let name = || path.display().to_string();
    let mut bytes = Vec::new();
    // A pipe or a device does not say how long it is.
    let read = if is_stdin(path) {
        stdin().lock().take(MAX_FILE + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
    };
    read.with_context(name)?;
    if bytes.len() as u64 > MAX_FILE {
        bail!("{}: longer than {} MiB", name(), MAX_FILE >> 20);
    }
    Ok(bytes)
}
