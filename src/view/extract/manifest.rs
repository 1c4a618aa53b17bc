//! The files beside those of the torrents, in JSON: what was read and what came of it,
//! and which pieces of a file in part are there. They are written as they are made:
//! the provenance of each piece can be long.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use crate::extract::{
    Extracted, ExtractedFile, ExtractedTorrent, Failure, Given, PieceMap, Provenance, RawFile,
    Senders,
};
use crate::view::json::push_guarded;

/// A capture that was read.
#[derive(Debug, Clone, Serialize)]
pub struct CaptureSum {
    /// As the user named it.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the file as it is stored.
    pub sha256: String,
}

#[derive(Serialize)]
struct Manifest<'a> {
    program: &'static str,
    captures: &'a [CaptureSum],
    torrents: Sequence<'a, ExtractedTorrent>,
    raw: Vec<RawEntry<'a>>,
    unknown_blocks: u64,
    unknown_bytes: u64,
    left_out: u64,
}

/// Things that are made into entries one at a time.
struct Sequence<'a, T>(&'a [T], &'a Senders);

/// A thing that has an entry.
trait Entry {
    fn entry<'a>(&'a self, senders: &'a Senders) -> impl Serialize + use<'a, Self>;
}

impl<T: Entry> Serialize for Sequence<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|item| item.entry(self.1)))
    }
}

#[derive(Serialize)]
struct TorrentEntry<'a> {
    info_hash: Option<String>,
    info_hash_v2: Option<String>,
    name: String,
    metadata: &'static str,
    torrent_file: Option<&'a str>,
    piece_length: u32,
    pieces: u32,
    verified_pieces: u32,
    unverified_pieces: u32,
    piece_map: Option<&'a str>,
    files: Sequence<'a, ExtractedFile>,
    failures: Sequence<'a, Failure>,
    provenance: Sequence<'a, Provenance>,
    provenance_forgotten: u64,
}

impl Entry for ExtractedTorrent {
    fn entry<'a>(&'a self, senders: &'a Senders) -> impl Serialize + use<'a> {
        TorrentEntry {
            info_hash: self.v1.map(hex::encode),
            info_hash_v2: self.v2.map(hex::encode),
            name: String::from_utf8_lossy(&self.name).into_owned(),
            metadata: self.origin.name(),
            torrent_file: self.metafile.as_deref(),
            piece_length: self.piece_length,
            pieces: self.verified.pieces(),
            verified_pieces: self.verified.count(),
            unverified_pieces: self.unverified,
            piece_map: self.map.as_deref(),
            files: Sequence(&self.files, senders),
            failures: Sequence(&self.failures, senders),
            provenance: Sequence(&self.provenance, senders),
            provenance_forgotten: self.forgotten,
        }
    }
}

#[derive(Serialize)]
struct FileEntry<'a> {
    path: &'a str,
    length: u64,
    have_bytes: u64,
    written: Option<&'static str>,
    sha256: Option<String>,
}

impl Entry for ExtractedFile {
    fn entry<'a>(&'a self, _: &'a Senders) -> impl Serialize + use<'a> {
        let written = self.written.as_ref();
        FileEntry {
            path: &self.path,
            length: self.length,
            have_bytes: self.have,
            written: written.map(|written| match written.given {
                Given::Whole => "whole",
                Given::Partial => "partial",
            }),
            sha256: written.map(|written| hex::encode(written.sha256)),
        }
    }
}

#[derive(Serialize)]
struct ProvenanceEntry {
    piece: u32,
    begin: u32,
    length: u32,
    stream: Option<u64>,
    src: Option<String>,
    dst: Option<String>,
    kind: Option<&'static str>,
    frames: [u64; 2],
}

impl ProvenanceEntry {
    fn new(of: &Provenance, senders: &Senders) -> Self {
        let sender = senders.get(of.sender);
        let kind = |is_web| if is_web { "web_seed" } else { "peer" };
        Self {
            piece: of.piece,
            begin: of.begin,
            length: of.length,
            stream: sender.map(|sender| sender.stream),
            src: sender.map(|sender| sender.src.to_string()),
            dst: sender.map(|sender| sender.dst.to_string()),
            kind: sender.map(|sender| kind(sender.is_web)),
            frames: of.frames,
        }
    }
}

impl Entry for Provenance {
    fn entry<'a>(&'a self, senders: &'a Senders) -> impl Serialize + use<'a> {
        ProvenanceEntry::new(self, senders)
    }
}

#[derive(Serialize)]
struct FailureEntry {
    #[serde(flatten)]
    of: ProvenanceEntry,
    certain: bool,
}

impl Entry for Failure {
    fn entry<'a>(&'a self, senders: &'a Senders) -> impl Serialize + use<'a> {
        FailureEntry {
            of: ProvenanceEntry::new(&self.of, senders),
            certain: self.is_certain,
        }
    }
}

#[derive(Serialize)]
struct RawEntry<'a> {
    path: &'a str,
    blocks: u64,
    bytes: u64,
}

impl<'a> From<&'a RawFile> for RawEntry<'a> {
    fn from(raw: &'a RawFile) -> Self {
        Self {
            path: &raw.name,
            blocks: raw.blocks,
            bytes: raw.bytes,
        }
    }
}

/// Writes the manifest: what was read, what came of it, where each piece comes from.
pub fn write_manifest(
    out: &mut dyn Write,
    extracted: &Extracted,
    captures: &[CaptureSum],
) -> io::Result<()> {
    let manifest = Manifest {
        program: concat!("peerscope ", env!("CARGO_PKG_VERSION")),
        captures,
        torrents: Sequence(&extracted.torrents, &extracted.senders),
        raw: extracted.raw.iter().map(RawEntry::from).collect(),
        unknown_blocks: extracted.unknown_blocks,
        unknown_bytes: extracted.unknown_bytes,
        left_out: extracted.left_out,
    };
    write_pretty(out, &manifest)
}

#[derive(Serialize)]
struct MapRecord<'a> {
    info_hash: String,
    piece_length: u32,
    pieces: u32,
    verified: Vec<[u32; 2]>,
    files: Vec<MapFile<'a>>,
}

#[derive(Serialize)]
struct MapFile<'a> {
    path: &'a str,
    length: u64,
    have_bytes: u64,
}

/// Writes which pieces of a torrent are verified, as ranges.
pub fn write_piece_map(out: &mut dyn Write, map: &PieceMap<'_>) -> io::Result<()> {
    let torrent = map.0;
    let files = torrent.files.iter().map(|file| MapFile {
        path: &file.path,
        length: file.length,
        have_bytes: file.have,
    });
    let record = MapRecord {
        info_hash: hex::encode(torrent.info_hash()),
        piece_length: torrent.piece_length,
        pieces: torrent.verified.pieces(),
        verified: torrent.verified.ranges(),
        files: files.collect(),
    };
    write_pretty(out, &record)
}

fn write_pretty(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let mut guarded = Guarded {
        out,
        text: String::new(),
    };
    serde_json::to_writer_pretty(&mut guarded, value)?;
    guarded.write_all(b"\n")
}

/// Escapes what must not reach a terminal, for those who look at the file on one.
struct Guarded<'w> {
    out: &'w mut dyn Write,
    text: String,
}

impl Write for Guarded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The writer of JSON gives whole strings, and line ends by themselves.
        match std::str::from_utf8(bytes) {
            Ok(json) if bytes.iter().any(|byte| *byte > b'~') => {
                self.text.clear();
                push_guarded(&mut self.text, json);
                self.out.write_all(self.text.as_bytes())?;
            }
            _ => self.out.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
