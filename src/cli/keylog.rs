//! `--keylog`: keys of encrypted connections, and those within the capture.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::path::PathBuf;

use anyhow::Context;

use super::files;
use super::trouble::tell;
use crate::capture;
use crate::pipeline::{Pipeline, survey};
use crate::session::KeyLog;
use crate::wire::mse;

/// The longest line that is looked at; a state of RC4 has 560 bytes.
const MAX_LINE: u64 = 4 << 10;

/// Reads key logs.
pub fn load(paths: &[PathBuf]) -> anyhow::Result<KeyLog> {
    let mut keys = KeyLog::default();
    for path in paths {
        let name = || path.display().to_string();
        let added = if files::is_stdin(path) {
            add(&mut keys, stdin().lock())
        } else {
            let file = File::open(path).with_context(name)?;
            add(&mut keys, BufReader::new(file))
        };
        added.with_context(name)?;
    }
    if keys.left_out() > 0 {
        tell(format_args!(
            "{} states of RC4 too many in the key log: they are left out",
            keys.left_out()
        ));
    }
    if keys.keys_left_out() > 0 {
        tell(format_args!(
            "{} keys too many in the key log: they are left out",
            keys.keys_left_out()
        ));
    }
    Ok(keys)
}

/// Takes the lines of a file, one at a time: it may be of any size.
fn add(keys: &mut KeyLog, mut file: impl BufRead) -> anyhow::Result<()> {
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if file.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let is_whole = line.ends_with(b"\n") || (line.len() as u64) < MAX_LINE;
        let added = keys.add_line(&String::from_utf8_lossy(&line));
        added.with_context(|| format!("line {number}"))?;
        if !is_whole {
            file.skip_until(b'\n')?;
        }
    }
    Ok(())
}

/// Decrypts with `keys`, and with those that the capture files hold: files are
/// searched for them before they are needed, of a pipe they are used as they
/// come.
pub fn attach(pipeline: Pipeline<'_>, keys: KeyLog, captures: Vec<PathBuf>) -> Pipeline<'_> {
    let has_states = keys.has_states();
    let pipeline = pipeline.with_keys(keys);
    if captures.iter().all(|file| files::can_be_read_twice(file)) {
        pipeline.with_keys_ahead(move |keys| look_ahead(&captures, keys))
    } else {
        pipeline.expecting_states(has_states)
    }
}

/// Takes the keys that come later in the files; where there are states of RC4,
/// reads the files for what they open.
fn look_ahead(files: &[PathBuf], keys: &mut KeyLog) {
    capture::each_secret(files, |secret| {
        if secret.kind == mse::SECRETS_TYPE {
            keys.add_of_capture(&secret.data);
        }
    });
    if !keys.has_states() {
        return;
    }
    // What is wrong with them is told when they are decoded.
    let (mut source, _) = capture::open_readable(files);
    let (surveyed, _) = survey(&mut source, keys);
    if surveyed.is_exhausted {
        tell("too many states of RC4 for what is encrypted: not all of them were tried");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_any_length_are_read_one_at_a_time() {
        let long = "#".repeat(3 * MAX_LINE as usize);
        let mut keys = KeyLog::default();
        let text = format!("{long}\n\nMSE 00\n");
        let error = add(&mut keys, text.as_bytes()).expect_err("no key");
        assert_eq!(
            format!("{error:#}"),
            "line 3: not of the form MSE <Ya> <S> <SKEY>"
        );
        assert!(add(&mut keys, &b"RC4 - 1"[..]).is_ok(), "not finished yet");
    }
}
