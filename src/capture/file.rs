//! Capture files as a source of packets.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::pipes::Pipes;
use super::reader::Reader;
use super::{CaptureError, Packet, Secret, Secrets, Source, input};

/// One or several capture files, read one after another as one capture.
///
/// A file that is cut or damaged gives every packet before the damage; then the
/// next file follows. What was wrong is reported at the end, as one error that
/// has the trouble of every file.
///
/// A packet of which only a part was written is no packet. A pcapng packet that
/// names an interface that was not described, or claims more bytes than its
/// block, is left out, counted (frame numbers go on) and reported the same way;
/// the packets after it are given.
pub struct FileSource {
    waiting: VecDeque<PathBuf>,
    current: Option<Reader>,
    /// The current one is no file: its bytes may be long in coming.
    may_wait: bool,
    /// Packets met so far, over all files.
    frames: u64,
    /// The files that were begun, each with the packets met before it.
    begun: Vec<(u64, PathBuf)>,
    troubles: Vec<CaptureError>,
    /// Bytes read of the stored files.
    stored: Arc<AtomicU64>,
    total: Option<u64>,
    secrets: Secrets,
    pipes: Option<Box<dyn Pipes + Send>>,
    /// Where the last file ends is nobody's fault.
    is_cut: bool,
}

/// Opens capture files, which [`FileSource`] reads in the given order; `-` is
/// standard input.
///
/// # Errors
///
/// When one of them is missing, is a directory or may not be read. What is in
/// them shows only when they are read.
pub fn open(paths: &[PathBuf]) -> Result<FileSource, CaptureError> {
    let (source, troubles) = open_readable(paths);
    together(troubles)?;
    Ok(source)
}

/// Opens those of the capture files that can be opened, and says what is wrong
/// with the others.
pub fn open_readable(paths: &[PathBuf]) -> (FileSource, Vec<CaptureError>) {
    let mut source = FileSource {
        waiting: VecDeque::with_capacity(paths.len()),
        current: None,
        may_wait: false,
        frames: 0,
        begun: Vec::new(),
        troubles: Vec::new(),
        stored: Arc::default(),
        total: Some(0),
        secrets: Secrets::default(),
        pipes: None,
        is_cut: false,
    };
    let mut troubles = Vec::new();
    for path in paths {
        match checked_size(path) {
            Ok(size) => source.add(path, size),
            Err(trouble) => troubles.push(trouble),
        }
    }
    (source, troubles)
}

/// Gives all secrets that the files hold, wherever they stand in them. What is
/// wrong with a file shows when it is read for its packets.
pub fn each_secret(paths: &[PathBuf], mut take: impl FnMut(Secret)) {
    for path in paths {
        let secrets = Secrets::default();
        let Ok(input) = input::open(path, None, Arc::default()) else {
            continue;
        };
        let mut reader = Reader::new(path.clone(), input, secrets.clone());
        let mut frames = 0;
        while reader.may_hold_secrets() {
            let more = reader.advance(&mut frames);
            secrets.take().into_iter().for_each(&mut take);
            if !matches!(more, Ok(Some(_))) {
                break;
            }
        }
    }
}

/// All troubles as one error, if there are any.
fn together(troubles: Vec<CaptureError>) -> Result<(), CaptureError> {
    let mut troubles = troubles.into_iter();
    let Some(mut first) = troubles.next() else {
        return Ok(());
    };
    first.others.extend(troubles);
    Err(first)
}

/// Reads a capture from `input`, compressed or not; errors call it `name`.
pub fn from_reader(name: impl Into<PathBuf>, input: impl Read + Send + 'static) -> FileSource {
    let name = name.into();
    let stored = Arc::default();
    let mut source = FileSource {
        waiting: VecDeque::new(),
        current: None,
        may_wait: true,
        frames: 0,
        begun: Vec::new(),
        troubles: Vec::new(),
        stored: Arc::clone(&stored),
        total: None,
        secrets: Secrets::default(),
        pipes: None,
        is_cut: false,
    };
    source.begin(name, input::counted(input, stored));
    source
}

