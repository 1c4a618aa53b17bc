//! What a session needs before its first byte.

use std::path::Path;
use std::sync::Arc;

use super::checking::Checking;
use super::config::{Config, Target, Task};
use super::error::{MAX_PIECE_LENGTH, SessionError};
use super::watch::{Note, Watch};
use crate::active::machine::Identity;
use crate::active::torrent::{Options, Torrent};
use crate::torrent::{Content, PieceSet, Storage};
use crate::wire::metainfo::Info;

/// The most peers that a seeder has unchoked at a time.
const SEED_UPLOAD_SLOTS: usize = 100;

/// The machine, and the storage if the content is known already.
pub(super) fn torrent(
    config: &Config,
    identity: Identity,
    watch: &mut dyn Watch,
) -> Result<(Torrent, Option<Arc<Storage>>), SessionError> {
    let mut options = Options {
        max_depth: config.max_depth,
        is_guest: matches!(config.task, Task::Get { .. }),
        ..Options::default()
    };
    let metainfo = match &config.torrent {
        Target::Link(magnet) => {
            let torrent = Torrent::wanted(identity, magnet.wanted, options);
            return Ok((torrent, None));
        }
        Target::File(metainfo) => metainfo,
    };
    let content = Content::from_metainfo(*metainfo.clone());
    tell_torrent(&content, watch);
    let storage = storage(&config.task, &content.info)?;
    let have = match &config.task {
        Task::Get { .. } => existing(&storage, &content, watch)?,
        Task::Seed { data, check } => {
            options.upload_slots = SEED_UPLOAD_SLOTS;
            served(&storage, &content, data, *check, watch)?
        }
    };
    let torrent = Torrent::known(identity, content, have, options);
    Ok((torrent, Some(storage)))
}

/// The pieces of a seeder: all, or it cannot seed.
fn served(
    storage: &Arc<Storage>,
    content: &Content,
    data: &Path,
    check: bool,
    watch: &mut dyn Watch,
) -> Result<PieceSet, SessionError> {
    let pieces = content.pieces();
    if !check {
        storage.expect_whole()?;
        return Ok(PieceSet::all(pieces));
    }
    let have = existing(storage, content, watch)?;
    if !have.is_all() {
        // A file that is missing or too short explains more than a number of pieces.
        storage.expect_whole()?;
        // So does a file that cannot be read.
        storage.read(0, &mut [0])?;
        return Err(SessionError::Incomplete {
            path: data.to_owned(),
            right: have.count(),
            pieces,
        });
    }
    Ok(have)
}

/// The pieces that are on disk and right.
fn existing(
    storage: &Arc<Storage>,
    content: &Content,
    watch: &mut dyn Watch,
) -> Result<PieceSet, SessionError> {
    Checking::start(storage.clone(), content.clone(), || {}).wait(watch)
}

/// Reports which torrent it is.
pub(super) fn tell_torrent(content: &Content, watch: &mut dyn Watch) {
    watch.note(&Note::Torrent {
        name: content.info.name().into_owned(),
        size: content.info.total_size(),
        pieces: content.pieces(),
    });
}

/// The files of a torrent; those of a download are created.
pub(super) fn storage(task: &Task, info: &Info) -> Result<Arc<Storage>, SessionError> {
    if info.merkle_root().is_some() {
        let reason = "a Merkle torrent (BEP 30) has no piece hashes to check against";
        return Err(SessionError::Unsupported(reason));
    }
    Ok(Arc::new(match task {
        Task::Get { directory } => {
            let longest = info.total_size().min(info.piece_length().into());
            if longest > MAX_PIECE_LENGTH {
                return Err(SessionError::PieceTooLong(longest));
            }
            let storage = Storage::download(directory, info);
            storage.create()?;
            storage
        }
        Task::Seed { data, .. } => Storage::existing(data, info),
    }))
}
