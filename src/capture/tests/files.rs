use std::fs;
use std::io::{self, Read};
use std::path::PathBuf;

use super::super::order::Order;
use super::super::testing::{Owned, classic, drain};
use super::super::{LinkType, Source, Timestamp, from_reader, open, open_readable};

fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("temporary file");
    path
}

fn one_packet() -> Vec<u8> {
    let packet = Owned {
        frame: 1,
        time: Timestamp::from_nanos(0),
        interface: 0,
        link: LinkType(1),
        data: b"data".to_vec(),
        original_length: 4,
    };
    classic(Order::Big, 0xa1b2_c3d4, &[packet])
}

#[test]
fn several_files_are_one_capture() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = one_packet();
    let paths = [
        file(&folder, "1.pcap", &whole),
        file(&folder, "2.pcap", &whole),
    ];
    let mut source = open(&paths).expect("opens");
    assert_eq!(source.total_size(), Some(2 * whole.len() as u64));
    let (got, error) = {
        let mut frames = Vec::new();
        while let Ok(Some(packet)) = source.next_packet() {
            frames.push(packet.frame);
        }
        (frames, source.next_packet().is_err())
    };
    assert_eq!((got, error), (vec![1, 2], false));
    assert_eq!(source.position(), 2 * whole.len() as u64);
}

#[test]
fn a_damaged_file_does_not_hide_the_next() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = one_packet();
    let paths = [
        file(&folder, "cut", &whole[..whole.len() - 1]),
        file(&folder, "whole", &whole),
        file(&folder, "empty", b""),
    ];
    let (got, error) = drain(open(&paths).expect("opens"));
    assert_eq!(got.len(), 1);
    let error = error.expect("reported");
    let lines: Vec<_> = error.each().map(ToString::to_string).collect();
    let cut = "ends inside packet 1: 3 of 4 bytes";
    assert_eq!(error.file, paths[0]);
    assert!(lines[0].ends_with(cut), "{}", lines[0]);
    assert_eq!(
        lines[1],
        format!("{}: offset 0: empty file", paths[2].display())
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn a_missing_file_does_not_hide_the_others() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = file(&folder, "whole", &one_packet());
    let missing = folder.path().join("missing");
    let paths = [missing.clone(), whole.clone(), folder.path().into(), whole];
    let (source, troubles) = open_readable(&paths);
    let named: Vec<_> = troubles.iter().map(|trouble| &trouble.file).collect();
    assert_eq!(named, [&paths[0], &paths[2]]);
    let (got, error) = drain(source);
    let frames: Vec<_> = got.iter().map(|packet| packet.frame).collect();
    assert_eq!((frames, error.is_none()), (vec![1, 2], true));
    assert!(open_readable(&[missing]).0.is_empty());
}

#[test]
fn what_cannot_be_opened_is_said_before_anything_is_read() {
    let folder = tempfile::tempdir().expect("folder");
    let whole = file(&folder, "whole", &one_packet());
    let missing = folder.path().join("missing");
    for (path, reason) in [
        (missing, "no such file or directory"),
        (folder.path().to_owned(), "is a directory"),
    ] {
        let error = open(&[whole.clone(), path.clone()]).err().expect("refused");
        assert_eq!(error.to_string(), format!("{}: {reason}", path.display()));
        assert_eq!(error.offset, None);
    }
}

#[test]
fn the_size_of_standard_input_is_unknown() {
    let source = open(&[PathBuf::from("-")]).expect("opens");
    assert_eq!(source.total_size(), None);
}

/// A pipe into which a program writes one record at a time.
struct Pipe(std::vec::IntoIter<Vec<u8>>);

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let part = self.0.next().unwrap_or_default();
        into[..part.len()].copy_from_slice(&part);
        Ok(part.len())
    }
}

#[test]
fn a_pipe_says_when_the_next_packet_is_not_there_yet() {
    let packet = one_packet();
    let (header, record) = packet.split_at(24);
    // The file header; a packet; two and the beginning of a third; its rest.
    let parts = vec![
        header[..4].to_vec(),
        header[4..].to_vec(),
        record.to_vec(),
        [record, record, &record[..3]].concat(),
        record[3..].to_vec(),
    ];
    let mut source = from_reader("pipe", Pipe(parts.into_iter()));
    let mut at_hand = Vec::new();
    loop {
        at_hand.push(source.is_at_hand());
        if source.next_packet().expect("sound").is_none() {
            break;
        }
    }
    assert_eq!(at_hand, [false, false, true, false, false]);
}

#[test]
fn a_file_never_keeps_waiting() {
    let folder = tempfile::tempdir().expect("folder");
    let path = file(&folder, "1.pcap", &one_packet());
    let mut source = open(&[path]).expect("opens");
    while source.next_packet().expect("sound").is_some() {
        assert!(source.is_at_hand());
    }
}
