//! Where the files of a torrent are written. Names come from the torrent, that
//! is, from anybody: none of them leads out of the directory.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::wire::metainfo::{File, Info};

/// Bytes of a name that file systems take.
const MAX_NAME: usize = 255;

/// One component of a path, made harmless: no separators, no control
/// characters, never empty, `.` or `..`, not too long.
fn clean(component: &[u8]) -> String {
    let text = String::from_utf8_lossy(component);
    let harmless = |c: char| {
        let bad = c.is_control() || matches!(c, '/' | '\\' | ':' | '\u{fffd}');
        if bad { '_' } else { c }
    };
    let mut name: String = text.chars().map(harmless).collect();
    name.truncate(name.floor_char_boundary(MAX_NAME));
    if name.is_empty() || name.chars().all(|c| c == '.') {
        return "_".to_owned();
    }
    name
}

/// The directory or file that a torrent is saved as, in `directory`.
pub fn root(directory: &Path, info: &Info) -> PathBuf {
    directory.join(clean(info.name_bytes()))
}

/// The path of every file that is stored, below `root`; `None` for padding and
/// symbolic links, which are not. No two files get the same path.
pub fn below(root: &Path, info: &Info) -> Vec<Option<PathBuf>> {
    if info.is_single_file() {
        return vec![Some(root.to_owned()); info.files().len()];
    }
    let mut taken = BTreeSet::new();
    let paths = info.files().iter().map(|file| {
        let stored = !file.is_padding() && !file.attributes.symlink;
        stored.then(|| root.join(unique(&mut taken, file)))
    });
    paths.collect()
}

/// The path of `file`, with a number if another file (or one that differs in
/// case only) has it already.
fn unique(taken: &mut BTreeSet<String>, file: &File) -> PathBuf {
    let components: Vec<_> = file.path.iter().map(|name| clean(name)).collect();
    let joined = if components.is_empty() {
        "_".to_owned()
    } else {
        components.join("/")
    };
    let mut path = joined.clone();
    for number in 2.. {
        if taken.insert(path.to_lowercase()) {
            break;
        }
        path = format!("{joined}.{number}");
    }
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use std::path::Component;

    use super::*;
    use crate::wire::bencode::{Dict, List};

    fn info(name: &[u8], paths: &[&[&[u8]]]) -> Info {
        let mut files = List::new();
        for path in paths {
            let mut list = List::new();
            for name in *path {
                list = list.bytes(name);
            }
            let path = list;
            files = files.dict(&Dict::new().int("length", 1).list("path", path));
        }
        let info = Dict::new()
            .bytes("name", name)
            .int("piece length", 16384)
            .bytes("pieces", [0; 20])
            .list("files", files);
        Info::parse(&info.encode()).unwrap()
    }

    #[test]
    fn nothing_leads_out() {
        let hostile: &[&[&[u8]]] = &[
            &[b"..", b"..", b"etc", b"passwd"],
            &[b"/etc/passwd"],
            &[b"a/../../b"],
            &[b"c:\\windows"],
            &[b""],
            &[b"."],
            &[b"\0\x1b[2J"],
            &[&[b'x'; 1000]],
            &[&[0xff, 0xfe]],
        ];
        let info = info(b"..", hostile);
        let directory = Path::new("/downloads");
        let root = root(directory, &info);
        assert_eq!(root, Path::new("/downloads/_"));
        for path in below(&root, &info).into_iter().flatten() {
            let rest = path.strip_prefix(&root).unwrap();
            assert!(
                rest.components().all(|c| matches!(c, Component::Normal(_))),
                "{path:?}"
            );
            assert!(rest.to_str().unwrap().chars().all(|c| !c.is_control()));
        }
    }

    #[test]
    fn no_two_files_share_a_path() {
        let info = info(b"n", &[&[b"a"], &[b"A"], &[b"a"], &[b"a.2"]]);
        let paths = below(Path::new("r"), &info);
        let paths: Vec<_> = paths
            .iter()
            .flatten()
            .map(|p| p.to_str().unwrap())
            .collect();
        assert_eq!(paths, ["r/a", "r/A.2", "r/a.3", "r/a.2.2"]);
    }
}
