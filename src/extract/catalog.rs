//! The torrents whose info dictionary is known.

use std::collections::HashMap;

use super::survey::Surveyed;
use crate::session::Torrents;
use crate::torrent::Content;
use crate::wire::metainfo::Metainfo;

/// Where an info dictionary comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user gave it (`--torrent`).
    Given,
    /// Peers gave it to each other (BEP 9).
    Peers,
    /// A `.torrent` that was fetched over HTTP.
    Http,
}

impl Origin {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Peers => "ut_metadata",
            Self::Http => "http",
        }
    }
}

/// A torrent.
#[derive(Debug)]
pub struct Known {
    /// What it holds.
    pub content: Content,
    /// Where that comes from.
    pub origin: Origin,
    /// Trackers that it was announced to, or that its `.torrent` names.
    pub trackers: Vec<String>,
    /// The `.torrent`, where that was fetched.
    pub file: Option<Vec<u8>>,
}

/// The torrents, in the order of their info-hashes.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The torrents.
    pub torrents: Vec<Known>,
    by_hash: HashMap<[u8; 20], u32>,
}

impl Catalog {
    /// Those that were `given`, those that the first reading `learned`, and those whose
    /// `.torrent` was fetched.
    pub fn new(given: Vec<Metainfo>, learned: &Torrents, mut surveyed: Surveyed) -> Self {
        let mut catalog = Self::default();
        for metainfo in given {
            catalog.add(
                Content::from_metainfo(metainfo),
                Origin::Given,
                None,
                &surveyed,
            );
        }
        let downloads = std::mem::take(&mut surveyed.downloads.whole);
        for download in downloads {
            let content = Content::from_metainfo(download.metainfo);
            catalog.add(content, Origin::Http, Some(download.bytes), &surveyed);
        }
        for torrent in learned.all() {
            let content = Content::from_info(torrent.info().clone());
            catalog.add(content, Origin::Peers, None, &surveyed);
        }
        let hash = |known: &Known| known.content.info.info_hashes().next();
        catalog.torrents.sort_by_key(hash);
        catalog.by_hash.clear();
        for (at, known) in (0..).zip(&catalog.torrents) {
            for hash in known.content.info.info_hashes() {
                catalog.by_hash.entry(hash).or_insert(at);
            }
        }
        catalog
    }

    fn add(
        &mut self,
        mut content: Content,
        origin: Origin,
        file: Option<Vec<u8>>,
        surveyed: &Surveyed,
    ) {
        let mut hashes = content.info.info_hashes();
        if hashes.any(|hash| self.by_hash.contains_key(&hash)) {
            return;
        }
        for hash in content.info.info_hashes() {
            self.by_hash.insert(hash, 0);
        }
        surveyed.layers.complete(&mut content);
        let trackers = surveyed.trackers.of(content.info.info_hashes());
        self.torrents.push(Known {
            content,
            origin,
            trackers,
            file,
        });
    }

    /// The torrent that `hash` names, by its number.
    pub fn find(&self, hash: &[u8; 20]) -> Option<u32> {
        self.by_hash.get(hash).copied()
    }

    /// The torrent of a number.
    pub fn get(&self, number: u32) -> Option<&Known> {
        self.torrents.get(number as usize)
    }
}
