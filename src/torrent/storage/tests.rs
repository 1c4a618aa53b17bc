use std::fs::{self, File};
use std::path::Path;

use super::direct::{self, MIN_DIRECT_BYTES};
use super::{CheckProgress, Storage, Way, check_existing};
use crate::torrent::testing::{Sample, contradiction, v1, v2};
use crate::torrent::{Content, Half, Inconsistent, PieceBuffer, PieceSet};

fn found(storage: &Storage, content: &Content) -> Result<PieceSet, Inconsistent> {
    check_existing(storage, content, 2, &CheckProgress::default())
}

/// All of `sample`, in a folder.
fn stored(sample: &Sample, folder: &Path) -> (Storage, Content) {
    let content = sample.content();
    let storage = Storage::download(folder, &content.info);
    storage.create().unwrap();
    storage.write(0, &sample.data, Way::Cached).unwrap();
    (storage, content)
}

#[test]
fn a_torrent_that_contradicts_itself_is_found_out_on_disk() {
    let sample = contradiction(&[300_000, 5, 65536], 65536, 3);
    let folder = tempfile::tempdir().unwrap();
    let (storage, content) = stored(&sample, folder.path());
    let inconsistent = found(&storage, &content).unwrap_err();
    assert_eq!((inconsistent.piece, inconsistent.fits), (3, Half::V2));
    let text =
        "the torrent contradicts itself: piece 3 is right by its v2 hash and wrong by its v1 hash";
    assert_eq!(inconsistent.to_string(), text);
}

#[test]
fn a_check_can_be_ended() {
    let sample = v1(200_000, 65536, 1);
    let folder = tempfile::tempdir().unwrap();
    let (storage, content) = stored(&sample, folder.path());
    let progress = CheckProgress::default();
    let have = check_existing(&storage, &content, 2, &progress).unwrap();
    assert!(have.is_all() && progress.checked() == content.pieces());
    let progress = CheckProgress::default();
    progress.stop();
    let have = check_existing(&storage, &content, 2, &progress).unwrap();
    assert!(have.count() == 0 && progress.checked() == 0);
}

#[test]
fn what_is_written_is_read_and_found_again() {
    for sample in [
        v1(200_000, 65536, 1),
        v2(&[100_000, 5, 70_000], 65536, true),
        v2(&[100_000, 5, 70_000], 65536, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let content = sample.content();
        let storage = Storage::download(folder.path(), &content.info);
        storage.create().unwrap();
        assert_eq!(found(&storage, &content).unwrap().count(), 0);
        for piece in 0..content.pieces() {
            if piece != 1 {
                let start = content.piece_start(piece);
                storage
                    .write(start, sample.piece(piece), Way::Cached)
                    .unwrap();
            }
        }
        // As after a restart.
        let storage = Storage::existing(folder.path(), &content.info);
        let have = found(&storage, &content).unwrap();
        assert_eq!(have.count(), content.pieces() - 1);
        assert!(!have.has(1));
        let mut piece = vec![1; content.piece_size(0) as usize];
        storage.read(0, &mut piece).unwrap();
        assert_eq!(piece, sample.piece(0));
    }
}

/// Pieces that are large enough go past the page cache where the file system
/// allows it; the last one is not whole pages, and goes the ordinary way.
#[test]
fn both_ways_of_writing_give_the_same_file() {
    let sample = v1(3 * MIN_DIRECT_BYTES + 1000, MIN_DIRECT_BYTES, 1);
    let folder = tempfile::tempdir().unwrap();
    let content = sample.content();
    let storage = Storage::download(folder.path(), &content.info);
    storage.create().unwrap();
    let mut buffer = PieceBuffer::default();
    for piece in [2, 0, 3, 1] {
        let data = sample.piece(piece);
        buffer.set_length(data.len());
        buffer.copy_from_slice(data);
        let start = content.piece_start(piece);
        assert_eq!(direct::fits(start, &buffer), piece != 3);
        storage.write(start, &buffer, Way::Direct).unwrap();
    }
    let have = found(&storage, &content).unwrap();
    assert!(have.is_all());
}

#[test]
fn a_file_that_cannot_be_made_is_named() {
    let sample = v1(10_000, 16384, 1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("occupied");
    std::fs::write(&file, "x").unwrap();
    let storage = Storage::download(&file, &sample.content().info);
    let error = storage.create().unwrap_err().to_string();
    assert!(
        error.starts_with("cannot ") && error.contains("occupied"),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1);
}

#[test]
fn a_file_that_is_missing_or_short_is_named() {
    let sample = v1(200_000, 65536, 1);
    let folder = tempfile::tempdir().unwrap();
    let (storage, _) = stored(&sample, folder.path());
    storage.expect_whole().unwrap();
    let path = storage.path();
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(199_999)
        .unwrap();
    let short = storage.expect_whole().unwrap_err().to_string();
    let text = format!(
        "cannot read {}: it has 199999 of 200000 bytes",
        path.display()
    );
    assert_eq!(short, text);
    fs::remove_file(&path).unwrap();
    let missing = storage.expect_whole().unwrap_err().to_string();
    assert!(missing.contains("No such file"), "{missing}");
}

#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    use nix::sys::stat::Mode;

    let sample = v1(200_000, 65536, 1);
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::download(folder.path(), &sample.content().info);
    nix::unistd::mkfifo(&storage.path(), Mode::S_IRWXU).unwrap();
    let refused = storage.create().unwrap_err().to_string();
    assert!(refused.ends_with("not a regular file"), "{refused}");
    let refused = storage.read(0, &mut [0]).unwrap_err().to_string();
    assert!(refused.ends_with("not a regular file"), "{refused}");
}
