//! A recording: packets as they go by, in one file or a ring of files.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::blocks::BlockFile;
use super::ring::Files;
use super::ring::Ring;
use crate::capture::file::describe;
use crate::capture::writer::packet_block_size;
use crate::capture::{CaptureError, Existing, LinkType, Packet, PcapngWriter, create};

/// Names of a ring that are passed over in a row because they are taken.
const MAX_TAKEN: u32 = 1000;

/// Records the packets of one interface.
///
/// Packets are gathered in memory and written in whole blocks; what is in a file
/// can be read at any time up to the last [`Recorder::flush`]. On an error (the
/// disk is full) the file is cut behind the last packet that fits.
#[derive(Debug)]
pub struct Recorder {
    writer: PcapngWriter<BlockFile>,
    path: PathBuf,
    files: Option<Files>,
    interface: (LinkType, String),
    /// Packets in the current file.
    packets: u64,
    /// Files and bytes of those that are full.
    full: (u64, u64),
}

impl Recorder {
    /// Begins a file at `path` (for its owner alone, see [`create`]); with a ring,
    /// its first one, whose name has a number before the extension.
    pub fn create(
        path: &Path,
        ring: Option<Ring>,
        link: LinkType,
        interface: &str,
    ) -> Result<Self, CaptureError> {
        let files = ring.map(|ring| Files::new(path, ring)).transpose();
        let mut files = files.map_err(|error| trouble(path, &error))?;
        let interface = (link, interface.to_owned());
        let (path, writer) = if let Some(files) = &mut files {
            begin_next(files, &interface)?
        } else {
            let writer = begin(path, Existing::Replace, &interface);
            let writer = writer.map_err(|error| trouble(path, &error))?;
            (path.to_owned(), writer)
        };
        Ok(Self {
            writer,
            path,
            files,
            interface,
            packets: 0,
            full: (0, 0),
        })
    }

    /// Records a packet; its [`Packet::interface`] is not looked at.
    pub fn packet(&mut self, packet: &Packet<'_>) -> Result<(), CaptureError> {
        let limit = self.files.as_ref().map_or(u64::MAX, Files::bytes_each);
        let size = self.writer.get_ref().size();
        // Each file has one packet at least, however small the limit.
        if self.packets > 0 && size + packet_block_size(packet) > limit {
            self.rotate()?;
        }
        self.packets += 1;
        let packet = Packet {
            interface: 0,
            ..*packet
        };
        self.writer
            .packet(&packet, None)
            .map_err(|error| trouble(&self.path, &error))
    }

    /// Records secrets, as [`PcapngWriter::secrets`] does.
    pub fn secrets(&mut self, kind: u32, secrets: &[u8]) -> Result<(), CaptureError> {
        self.writer
            .secrets(kind, secrets)
            .map_err(|error| trouble(&self.path, &error))
    }

    /// How many files are full: where this grows, what a file has to hold by
    /// itself is due again.
    pub fn full_files(&self) -> u64 {
        self.full.0
    }

    /// Makes the current file, if it was not there before, one of `user`'s own.
    #[cfg(unix)]
    pub fn give_to(&self, user: u32, group: u32) -> Result<(), CaptureError> {
        let output = self.writer.get_ref().output();
        output
            .give_to(user, group)
            .map_err(|error| trouble(&self.path, &error))
    }

    /// Writes what was gathered.
    pub fn flush(&mut self) -> Result<(), CaptureError> {
        self.writer
            .flush()
            .map_err(|error| trouble(&self.path, &error))
    }

    /// How many files were begun, and their bytes, those included that the ring
    /// has dropped since.
    pub fn written(&self) -> (u64, u64) {
        let (files, bytes) = self.full;
        (files + 1, bytes + self.writer.get_ref().size())
    }

    /// The file that is written to at present.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Goes on in the next file of the ring, and removes the oldest one if the
    /// ring is full.
    fn rotate(&mut self) -> Result<(), CaptureError> {
        let Some(files) = &mut self.files else {
            return Ok(());
        };
        self.writer
            .flush()
            .map_err(|error| trouble(&self.path, &error))?;
        self.full = (self.full.0 + 1, self.full.1 + self.writer.get_ref().size());
        if let Some(oldest) = files.take_oldest() {
            std::fs::remove_file(&oldest).map_err(|error| trouble(&oldest, &error))?;
        }
        (self.path, self.writer) = begin_next(files, &self.interface)?;
        self.packets = 0;
        Ok(())
    }
}

