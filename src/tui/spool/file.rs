//! Files without a name: appended to by one, read at any place by others, and gone
//! when the program is, however it ends.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes that are gathered before they are written.
const GATHERED_BYTES: usize = 256 << 10;

/// Where large temporary files belong: `/tmp` is in memory on many systems.
const LARGE_TEMPORARY: &str = "/var/tmp";

/// Makes a file that has no name.
pub fn unlinked() -> io::Result<File> {
    tempfile::tempfile_in(folder())
}

fn folder() -> PathBuf {
    let chosen = std::env::var_os("TMPDIR").map(PathBuf::from);
    chosen.unwrap_or_else(|| {
        let large = Path::new(LARGE_TEMPORARY);
        if large.is_dir() {
            large.to_owned()
        } else {
            std::env::temp_dir()
        }
    })
}

/// The end of a file that is written.
#[derive(Debug)]
pub struct Appender {
    file: Arc<File>,
    gathered: Vec<u8>,
    /// Bytes in the file.
    written: u64,
}

impl Appender {
    /// A new file.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            file: Arc::new(unlinked()?),
            gathered: Vec::with_capacity(GATHERED_BYTES),
            written: 0,
        })
    }

    /// The file, to be read.
    pub fn file(&self) -> Arc<File> {
        Arc::clone(&self.file)
    }

    /// Where the next byte goes.
    pub fn end(&self) -> u64 {
        self.written + self.gathered.len() as u64
    }

    /// Whether it is time to flush.
    pub fn is_due(&self) -> bool {
        self.gathered.len() >= GATHERED_BYTES
    }

    /// Appends bytes; they can be read after [`Appender::flush`].
    pub fn append(&mut self, bytes: &[u8]) {
        self.gathered.extend_from_slice(bytes);
    }

    /// Writes what was gathered.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        (&*self.file).write_all(&self.gathered)?;
        self.written += self.gathered.len() as u64;
        self.gathered.clear();
        Ok(())
    }
}

/// Reads a file through a window, so that neighbours cost nothing.
#[derive(Debug)]
pub struct Window {
    file: Arc<File>,
    bytes: Vec<u8>,
    at: u64,
    /// Bytes that are read at once.
    size: usize,
}

impl Window {
    /// A window of `size` bytes.
    pub fn new(file: Arc<File>, size: usize) -> Self {
        Self {
            file,
            bytes: Vec::new(),
            at: 0,
            size,
        }
    }

    /// Another window of the same file.
    pub fn again(&self) -> Self {
        Self::new(Arc::clone(&self.file), self.size)
    }

    /// The `length` bytes at `offset`.
    ///
    /// # Errors
    ///
    /// When they are not there.
    pub fn read(&mut self, offset: u64, length: usize) -> io::Result<&[u8]> {
        let end = self.at + self.bytes.len() as u64;
        if offset < self.at || offset + length as u64 > end {
            self.fill(offset, length)?;
        }
        let start = (offset - self.at) as usize;
        Ok(&self.bytes[start..start + length])
    }

    fn fill(&mut self, offset: u64, length: usize) -> io::Result<()> {
        // Who goes backwards will want what is before.
        let is_backwards = offset < self.at && offset + (self.size as u64) > self.at;
        let start = if is_backwards {
            (offset + length as u64).saturating_sub(self.size as u64)
        } else {
            offset
        };
        let start = start.min(offset);
        let wanted = self.size.max((offset - start) as usize + length);
        self.bytes.clear();
        self.bytes.resize(wanted, 0);
        let mut had = 0;
        while had < wanted {
            match self
                .file
                .read_at(&mut self.bytes[had..], start + had as u64)
            {
                Ok(0) => break,
                Ok(count) => had += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.bytes.clear();
                    return Err(error);
                }
            }
        }
        self.bytes.truncate(had);
        // A buffer for one long message is not kept.
        if self.bytes.capacity() > 4 * self.size && wanted <= self.size {
            self.bytes.shrink_to(self.size);
        }
        self.at = start;
        if start + (had as u64) < offset + length as u64 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_flushed_can_be_read_anywhere() {
        let mut appender = Appender::new().unwrap();
        for number in 0..1000_u32 {
            appender.append(&number.to_le_bytes());
        }
        assert_eq!(appender.end(), 4000);
        let mut window = Window::new(appender.file(), 64);
        assert!(window.read(0, 4).is_err());
        appender.flush().unwrap();
        for number in [0, 999, 1, 500, 499, 498, 482, 3] {
            let bytes = window.read(number * 4, 4).unwrap();
            assert_eq!(bytes, (number as u32).to_le_bytes());
        }
        assert_eq!(window.read(100, 400).unwrap().len(), 400);
        assert!(window.read(3999, 2).is_err());
        assert_eq!(window.read(3996, 4).unwrap(), 999_u32.to_le_bytes());
    }
}
