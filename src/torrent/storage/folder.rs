//! Opens files below a folder without following links: the names come from a torrent,
//! and so may what is in the folder already.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Component, Path};

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::{Mode, mkdirat};
use nix::unistd::{UnlinkatFlags, unlinkat};

/// Permissions of new files and folders, before the umask.
const FILE_MODE: u32 = 0o666;
const FOLDER_MODE: u32 = 0o777;

/// A folder whose files are opened by their path below it. The folder itself was named by
/// the user: links on the way to it are followed.
#[derive(Debug)]
pub struct Folder(File);

impl Folder {
    /// Opens one that is there.
    ///
    /// # Errors
    ///
    /// When it does not exist, or is no folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            Ok(Self(file))
        } else {
            Err(Errno::ENOTDIR.into())
        }
    }

    /// Opens a regular file, to read and, where `flags` say so, to write.
    pub fn file(&self, path: &Path, flags: OFlag) -> io::Result<File> {
        // Opening a pipe would block until its other end is opened.
        let flags = flags | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let file = open_beneath(&self.0, path, flags)?;
        let kind = file.metadata()?.file_type();
        if kind.is_file() || kind.is_dir() {
            Ok(file)
        } else {
            Err(io::Error::other("not a regular file"))
        }
    }

    /// Creates the folders on the way to a file.
    pub fn make_parents(&self, path: &Path) -> io::Result<()> {
        let mut folder = self.0.try_clone()?;
        let Some(parent) = path.parent() else {
            return Ok(());
        };
        for step in steps(parent)? {
            folder = match open_step(&folder, step) {
                Err(Errno::ENOENT) => {
                    let mode = Mode::from_bits_truncate(FOLDER_MODE as nix::libc::mode_t);
                    match mkdirat(&folder, step, mode) {
                        Ok(()) | Err(Errno::EEXIST) => {}
                        Err(error) => return Err(error.into()),
                    }
                    open_step(&folder, step).map_err(explain)?
                }
                opened => opened.map_err(explain)?,
            };
        }
        Ok(())
    }

    /// Moves a file to another path; a file that was there is replaced.
    pub fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from_folder, from) = parent(&self.0, from)?;
        let (to_folder, to) = parent(&self.0, to)?;
        Ok(renameat(&from_folder, from, &to_folder, to)?)
    }

    /// Removes a file, or an empty folder.
    pub fn remove(&self, path: &Path) -> io::Result<()> {
        let (folder, name) = parent(&self.0, path)?;
        match unlinkat(&folder, name, UnlinkatFlags::NoRemoveDir) {
            Err(Errno::EISDIR | Errno::EPERM) => {
                Ok(unlinkat(&folder, name, UnlinkatFlags::RemoveDir)?)
            }
            removed => Ok(removed?),
        }
    }
}

fn file_mode() -> Mode {
    Mode::from_bits_truncate(FILE_MODE as nix::libc::mode_t)
}

