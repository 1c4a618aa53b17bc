//! The captures of an extraction, which are read twice: what comes from a pipe is
//! written down first, until Ctrl-C where that comes before its end.

use std::fs::File;
use std::io::{self, Read, stdin};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::capture::Pipes;
use crate::cli::args::Input;
use crate::cli::files;
use crate::cli::interrupt::UntilInterrupted;
use crate::extract::Spool;
use crate::view::CaptureSum;

/// Bytes read at once.
const READ_AT_ONCE: usize = 1 << 20;

/// The captures.
pub struct Captures {
    input: Input,
    /// As the user named them.
    names: Vec<PathBuf>,
    /// Ctrl-C ended a pipe.
    is_cut: bool,
    /// What came from pipes; open as long as they are read.
    _spooled: Vec<File>,
}

impl Captures {
    /// Those of `input`; what comes from a pipe is read now, to a file of `spool`.
    ///
    /// # Errors
    ///
    /// When a pipe cannot be read, or what comes from it not be written.
    pub fn of(input: &Input, spool: impl Fn() -> Spool) -> anyhow::Result<Self> {
        let names = input.files();
        files::check_stdin(&names, input.torrent.iter().chain(&input.keylog))?;
        let pipes = UntilInterrupted::default();
        let mut spooled = Vec::new();
        let mut paths = Vec::with_capacity(names.len());
        for name in &names {
            // What is not there, or is a folder, is told when it is opened.
            let is_pipe = files::is_stdin(name) || (name.exists() && !name.is_dir());
            if files::can_be_read_twice(name) || !is_pipe {
                paths.push(name.clone());
                continue;
            }
            let file =
                written_down(name, &pipes, spool()).with_context(|| name.display().to_string())?;
            paths.push(path_of(&file)?);
            spooled.push(file);
        }
        Ok(Self {
            input: input.of_files(paths),
            names,
            is_cut: pipes.is_over(),
            _spooled: spooled,
        })
    }

    /// Ctrl-C ended what came through a pipe, wherever it was.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// What to read.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Begins to take the SHA-256 of all of them.
    pub fn sum(&self) -> Sums {
        let paths: Vec<_> = self.names.iter().cloned().zip(self.input.files()).collect();
        Sums(thread::spawn(move || {
            let sums = paths.iter().filter_map(|(name, path)| sum(name, path).ok());
            sums.collect()
        }))
    }
}

/// Sums that are being taken.
pub struct Sums(JoinHandle<Vec<CaptureSum>>);

impl Sums {
    /// Waits for them.
    pub fn finish(self) -> Vec<CaptureSum> {
        self.0.join().unwrap_or_default()
    }
}

fn sum(name: &Path, path: &Path) -> io::Result<CaptureSum> {
    let mut file = File::open(path)?;
    let (mut hasher, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => {
                hasher.update(&buffer[..count]);
                size += count as u64;
            }
        }
    }
    Ok(CaptureSum {
        path: name.display().to_string(),
        size,
        sha256: hex::encode(hasher.finalize()),
    })
}

/// Reads all that comes from a pipe.
fn written_down(name: &Path, pipes: &impl Pipes, mut spool: Spool) -> anyhow::Result<File> {
    let pipe = if files::is_stdin(name) {
        File::from(stdin().as_fd().try_clone_to_owned()?)
    } else {
        File::open(name)?
    };
    let mut pipe = pipes.open(pipe);
    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                spool
                    .append(&buffer[..count])
                    .context("cannot write down what comes")?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    // One that is empty is no capture, as it is told of others.
    spool.append(&[])?;
    spool.into_file().context("nothing came")
}

/// The path under which a file without a name can be opened again.
fn path_of(file: &File) -> anyhow::Result<PathBuf> {
    use std::os::fd::AsRawFd;

    let path = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    anyhow::ensure!(
        path.exists(),
        "this system cannot read what comes from a pipe twice: write it to a FILE first"
    );
    Ok(path)
}
