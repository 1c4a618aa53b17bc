//! Where the files of a torrent are written. The names come from the torrent, which may
//! be hostile: none of them leads out of the directory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};

use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};

use crate::wire::metainfo::{File, Info};

/// The longest name that file systems accept, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// The number of the second file of a name.
const FIRST_NUMBER: u32 = 2;

/// Bytes that are kept free in a name for the number that tells it from an equal one.
const MAX_NUMBER_BYTES: usize = ".4294967295".len();

/// Whether a character may be part of a name. Not separators; nor what makes a
/// terminal or a file manager show another name than there is: control characters,
/// marks of direction (bidi) and format, other line ends.
fn is_harmless(c: char) -> bool {
    let is_separator = matches!(c, '/' | '\\' | ':' | '\u{fffd}');
    !is_separator
        && !matches!(
            c.general_category(),
            Category::Control
                | Category::Format
                | Category::LineSeparator
                | Category::ParagraphSeparator
        )
}

/// One component of a path, made harmless: never empty, `.` or `..`, not too long.
pub fn clean(component: &[u8]) -> String {
    let text = String::from_utf8_lossy(component);
    let harmless = |c: char| if is_harmless(c) { c } else { '_' };
    let mut name: String = text.chars().map(harmless).collect();
    name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
    if name.is_empty() || name.chars().all(|c| c == '.') {
        return "_".to_owned();
    }
    name
}

/// The name of the directory or file that a torrent is saved as.
pub fn root(info: &Info) -> PathBuf {
    PathBuf::from(clean(info.name_bytes()))
}

/// The path of every file that is stored, below `root`; `None` for padding and
/// symbolic links, which are not. No two files get the same path.
pub fn below(root: &Path, info: &Info) -> Vec<Option<PathBuf>> {
    if info.is_single_file() {
        return vec![Some(root.to_owned()); info.files().len()];
    }
    let mut taken = Taken::default();
    let paths = info.files().iter().map(|file| {
        let stored = !file.is_padding() && !file.attributes.symlink;
        stored.then(|| root.join(taken.path(file)))
    });
    paths.collect()
}

/// The paths that are given away, without regard to case.
#[derive(Debug, Default)]
pub struct Taken {
    /// By folder and name: the number to try next for another file of that name. A number
    /// is tried once for each name, so that any number of equal names takes linear time.
    next: HashMap<Place, u32>,
    /// Folders that were given a name: the number of each, and its name where a file had
    /// the one that was asked for.
    folders: HashMap<Place, (u32, Option<String>)>,
    /// Paths that were tried.
    tried: usize,
}

/// A name in a folder of a number; without regard to case.
type Place = (u32, String);

/// The folder that all is in.
const TOP: u32 = 0;

/// Folders that are told from files: names in more of them are kept with their path.
const MAX_FOLDERS: usize = 1 << 16;

impl Taken {
    /// The path of `file`, with a number if another file has it already, or is in the way.
    fn path(&mut self, file: &File) -> PathBuf {
        let mut names = file.path.iter().map(|name| clean(name));
        let last = names.next_back().unwrap_or_else(|| "_".to_owned());
        let (mut folder, mut path, mut rest) = (TOP, String::new(), String::new());
        for name in names {
            let inner = if rest.is_empty() {
                self.folder(folder, &name)
            } else {
                None
            };
            if let Some((number, name)) = inner {
                folder = number;
                path.push_str(&name);
                path.push('/');
            } else {
                rest.push_str(&name);
                rest.push('/');
            }
        }
        path.push_str(&self.free_in(folder, &rest, last));
        PathBuf::from(path)
    }

    /// The number and the name of what is to be called `name` in a folder; `None` if there
    /// are too many.
    fn folder(&mut self, parent: u32, name: &str) -> Option<(u32, String)> {
        let place = (parent, name.to_lowercase());
        if let Some((number, renamed)) = self.folders.get(&place) {
            let name = renamed.as_deref().unwrap_or(name);
            return Some((*number, name.to_owned()));
        }
        if self.folders.len() >= MAX_FOLDERS {
            return None;
        }
        let number = self.folders.len() as u32 + 1;
        let free = self.free_in(parent, "", name.to_owned());
        let renamed = (free != name).then(|| free.clone());
        self.folders.insert(place, (number, renamed));
        Some((number, free))
    }

    /// The name of what is to be called `name`: with a number if that is taken.
    pub fn free(&mut self, name: String) -> String {
        self.free_in(TOP, "", name)
    }

