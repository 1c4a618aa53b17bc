//! Opening what a capture is stored in: a file or standard input, as it is or
//! compressed with gzip or zstd, told apart by the first bytes.

use std::fs::File;
use std::io::{self, BufReader, Cursor, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::pipes::Pipes;
use super::zstd::ZstdReader;

/// Compressed bytes read at once.
const COMPRESSED_BUFFER: usize = 64 << 10;

/// Whether `path` stands for standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens `path`, which is read through `pipes` if there are any, decompressing if need
/// be; `counter` grows with every stored byte that is read.
pub(super) fn open(
    path: &Path,
    pipes: Option<&(dyn Pipes + Send)>,
    counter: Arc<AtomicU64>,
) -> io::Result<Box<dyn Read + Send>> {
    match (pipes, is_stdin(path)) {
        (None, true) => counted(io::stdin(), counter),
        (None, false) => counted(File::open(path)?, counter),
        (Some(pipes), true) => counted(pipes.open(stdin()?), counter),
        (Some(pipes), false) => counted(pipes.open(File::open(path)?), counter),
    }
}

/// Standard input without a buffer, so that whoever waits for its bytes waits for none
/// that are there.
#[cfg(unix)]
fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd;

    let own = io::stdin().as_fd().try_clone_to_owned()?;
    Ok(File::from(own))
}

#[cfg(not(unix))]
fn stdin() -> io::Result<File> {
    Err(ErrorKind::Unsupported.into())
}

/// Reads `stored`, decompressing if need be; `counter` grows with every byte
/// that is read of it.
pub(super) fn counted(
    stored: impl Read + Send + 'static,
    counter: Arc<AtomicU64>,
) -> io::Result<Box<dyn Read + Send>> {
    decompressed(Counted {
        inner: stored,
        counter,
    })
}

/// Looks at the first bytes and puts the decompressor in front that they ask
/// for.
fn decompressed<R: Read + Send + 'static>(mut stored: R) -> io::Result<Box<dyn Read + Send>> {
    let mut magic = Vec::with_capacity(4);
    stored.by_ref().take(4).read_to_end(&mut magic)?;
    let kind = Compression::of(&magic);
    let whole = Cursor::new(magic).chain(stored);
    Ok(match kind {
        Compression::None => Box::new(whole),
        Compression::Gzip => Box::new(Described {
            inner: MultiGzDecoder::new(BufReader::with_capacity(COMPRESSED_BUFFER, whole)),
            name: "gzip",
        }),
        Compression::Zstd => Box::new(Described {
            inner: ZstdReader::new(BufReader::with_capacity(COMPRESSED_BUFFER, whole)),
            name: "zstd",
        }),
    })
}

#[derive(Clone, Copy)]
enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    fn of(magic: &[u8]) -> Self {
        match *magic {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            // A zstd file may begin with a skippable frame.
            [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// Counts the bytes that pass.
struct Counted<R> {
    inner: R,
    counter: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.counter.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Says in errors which compression they are about, and reads in steps that
/// lose little when a step fails.
struct Described<R> {
    inner: R,
    name: &'static str,
}

impl<R: Read> Read for Described<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // What a decompressor has put out before it meets an error in the same
        // call is lost: so ask for little at a time.
        let step = into.len().min(COMPRESSED_BUFFER);
        self.inner.read(&mut into[..step]).map_err(|error| {
            let reason = match error.kind() {
                ErrorKind::Interrupted => return error,
                ErrorKind::UnexpectedEof => format!("the {} data is cut", self.name),
                _ => format!("the {} data is damaged ({error})", self.name),
            };
            io::Error::new(error.kind(), reason)
        })
    }
}
