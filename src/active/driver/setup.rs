//! What a session needs before its first byte.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use super::checking::Checking;
use super::{Config, MAX_PIECE_LENGTH, Note, SessionError, Target, Task, Watch};
use crate::active::machine::Identity;
use crate::active::mse::Secrets;
use crate::active::pieces::PieceSet;
use crate::active::random;
use crate::active::storage::Storage;
use crate::active::torrent::{Content, Options, Torrent, Wanted};
use crate::wire::metainfo::{Info, Protocol};
use crate::wire::mse::MAX_PAD;

/// Peers that a seeder serves at once.
const SEED_SLOTS: usize = 100;

/// A digit of our version, as a peer id has it.
fn digit(number: &str) -> u8 {
    number.bytes().next().unwrap_or(b'0')
}

/// A peer id in Azureus style: `PS`, our version, 12 random letters and digits.
fn peer_id() -> io::Result<[u8; 20]> {
    const DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut id = *b"-PS0000-............";
    id[3] = digit(env!("CARGO_PKG_VERSION_MAJOR"));
    id[4] = digit(env!("CARGO_PKG_VERSION_MINOR"));
    id[5] = digit(env!("CARGO_PKG_VERSION_PATCH"));
    for (place, byte) in id[8..].iter_mut().zip(random::bytes::<12>()?) {
        *place = DIGITS[usize::from(byte % 32)];
    }
    Ok(id)
}

/// What an encrypted handshake hides behind.
pub(super) fn secrets() -> io::Result<Secrets> {
    let random: [u8; 22 + MAX_PAD] = random::bytes()?;
    let pad = usize::from(u16::from_be_bytes([random[20], random[21]])) % (MAX_PAD + 1);
    Ok(Secrets {
        exponent: std::array::from_fn(|at| random[at]),
        pad: random[22..22 + pad].to_vec(),
    })
}

/// Who we are in the torrent of `config`.
pub(super) fn identity(config: &Config, listen: Option<SocketAddr>) -> io::Result<Identity> {
    let (info_hashes, hybrid) = match &config.torrent {
        Target::File(metainfo) => {
            let info = &metainfo.info;
            let hybrid = info.protocol() == Protocol::Hybrid;
            (info.info_hashes().collect(), hybrid)
        }
        Target::Link(magnet) => (short_hashes(&magnet.wanted), false),
    };
    Ok(Identity {
        peer_id: peer_id()?,
        info_hashes,
        hybrid,
        port: listen.map(|address| address.port()),
    })
}

fn short_hashes(wanted: &Wanted) -> Vec<[u8; 20]> {
    let v2 = wanted.v2.map(|hash| std::array::from_fn(|at| hash[at]));
    wanted.v1.into_iter().chain(v2).collect()
}

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
            options.upload_slots = SEED_SLOTS;
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
        // The file that is missing or short says more than a number.
        storage.expect_whole()?;
        // So does one that cannot be read.
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

/// Tells which torrent it is.
pub(super) fn tell_torrent(content: &Content, watch: &mut dyn Watch) {
    watch.note(&Note::Torrent {
        name: content.info.name().into_owned(),
        size: content.info.total_size(),
        pieces: content.pieces(),
    });
}

/// The files of a torrent, made where they are to be written.
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

/// Threads for hashing beside the network's: as many as there are cores left,
/// and not more than keep a fast network busy.
pub(super) fn threads() -> usize {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    cores.saturating_sub(1).clamp(1, 4)
}
