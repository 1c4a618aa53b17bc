//! `--torrent`: torrents that are known before the capture is read.

use std::path::PathBuf;

use anyhow::Context;

use super::files;
use crate::session::Torrents;
use crate::wire::metainfo::Metainfo;

/// Reads .torrent files for what an analysis needs of them.
pub fn load(paths: &[PathBuf]) -> anyhow::Result<Torrents> {
    Ok(of(read(paths)?))
}

/// What an analysis needs of .torrent files that were read.
pub fn of(metainfos: impl IntoIterator<Item = Metainfo>) -> Torrents {
    let mut torrents = Torrents::default();
    for metainfo in metainfos {
        torrents.add(metainfo.info);
    }
    torrents
}

/// Reads .torrent files.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Metainfo>> {
    let files = paths.iter().map(|path| {
        let bytes = files::read(path)?;
        Metainfo::parse(&bytes).with_context(|| path.display().to_string())
    });
    files.collect()
}