    /// The path of what is to be called `last` at `path` (empty, or ending in a slash) in
    /// a folder.
    fn free_in(&mut self, folder: u32, path: &str, mut last: String) -> String {
        let whole = format!("{path}{last}");
        if self.take(folder, &whole) {
            return whole;
        }
        last.truncate(last.floor_char_boundary(MAX_NAME_BYTES - MAX_NUMBER_BYTES));
        let base = format!("{path}{last}");
        let key = (folder, base.to_lowercase());
        let mut number = self.next.get(&key).copied().unwrap_or(FIRST_NUMBER);
        let free = loop {
            let free = format!("{base}.{number}");
            number = number.saturating_add(1);
            if self.take(folder, &free) {
                break free;
            }
        };
        self.next.insert(key, number);
        free
    }

    /// Takes a name in a folder; says whether it was free.
    fn take(&mut self, folder: u32, name: &str) -> bool {
        self.tried += 1;
        match self.next.entry((folder, name.to_lowercase())) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(FIRST_NUMBER);
                true
            }
        }
    }
}

/// A name that leaves room for a suffix such as `.torrent`, and for two numbers.
pub fn short(mut name: String) -> String {
    let room = MAX_NAME_BYTES - ".pieces.json".len() - 2 * MAX_NUMBER_BYTES;
    name.truncate(name.floor_char_boundary(room));
    name
}

/// Whether a name of a file of the torrent is too long for a file system.
pub fn is_any_too_long(info: &Info) -> bool {
    let mut names = info.files().iter().flat_map(|file| &file.path);
    !info.is_single_file() && names.any(|name| name.len() > MAX_NAME_BYTES)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
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
            .int("piece length", 1 << 20)
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
            &["a\u{202e}gpj.exe\u{200b}\u{feff}\u{2028}".as_bytes()],
            &[&[b'x'; 255]],
            &[&[b'x'; 255]],
            &[&[b'X'; 255]],
        ];
        let info = info(b"..", hostile);
        let root = root(&info);
        assert_eq!(root, Path::new("_"));
        for path in below(&root, &info).into_iter().flatten() {
            let rest = path.strip_prefix(&root).unwrap();
            assert!(
                rest.components().all(|c| matches!(c, Component::Normal(_))),
                "{path:?}"
            );
            let names = rest.iter().map(|name| name.to_str().unwrap());
            assert!(
                names.clone().all(|name| name.len() <= MAX_NAME_BYTES),
                "{path:?}"
            );
            assert!(names.flat_map(str::chars).all(is_harmless), "{path:?}");
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

    #[test]
    fn no_file_is_in_the_way_of_a_folder() {
        let info = info(
            b"n",
            &[
                &[b"a"],
                &[b"a", b"b"],
                &[b"A", b"c"],
                &[b"d", b"e"],
                &[b"d"],
                &[b"D", b"E"],
                &[b"a.2"],
            ],
        );
        let paths = below(Path::new("r"), &info);
        let paths: Vec<_> = paths
            .iter()
            .flatten()
            .map(|p| p.to_str().unwrap())
            .collect();
        let expected = [
            "r/a", "r/a.2/b", "r/a.2/c", "r/d/e", "r/d.2", "r/D/E.2", "r/a.2.2",
        ];
        assert_eq!(paths, expected);
    }

    /// Twice the files take twice the time, whatever they are called.
    #[test]
    fn equal_names_take_linear_time() {
        const FILES: usize = 10_000;
        let many = |name: &dyn Fn(usize) -> String| {
            let names: Vec<_> = (0..FILES).map(|at| name(at).into_bytes()).collect();
            let paths: Vec<[&[u8]; 1]> = names.iter().map(|name| [&name[..]]).collect();
            let files: Vec<&[&[u8]]> = paths.iter().map(|path| &path[..]).collect();
            let mut taken = Taken::default();
            let info = info(b"n", &files);
            let paths: BTreeSet<_> = info.files().iter().map(|file| taken.path(file)).collect();
            assert_eq!(paths.len(), FILES);
            assert!(taken.tried <= 3 * FILES, "{}", taken.tried);
        };
        many(&|_| "a".to_owned());
        many(&|at| format!("a.{}", 2 + at % FILES / 2));
        many(&|at| {
            if at < FILES / 2 {
                format!("a.{at}")
            } else {
                "a".to_owned()
            }
        });
        // Names that differ where they are cut.
        many(&|at| format!("{}{:04}", "x".repeat(251), at / 2));
    }
}
