//! The torrents of a run: given with `--torrent`, or learned from ut_metadata.

use std::collections::HashMap;
use std::sync::Arc;

use super::metadata::{Assembly, matches};
use crate::wire::extension::UtMetadata;
use crate::wire::metainfo::Info;

/// Torrents that are remembered; more are not learned.
const MAX_TORRENTS: usize = 4096;

/// Bytes of unfinished info dictionaries, all torrents together.
const MAX_HELD: usize = 16 << 20;

/// What is known of a torrent.
#[derive(Debug)]
pub struct Torrent {
    info: Info,
}

impl Torrent {
    /// Its pieces.
    pub fn pieces(&self) -> u32 {
        self.info.piece_count()
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.info.name().into_owned()
    }

    /// Its info dictionary.
    pub fn info(&self) -> &Info {
        &self.info
    }
}

/// All known torrents by info-hash (v1, or v2 cut to 20 bytes).
#[derive(Debug, Default)]
pub struct Torrents {
    known: HashMap<[u8; 20], Arc<Torrent>>,
    assemblies: HashMap<[u8; 20], Assembly>,
    held: usize,
}

impl Torrents {
    /// The torrent that `hash` names.
    pub fn get(&self, hash: &[u8; 20]) -> Option<Arc<Torrent>> {
        self.known.get(hash).cloned()
    }

    /// Adds a torrent under all its info-hashes.
    pub fn add(&mut self, info: Info) {
        if self.known.len() >= MAX_TORRENTS {
            return;
        }
        let torrent = Arc::new(Torrent { info });
        for hash in torrent.info.info_hashes() {
            self.known.entry(hash).or_insert_with(|| torrent.clone());
        }
    }

    /// Takes in a piece of the info dictionary that `hash` names.
    pub fn learn(&mut self, hash: [u8; 20], message: &UtMetadata<'_>) {
        let full = self.assemblies.len() >= MAX_TORRENTS || self.held >= MAX_HELD;
        if self.known.contains_key(&hash) || (full && !self.assemblies.contains_key(&hash)) {
            return;
        }
        let assembly = self.assemblies.entry(hash).or_default();
        let before = assembly.held();
        let whole = assembly.add(message);
        self.held = self.held + assembly.held() - before;
        if let Some(info) = whole
            && matches(&info, &hash)
            && let Ok(info) = Info::parse(&info)
        {
            self.assemblies.remove(&hash);
            self.add(info);
        }
    }
}
