//! `--keylog`: keys of encrypted connections.

use std::path::PathBuf;

use super::files;
use crate::session::KeyLog;

/// Reads key logs.
pub fn load(paths: &[PathBuf]) -> anyhow::Result<KeyLog> {
    let mut keys = KeyLog::default();
    for path in paths {
        let name = path.display();
        let bytes = files::read(path)?;
        let text = String::from_utf8_lossy(&bytes);
        if let Err((line, error)) = keys.add_file(&text) {
            anyhow::bail!("{name}: line {line}: {error}");
        }
    }
    Ok(keys)
}
