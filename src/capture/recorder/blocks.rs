//! A pcapng file that holds whole blocks only, whatever happens.

use std::io::{self, ErrorKind, Write};

use crate::capture::OutputFile;

/// Blocks gathered before they are written.
const GATHERED: usize = 256 << 10;

/// Writes blocks (one a call of `write`) to a file. When a write fails, the file
/// is cut behind the last block that it holds as a whole.
#[derive(Debug)]
pub(super) struct BlockFile {
    output: OutputFile,
    gathered: Vec<u8>,
    /// Bytes of whole blocks in the file.
    written: u64,
    failed: bool,
}

impl BlockFile {
    /// Writes to a file that is empty.
    pub fn new(output: OutputFile) -> Self {
        Self {
            output,
            gathered: Vec::with_capacity(GATHERED),
            written: 0,
            failed: false,
        }
    }

    /// Bytes of all blocks, gathered ones included.
    pub fn size(&self) -> u64 {
        self.written + self.gathered.len() as u64
    }

    /// The file.
    pub fn output(&self) -> &OutputFile {
        &self.output
    }

    /// Writes whole blocks.
    fn put(&mut self, blocks: &[u8]) -> io::Result<()> {
        if self.failed {
            return Err(io::Error::other("an earlier write failed"));
        }
        let (done, result) = write(&mut self.output.file(), blocks);
        let kept = whole_blocks(&blocks[..done]);
        self.written += kept as u64;
        if result.is_err() {
            self.failed = true;
            if kept < done {
                // Not of a pipe or device; then its reader has to cope.
                let _ = self.output.file().set_len(self.written);
            }
        }
        result
    }
}

impl Write for BlockFile {
    fn write(&mut self, block: &[u8]) -> io::Result<usize> {
        if self.gathered.len() + block.len() > GATHERED {
            self.flush()?;
        }
        if block.len() > GATHERED {
            self.put(block)?;
        } else {
            self.gathered.extend_from_slice(block);
        }
        Ok(block.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut gathered = std::mem::take(&mut self.gathered);
        if gathered.is_empty() {
            return Ok(());
        }
        let result = self.put(&gathered);
        gathered.clear();
        self.gathered = gathered;
        result
    }
}

/// Writes as much as there is room for, and tells how much that was.
fn write(file: &mut impl Write, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut done = 0;
    while done < bytes.len() {
        match file.write(&bytes[done..]) {
            Ok(0) => return (done, Err(ErrorKind::WriteZero.into())),
            Ok(count) => done += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (done, Err(error)),
        }
    }
    (done, Ok(()))
}

/// Length of the whole blocks at the beginning of `bytes`, which begin with one.
fn whole_blocks(bytes: &[u8]) -> usize {
    let mut end = 0;
    while let Some(&[a, b, c, d]) = bytes[end..].get(4..8) {
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        if length == 0 || bytes.len() - end < length {
            break;
        }
        end += length;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(length: u32) -> Vec<u8> {
        let mut block = vec![7; length as usize];
        block[4..8].copy_from_slice(&length.to_le_bytes());
        block
    }

    #[test]
    fn only_whole_blocks_count() {
        let bytes = [block(12), block(32), block(16)].concat();
        for length in 0..=bytes.len() {
            let expected = match length {
                ..12 => 0,
                12..44 => 12,
                44..60 => 44,
                _ => 60,
            };
            assert_eq!(whole_blocks(&bytes[..length]), expected, "{length}");
        }
        assert_eq!(whole_blocks(&[0; 40]), 0);
    }

    /// Takes a few bytes a time, and then no more.
    struct Full {
        room: usize,
        interrupted: bool,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.interrupted = !self.interrupted;
            if self.interrupted {
                return Err(ErrorKind::Interrupted.into());
            }
            let count = self.room.min(bytes.len()).min(5);
            self.room -= count;
            if count == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_takes_what_it_can() {
        let mut full = Full {
            room: 13,
            interrupted: false,
        };
        let (done, result) = super::write(&mut full, &[1; 20]);
        assert_eq!(done, 13);
        assert_eq!(result.expect_err("full").kind(), ErrorKind::StorageFull);
    }
}
