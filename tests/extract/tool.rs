//! Running `peerscope extract`, and reading what it says and writes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;

pub use crate::program::{Run, command, interruptible};

/// Runs `peerscope extract` on a capture, into `folder`.
pub fn extract(capture: &Path, folder: &Path, options: &[&OsStr]) -> Run {
    let mut arguments = vec![
        OsStr::new("extract"),
        capture.as_os_str(),
        OsStr::new("-o"),
        folder.as_os_str(),
    ];
    arguments.extend(options);
    command(arguments).output().expect("peerscope runs").into()
}

/// The objects of `--json`.
pub fn objects(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect()
}

/// `manifest.json` of a folder.
pub fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap()
}

/// All files below a folder, by their path in it.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}
