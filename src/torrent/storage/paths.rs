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
    /// By path: the number to try next for another file of that name. A number is
    /// tried once for each name, so that any number of equal names takes linear time.
    next: HashMap<String, u32>,
    /// Paths that were tried.
    tried: usize,
}

impl Taken {
    /// The path of `file`, with a number if another file has it already.
    fn path(&mut self, file: &File) -> PathBuf {
        let mut names: Vec<_> = file.path.iter().map(|name| clean(name)).collect();
        let last = names.pop().unwrap_or_else(|| "_".to_owned());
        let mut folder = names.join("/");
        if !folder.is_empty() {
            folder.push('/');
        }
        PathBuf::from(self.free(&folder, last))
    }

    /// The path of what is to be called `last` in `folder` (empty, or ending in a
    /// slash): with a number if that is taken.
    pub fn free(&mut self, folder: &str, mut last: String) -> String {
        let path = format!("{folder}{last}");
        if self.take(&path) {
            return path;
        }
        last.truncate(last.floor_char_boundary(MAX_NAME_BYTES - MAX_NUMBER_BYTES));
        let base = format!("{folder}{last}");
        let key = base.to_lowercase();
        let mut number = self.next.get(&key).copied().unwrap_or(FIRST_NUMBER);
        let path = loop {
            let path = format!("{base}.{number}");
            number = number.saturating_add(1);
            if self.take(&path) {
                break path;
            }
        };
        self.next.insert(key, number);
        path
    }

    /// Takes a path; says whether it was free.
    fn take(&mut self, path: &str) -> bool {
        self.tried += 1;
        match self.next.entry(path.to_lowercase()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(entry) => {
                entry.insert(FIRST_NUMBER);
                true
            }
        }
    }
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
