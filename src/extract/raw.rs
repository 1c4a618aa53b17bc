//! `--raw`: blocks that no hash proves, apart from the files: one `HASH.blocks` a
//! torrent, the blocks one behind the other, and an index beside it that says what
//! each is.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};

use super::output::{Output, OutputError};
use super::results::RawFile;
use super::sender::Sender;

/// Files that are kept open.
const MAX_OPEN: usize = 32;

/// Files that are made.
const MAX_FILES: usize = 4096;

/// What blocks belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RawKey {
    /// The torrent of an info-hash.
    Torrent([u8; 20]),
    /// What a connection is about whose handshake is not in the capture.
    Stream(u64),
}

impl RawKey {
    fn name(self) -> String {
        match self {
            Self::Torrent(hash) => hex::encode(hash),
            Self::Stream(stream) => format!("stream-{stream}"),
        }
    }
}

/// A block, and what the index says of it.
#[derive(Debug, Clone, Copy)]
pub struct RawBlock<'b> {
    /// The piece.
    pub piece: u32,
    /// Offset in it.
    pub begin: u32,
    /// Who sent it.
    pub sender: Option<&'b Sender>,
    /// The packets with its first and last byte.
    pub frames: [u64; 2],
}

/// The files.
#[derive(Debug, Default)]
pub struct RawBlocks {
    files: BTreeMap<RawKey, Counted>,
    open: BTreeMap<RawKey, [BufWriter<std::fs::File>; 2]>,
    /// Blocks of more torrents than files are made for.
    pub left_out: u64,
}

#[derive(Debug)]
struct Counted {
    /// Of the blocks and of the index.
    names: [String; 2],
    blocks: u64,
    bytes: u64,
}

impl RawBlocks {
    /// Adds a block.
    ///
    /// # Errors
    ///
    /// When a file cannot be made, or the disk is full.
    pub fn add(
        &mut self,
        output: &mut Output,
        key: RawKey,
        block: &RawBlock<'_>,
        bytes: &[u8],
    ) -> Result<(), OutputError> {
        let is_new = !self.files.contains_key(&key);
        if is_new {
            if self.files.len() >= MAX_FILES {
                self.left_out += 1;
                return Ok(());
            }
            let blocks = output.claim(format!("{}.blocks", key.name()));
            let index = output.claim(format!("{blocks}.json"));
            let counted = Counted {
                names: [blocks, index],
                blocks: 0,
                bytes: 0,
            };
            self.files.insert(key, counted);
        }
        let Some(file) = self.files.get_mut(&key) else {
            return Ok(());
        };
        if self.open.len() >= MAX_OPEN && !self.open.contains_key(&key) {
            Self::flush_all(&mut self.open, output, &file.names[0])?;
        }
        let [blocks, index] = match self.open.entry(key) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(place) => {
                let open = |name: &String| output.append_to(name, is_new).map(BufWriter::new);
                let [blocks, index] = &file.names;
                place.insert([open(blocks)?, open(index)?])
            }
        };
        let line = index_line(block, file.bytes, bytes.len());
        let written = blocks
            .write_all(bytes)
            .and_then(|()| index.write_all(line.as_bytes()));
        written.map_err(|error| output.error(&file.names[0], error))?;
        file.blocks += 1;
        file.bytes += bytes.len() as u64;
        Ok(())
    }

    fn flush_all(
        open: &mut BTreeMap<RawKey, [BufWriter<std::fs::File>; 2]>,
        output: &Output,
        name: &str,
    ) -> Result<(), OutputError> {
        for mut file in std::mem::take(open).into_values().flatten() {
            file.flush().map_err(|error| output.error(name, error))?;
        }
        Ok(())
    }

    /// Writes what is left; says what there is.
    ///
    /// # Errors
    ///
    /// When the disk is full.
    pub fn finish(mut self, output: &Output) -> Result<Vec<RawFile>, OutputError> {
        let name = self
            .files
            .values()
            .next()
            .map_or(String::new(), |file| file.names[0].clone());
        Self::flush_all(&mut self.open, output, &name)?;
        let files = self.files.into_values().map(|file| {
            let [name, _] = file.names;
            RawFile {
                name,
                blocks: file.blocks,
                bytes: file.bytes,
            }
        });
        Ok(files.collect())
    }
}

/// A line of the index: an object of JSON.
fn index_line(block: &RawBlock<'_>, at: u64, length: usize) -> String {
    let [first, last] = block.frames;
    let mut line = format!(
        "{{\"piece\":{},\"begin\":{},\"length\":{length},\"at\":{at},\"frames\":[{first},{last}]",
        block.piece, block.begin
    );
    if let Some(sender) = block.sender {
        let _ = write!(
            line,
            ",\"stream\":{},\"src\":\"{}\",\"dst\":\"{}\"",
            sender.stream, sender.src, sender.dst
        );
    }
    line.push_str("}\n");
    line
}
