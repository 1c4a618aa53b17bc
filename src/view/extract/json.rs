//! An object a file (`docs/json.md`).

use std::io::{self, Write};

use serde::Serialize;

use crate::extract::Extracted;
use crate::view::json::push_guarded;

#[derive(Serialize)]
struct Record<'a> {
    info_hash: String,
    path: &'a str,
    length: u64,
    have_bytes: u64,
    verified: bool,
    written: bool,
}

/// Writes an object a file.
pub fn write_extracted_json(out: &mut dyn Write, extracted: &Extracted) -> io::Result<()> {
    let mut line = String::new();
    for torrent in &extracted.torrents {
        for file in &torrent.files {
            let record = Record {
                info_hash: hex::encode(torrent.info_hash()),
                path: &file.path,
                length: file.length,
                have_bytes: file.have,
                verified: file.is_whole(),
                written: file.written.is_some(),
            };
            line.clear();
            push_guarded(&mut line, &serde_json::to_string(&record)?);
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
    }
    Ok(())
}