/// Begins the next file of a ring. A name that somebody else has taken since, be
/// it for a link that leads elsewhere, is passed over.
fn begin_next(
    files: &mut Files,
    interface: &(LinkType, String),
) -> Result<(PathBuf, PcapngWriter<BlockFile>), CaptureError> {
    for _ in 0..MAX_TAKEN {
        let path = files.next();
        match begin(&path, Existing::Refuse, interface) {
            Ok(writer) => {
                files.keep();
                return Ok((path, writer));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(trouble(&path, &error)),
        }
    }
    Err(trouble(&files.next(), &ErrorKind::AlreadyExists.into()))
}

fn begin(
    path: &Path,
    existing: Existing,
    interface: &(LinkType, String),
) -> io::Result<PcapngWriter<BlockFile>> {
    let output = create(path, existing)?;
    let mut writer = PcapngWriter::new(BlockFile::new(output))?;
    writer.interface(interface.0, &interface.1)?;
    // So that the file is one that can be read even before the first packet.
    writer.flush()?;
    Ok(writer)
}

fn trouble(path: &Path, error: &io::Error) -> CaptureError {
    CaptureError::new(path, None, format!("cannot write: {}", describe(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::testing::{Owned, drain};
    use crate::capture::{Timestamp, open};

    fn packet(frame: u64, length: usize) -> Owned {
        Owned {
            frame,
            time: Timestamp::from_nanos(1_000_000_007 * i128::from(frame)),
            interface: 0,
            link: LinkType(276),
            data: vec![frame as u8; length],
            original_length: length as u32 + 1,
        }
    }

    fn record(path: &Path, ring: Option<Ring>, packets: &[Owned]) -> Recorder {
        let mut recorder = Recorder::create(path, ring, LinkType(276), "any").expect("created");
        for packet in packets {
            recorder.packet(&packet.borrowed()).expect("written");
        }
        recorder.flush().expect("written");
        recorder
    }

    fn read(paths: &[PathBuf]) -> Vec<Owned> {
        let (packets, error) = drain(open(paths).expect("opens"));
        assert!(error.is_none(), "{error:?}");
        packets
    }

    fn packets() -> Vec<Owned> {
        (1..=40).map(|n| packet(n, (n * n) as usize % 61)).collect()
    }

    #[test]
    fn what_is_recorded_reads_back() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("x.pcapng");
        let recorder = record(&path, None, &packets());
        let size = std::fs::metadata(&path).expect("there").len();
        assert_eq!(recorder.written(), (1, size));
        assert_eq!(read(&[path]), packets());
    }

    #[test]
    fn large_packets_stay_in_order_with_small_ones() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("x.pcapng");
        let lengths = [3, 300_000, 5, 70_000, 200_000, 65_536, 1, 262_144];
        let packets: Vec<_> = (1..).zip(lengths).map(|(n, l)| packet(n, l)).collect();
        record(&path, None, &packets);
        assert_eq!(read(&[path]), packets);
    }

    #[test]
    fn a_ring_that_keeps_all_reads_back_as_one_capture() {
        let folder = tempfile::tempdir().expect("folder");
        let ring = Ring {
            files: 100,
            bytes: 400,
        };
        let recorder = record(&folder.path().join("x.pcapng"), Some(ring), &packets());
        let (files, _) = recorder.written();
        let paths: Vec<_> = (1..=files)
            .map(|n| folder.path().join(format!("x-{n:05}.pcapng")))
            .collect();
        assert!(files > 5);
        for path in &paths {
            assert!(std::fs::metadata(path).expect("there").len() <= 400);
        }
        assert_eq!(recorder.path(), paths[paths.len() - 1]);
        assert_eq!(read(&paths), packets());
    }

    #[test]
    fn a_full_ring_holds_the_end_of_the_capture() {
        let folder = tempfile::tempdir().expect("folder");
        // Smaller than a packet: each file has exactly one.
        let ring = Ring { files: 3, bytes: 1 };
        record(&folder.path().join("x.pcapng"), Some(ring), &packets());
        let mut paths: Vec<_> = std::fs::read_dir(folder.path())
            .expect("folder")
            .map(|entry| entry.expect("file").path())
            .collect();
        paths.sort();
        let lengths: Vec<_> = read(&paths).iter().map(|p| p.data.len()).collect();
        assert_eq!(lengths, [38, 39, 40].map(|n| n * n % 61));
    }

    #[test]
    fn a_name_that_is_taken_is_passed_over_and_left_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let at = |name: &str| folder.path().join(name);
        let ring = Ring { files: 2, bytes: 1 };
        let mut recorder =
            Recorder::create(&at("x.pcapng"), Some(ring), LinkType(276), "any").expect("created");
        // Since the ring has begun.
        std::fs::write(at("x-00003.pcapng"), "theirs").expect("file");
        #[cfg(unix)]
        std::os::unix::fs::symlink(at("victim"), at("x-00005.pcapng")).expect("link");
        for packet in packets() {
            recorder.packet(&packet.borrowed()).expect("written");
        }
        recorder.flush().expect("written");
        let theirs = std::fs::read(at("x-00003.pcapng")).expect("still there");
        assert_eq!(theirs, b"theirs");
        assert!(!at("victim").exists());
        // Of 40 packets, a file each, the last two; the links are no files.
        let last = read(&[at("x-00041.pcapng"), at("x-00042.pcapng")]);
        assert_eq!(last.len(), 2);
        assert!(!at("x-00040.pcapng").exists());
    }

    #[cfg(unix)]
    #[test]
    fn recordings_are_for_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("x.pcapng");
        record(&path, None, &packets());
        let mode = std::fs::metadata(&path)
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_full_disk_is_named() {
        let full = Path::new("/dev/full");
        if !full.exists() {
            eprintln!("skipped: no /dev/full");
            return;
        }
        let error = Recorder::create(full, None, LinkType(1), "lo").expect_err("full");
        assert!(error.to_string().starts_with("/dev/full: cannot write: "));
    }
}