/// The size of a regular file; `None` for what has none (a pipe). Fails early
/// for what cannot be read at all, so that a mistyped name costs no time.
fn checked_size(path: &Path) -> Result<Option<u64>, CaptureError> {
    if input::is_stdin(path) {
        return Ok(None);
    }
    let failed = |error: io::Error| CaptureError::new(path, None, describe(&error));
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(CaptureError::new(path, None, "is a directory"));
    }
    if !metadata.is_file() {
        // Opening a pipe to look would take it from its writer.
        return Ok(None);
    }
    File::open(path).map_err(failed)?;
    Ok(Some(metadata.len()))
}

/// The system's words, without its error number.
pub(super) fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

impl FileSource {
    /// Bytes of all files as they are stored, if that is known: the end that
    /// [`Source::position`] goes towards.
    pub fn total_size(&self) -> Option<u64> {
        self.total
    }

    /// Reads what is no file as `pipes` say: on Unix alone, standard input cannot be read
    /// like that elsewhere.
    #[must_use]
    pub fn with_pipes(mut self, pipes: impl Pipes + Send + 'static) -> Self {
        self.pipes = Some(Box::new(pipes));
        self
    }

    /// Where the last file ends is nobody's fault: it is what came through a pipe before
    /// somebody broke off.
    #[must_use]
    pub fn with_cut_end(self, is_cut: bool) -> Self {
        Self { is_cut, ..self }
    }

    fn is_over(&self) -> bool {
        self.pipes.as_ref().is_some_and(|pipes| pipes.is_over())
    }

    /// Reads `path` too, which has `size` bytes if that is known.
    fn add(&mut self, path: &Path, size: Option<u64>) {
        self.waiting.push_back(path.to_owned());
        let known = self.total.zip(size);
        self.total = known.map(|(sum, size)| sum.saturating_add(size));
    }

    /// The files that were read so far, each with the number of its first packet.
    pub fn begun(&self) -> impl Iterator<Item = (u64, &Path)> {
        let begun = self.begun.iter();
        begun.map(|(before, path)| (before + 1, &**path))
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.current.is_none() && self.waiting.is_empty()
    }

    /// Begins with the next file; false when none is left.
    fn open_next(&mut self) -> bool {
        if self.is_over() {
            return false;
        }
        let Some(path) = self.waiting.pop_front() else {
            return false;
        };
        self.may_wait = !path.is_file();
        let pipes = self.pipes.as_deref().filter(|_| self.may_wait);
        let input = input::open(&path, pipes, Arc::clone(&self.stored));
        self.begin(path, input);
        true
    }

    fn begin(&mut self, path: PathBuf, input: io::Result<Box<dyn Read + Send>>) {
        self.begun.push((self.frames, path.clone()));
        match input {
            Ok(input) => self.current = Some(Reader::new(path, input, self.secrets.clone())),
            Err(_) if self.is_over() => {}
            Err(error) => self
                .troubles
                .push(CaptureError::new(&path, None, describe(&error))),
        }
    }
}

impl Source for FileSource {
    #[inline]
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.may_wait && self.is_over() {
            self.current = None;
        }
        let found = loop {
            let Some(reader) = &mut self.current else {
                if self.open_next() {
                    continue;
                }
                together(std::mem::take(&mut self.troubles))?;
                return Ok(None);
            };
            match reader.advance(&mut self.frames) {
                Ok(Some(found)) => break found,
                Ok(None) => self.current = None,
                Err(trouble) => {
                    let is_cut = self.is_cut && self.waiting.is_empty();
                    if !is_cut && !self.is_over() {
                        self.troubles.push(trouble);
                    }
                    self.current = None;
                }
            }
        };
        Ok(self
            .current
            .as_ref()
            .map(|reader| reader.packet(self.frames, found)))
    }

    #[inline]
    fn is_at_hand(&self) -> bool {
        !self.may_wait || self.current.as_ref().is_some_and(Reader::is_at_hand)
    }

    fn secrets(&self) -> Secrets {
        self.secrets.clone()
    }

    fn position(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }
}
