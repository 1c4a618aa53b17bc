//! `--torrent`: torrents that are known before the capture is read.

use std::path::PathBuf;

use anyhow::Context;

use super::files;
use crate::session::Torrents;
use crate::wire::metainfo::Metainfo;

/// Reads .torrent files.
pub fn load(paths: &[PathBuf]) -> anyhow::Result<Torrents> {
    let mut torrents = Torrents::default();
    for path in paths {
        let bytes = files::read(path)?;
        let metainfo = Metainfo::parse(&bytes).with_context(|| path.display().to_string())?;
        torrents.add(metainfo.info);
    }
    Ok(torrents)
}
