//! `--torrent`: torrents that are known before the capture is read.

use std::path::PathBuf;

use anyhow::Context;

use super::files;
use crate::session::Torrents;
use crate::wire::metainfo::Metainfo;

/// Reads .torrent files for what an analysis needs of them.
pub fn load(paths: &[PathBuf]) -> anyhow::Result<Torrents> {
    let mut torrents = Torrents::default();
    for metainfo in read(paths)? {
        torrents.add(metainfo.info);
    }
    Ok(torrents)
}

/// Those of the files that can be read once more beside the analysis: all, or none.
pub fn again(paths: &[PathBuf]) -> &[PathBuf] {
    let is_stdin = |path: &PathBuf| files::is_stdin(path);
    if paths.iter().any(is_stdin) {
        &[]
    } else {
        paths
    }
}

/// Reads .torrent files.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<Metainfo>> {
    let files = paths.iter().map(|path| {
        let bytes = files::read(path)?;
        Metainfo::parse(&bytes).with_context(|| path.display().to_string())
    });
    files.collect()
}
