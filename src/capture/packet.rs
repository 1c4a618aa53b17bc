//! Packets with their time, what gives them, and what can be wrong with it.

use std::fmt;
use std::path::{Path, PathBuf};

use super::input;
use super::secrets::Secrets;

/// The longest packet that is believed. Offloaded frames reach 512 KiB; a
/// record that declares more than this is damaged.
pub(super) const MAX_PACKET: u32 = 16 << 20;

/// The longest packet that Wireshark takes (`WTAP_MAX_PACKET_SIZE_STANDARD`): at a
/// longer one it stops reading.
pub const MAX_WIRESHARK_PACKET: u32 = 256 << 10;

/// Time of a packet: nanoseconds since 1970-01-01 UTC, or unknown (a simple
/// packet block of pcapng has no time).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub(super) i64);

impl Timestamp {
    /// A packet without a time.
    pub const UNKNOWN: Self = Self(i64::MIN);

    /// From nanoseconds since the epoch, clamped to what fits (1677 to 2262).
    pub fn from_nanos(nanos: i128) -> Self {
        Self(i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN + 1 } else { i64::MAX }))
    }

    /// Nanoseconds since the epoch, if the time is known.
    pub fn nanos(self) -> Option<i64> {
        (self != Self::UNKNOWN).then_some(self.0)
    }

    /// Nanoseconds from `earlier` to here; 0 if either is unknown.
    pub fn since(self, earlier: Self) -> i64 {
        match (self.nanos(), earlier.nanos()) {
            (Some(now), Some(then)) => now.saturating_sub(then),
            _ => 0,
        }
    }
}

/// A link type as <https://www.tcpdump.org/linktypes.html> numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

/// One captured packet, borrowed from the source's buffer.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// Number in the capture, from 1, counted over all files of one run.
    pub frame: u64,
    /// When it was captured.
    pub time: Timestamp,
    /// The interface within its section (0 for classic pcap).
    pub interface: u32,
    /// How `data` begins.
    pub link: LinkType,
    /// The captured bytes.
    pub data: &'a [u8],
    /// Bytes on the wire; more than `data` holds when the snaplen cut it.
    pub original_length: u32,
}

/// A source of packets.
pub trait Source {
    /// The next packet; `None` at the clean end of the capture. After an error
    /// the source gives no more packets.
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError>;

    /// Whether the next packet is there without waiting for it. Always true of a
    /// file; of a pipe only if the packet was read already.
    fn is_at_hand(&self) -> bool {
        true
    }

    /// Where it puts the secrets that it comes across; nowhere if the source has
    /// none.
    fn secrets(&self) -> Secrets {
        Secrets::default()
    }

    /// Bytes consumed of the file as it is stored (compressed), for progress.
    fn position(&self) -> u64 {
        0
    }
}

/// Which length limited what could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// The file (or the stream) ended.
    File,
    /// The longest packet that the file says it can have, or what libpcap allows.
    Snaplen,
    /// The longest block that is believed.
    Belief,
}

/// Bytes that were needed and not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// Bytes that were due.
    pub needed: u64,
    /// Bytes that there were, or that were allowed.
    pub had: u64,
    /// What set the limit.
    pub limit: Limit,
}

/// What is wrong with a capture: one line that names file, offset and reason.
/// Where several files are in trouble, it is that of the first of them.
#[derive(Debug)]
pub struct CaptureError {
    /// The file (`-` for standard input) or interface.
    pub file: PathBuf,
    /// Offset in the file where the trouble is (in the decompressed stream for
    /// gzip and zstd); `None` where no offset applies (it cannot be opened).
    pub offset: Option<u64>,
    /// In words.
    pub reason: String,
    /// The lengths that it is about, where it is about lengths.
    pub lack: Option<Lack>,
    /// What is wrong with other files of the same run.
    pub others: Vec<Self>,
}

impl CaptureError {
    pub(super) fn new(file: &Path, offset: Option<u64>, reason: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            offset,
            reason: reason.into(),
            lack: None,
            others: Vec::new(),
        }
    }

    /// The same, with the lengths that it is about.
    pub(super) fn lacking(self, needed: u64, had: u64, limit: Limit) -> Self {
        let lack = Some(Lack { needed, had, limit });
        Self { lack, ..self }
    }

    /// Each trouble by itself, in the order of the files.
    pub fn each(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.others)
    }
}

impl fmt::Display for CaptureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if input::is_stdin(&self.file) {
            f.write_str("standard input: ")?;
        } else {
            write!(f, "{}: ", self.file.display())?;
        }
        if let Some(offset) = self.offset {
            write!(f, "offset {offset}: ")?;
        }
        f.write_str(&self.reason)
    }
}

impl std::error::Error for CaptureError {}