/// Linux has a system call for this since 5.6; sandboxes may forbid it.
#[cfg(target_os = "linux")]
fn open_beneath(folder: &File, path: &Path, flags: OFlag) -> io::Result<File> {
    use nix::fcntl::{OpenHow, ResolveFlag, openat2};

    let resolve = ResolveFlag::RESOLVE_BENEATH | ResolveFlag::RESOLVE_NO_SYMLINKS;
    let how = OpenHow::new().flags(flags).resolve(resolve);
    let how = if flags.contains(OFlag::O_CREAT) {
        how.mode(file_mode())
    } else {
        how
    };
    match openat2(folder, path, how) {
        Err(Errno::ENOSYS | Errno::EPERM | Errno::EINVAL) => open_by_steps(folder, path, flags),
        opened => Ok(opened.map_err(explain)?.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn open_beneath(folder: &File, path: &Path, flags: OFlag) -> io::Result<File> {
    open_by_steps(folder, path, flags)
}

/// The same, folder by folder.
fn open_by_steps(folder: &File, path: &Path, flags: OFlag) -> io::Result<File> {
    let (folder, name) = parent(folder, path)?;
    let file = openat(&folder, name, flags | OFlag::O_NOFOLLOW, file_mode());
    Ok(file.map_err(explain)?.into())
}

fn open_step(folder: &File, step: &OsStr) -> nix::Result<File> {
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    openat(folder, step, flags, Mode::empty()).map(File::from)
}

/// The folder that a path leads to, and the name in it.
fn parent<'p>(folder: &File, path: &'p Path) -> io::Result<(File, &'p OsStr)> {
    let mut folder = folder.try_clone()?;
    let mut steps = steps(path)?;
    let name = steps.pop().ok_or(Errno::EISDIR)?;
    for step in steps {
        folder = open_step(&folder, step).map_err(explain)?;
    }
    Ok((folder, name))
}

/// The names on a path, none of which leads up or elsewhere.
fn steps(path: &Path) -> io::Result<Vec<&OsStr>> {
    let steps = path.components().map(|component| match component {
        Component::Normal(name) => Ok(name),
        _ => Err(io::Error::from(Errno::EXDEV)),
    });
    steps.collect()
}

/// The error in clearer words.
fn explain(error: Errno) -> io::Error {
    match error {
        Errno::ELOOP | Errno::EMLINK => io::Error::other("it is, or lies behind, a link"),
        // A pipe that nobody reads: it cannot be opened for writing.
        Errno::ENXIO => io::Error::other("not a regular file"),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    type Open = fn(&File, &Path, OFlag) -> io::Result<File>;

    const NEW: OFlag = OFlag::O_RDWR.union(OFlag::O_CREAT);

    /// With the system's call, and without.
    const WAYS: [Open; 2] = [open_beneath, open_by_steps];

    #[test]
    fn no_link_is_followed() {
        let outside = tempfile::tempdir().unwrap();
        let victim = outside.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        for open in WAYS {
            let inside = tempfile::tempdir().unwrap();
            let path = inside.path();
            symlink(&victim, path.join("file")).unwrap();
            symlink(outside.path(), path.join("folder")).unwrap();
            symlink("nowhere", path.join("dangling")).unwrap();
            fs::create_dir(path.join("real")).unwrap();
            symlink("../real", path.join("real/round")).unwrap();
            let folder = Folder::open(path).unwrap();
            for name in [
                "file",
                "folder/victim",
                "folder/new",
                "dangling",
                "real/round/new",
            ] {
                let error = open(&folder.0, Path::new(name), NEW).unwrap_err();
                let text = error.to_string();
                assert!(
                    text.contains("a link") || text.contains("ot a directory"),
                    "{text}"
                );
            }
            open(&folder.0, Path::new("real/new"), NEW).unwrap();
            assert!(path.join("real/new").exists() && !path.join("nowhere").exists());
        }
        assert_eq!(fs::read(&victim).unwrap(), b"precious");
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_leads_out() {
        let inside = tempfile::tempdir().unwrap();
        for open in WAYS {
            let folder = Folder::open(inside.path()).unwrap();
            for name in ["../x", "/etc/passwd", "a/../../x"] {
                open(&folder.0, Path::new(name), NEW).unwrap_err();
            }
        }
    }

    #[test]
    fn folders_are_made_but_not_behind_links() {
        let outside = tempfile::tempdir().unwrap();
        let inside = tempfile::tempdir().unwrap();
        symlink(outside.path(), inside.path().join("link")).unwrap();
        let folder = Folder::open(inside.path()).unwrap();
        for _ in 0..2 {
            folder.make_parents(Path::new("a/b/file")).unwrap();
            folder.make_parents(Path::new("link/b/file")).unwrap_err();
        }
        assert!(inside.path().join("a/b").is_dir());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_renamed_or_removed_lies_inside() {
        let outside = tempfile::tempdir().unwrap();
        let inside = tempfile::tempdir().unwrap();
        let path = inside.path();
        fs::write(outside.path().join("victim"), "precious").unwrap();
        symlink(outside.path(), path.join("link")).unwrap();
        fs::create_dir(path.join("sub")).unwrap();
        fs::write(path.join("new"), "new").unwrap();
        let folder = Folder::open(path).unwrap();
        let new = Path::new("new");
        for to in ["link/victim", "../x", "/tmp/x"] {
            folder.rename(new, Path::new(to)).unwrap_err();
            folder.remove(Path::new(to)).unwrap_err();
        }
        // What is a link itself is replaced, not followed.
        symlink(outside.path().join("victim"), path.join("sub/name")).unwrap();
        folder.rename(new, Path::new("sub/name")).unwrap();
        assert_eq!(fs::read(path.join("sub/name")).unwrap(), b"new");
        assert_eq!(
            fs::read(outside.path().join("victim")).unwrap(),
            b"precious"
        );
        folder.remove(Path::new("sub/name")).unwrap();
        folder.remove(Path::new("sub")).unwrap();
        assert!(!path.join("sub").exists());
    }
}
