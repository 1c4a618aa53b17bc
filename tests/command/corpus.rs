//! Where the captures are.

use std::fs;
use std::path::{Path, PathBuf};

/// Ways in which a capture may be stored.
const KINDS: [&str; 4] = ["pcap", "pcapng", "pcap.gz", "pcap.zst"];

/// The captures that come with the sources.
pub fn shipped(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(folder)
}

/// Captures that are too large or not ours to ship; `None`, with a word, where
/// they are absent.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/captures")
        .join(folder);
    if path.is_dir() {
        Some(path)
    } else {
        println!("skipped: no captures in {}", path.display());
        None
    }
}

/// One hand-made case.
pub fn case(name: &str) -> PathBuf {
    shipped("cases").join(name).with_extension("pcap")
}

/// Names of the files in `folder` that end in `.{kind}`, without that, sorted.
fn stems(folder: &Path, kind: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut stems: Vec<_> = names
        .filter_map(|name| Some(name.strip_suffix(kind)?.strip_suffix('.')?.to_owned()))
        .collect();
    stems.sort();
    stems
}

/// All captures in a folder, sorted.
pub fn captures(folder: &Path) -> Vec<PathBuf> {
    let of_kind = |kind| {
        let files = stems(folder, kind).into_iter();
        files.map(move |stem| folder.join(format!("{stem}.{kind}")))
    };
    let mut files: Vec<_> = KINDS.into_iter().flat_map(of_kind).collect();
    files.sort();
    files
}

/// A transfer between real clients, with what is known of it beside it.
pub struct Lab {
    /// What the file names begin with.
    pub name: String,
    folder: PathBuf,
}

impl Lab {
    /// The capture.
    pub fn capture(&self) -> PathBuf {
        let files = KINDS.map(|kind| self.folder.join(format!("{}.{kind}", self.name)));
        let found = files.into_iter().find(|file| file.is_file());
        found.unwrap_or_else(|| panic!("no capture of {}", self.name))
    }

    /// The truth about it.
    pub fn truth(&self) -> serde_json::Value {
        let file = self.folder.join(format!("{}.json", self.name));
        serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
    }

    /// The log of peer `number`, if that is libtorrent.
    pub fn log(&self, number: usize) -> Option<PathBuf> {
        let name = format!("{}.libtorrent-{number}.peerlog.gz", self.name);
        Some(self.folder.join(name)).filter(|file| file.is_file())
    }
}

/// Every transfer there is: those that are shipped, and the others if present.
pub fn labs() -> Vec<Lab> {
    let shipped = shipped("lab");
    let mut labs = labs_in(&shipped);
    if let Some(shared) = shared("lab") {
        let all = labs_in(&shared).into_iter();
        labs.extend(all.filter(|lab| !shipped.join(format!("{}.json", lab.name)).is_file()));
    }
    labs
}

fn labs_in(folder: &Path) -> Vec<Lab> {
    let names = stems(folder, "json").into_iter();
    names
        .map(|name| Lab {
            name,
            folder: folder.to_owned(),
        })
        .collect()
}
