//! The rules of [`super::create`] where there are users and links.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path};

use nix::errno::Errno;
use nix::fcntl::{OFlag, open, openat, readlinkat};
use nix::sys::stat::Mode;
use nix::unistd::geteuid;

use super::output_file::{Existing, OutputFile};

/// For its owner alone.
const PRIVATE: u32 = 0o600;

/// Permissions that let others than the owner change what a folder holds.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// In such a folder only the owner of an entry, or of the folder, can replace it.
const STICKY: u32 = 0o1000;

/// Links on the way to a file, as many as Linux follows.
const MAX_LINKS: usize = 40;

/// Opens a folder to look things up in it.
#[cfg(any(target_os = "linux", target_os = "android"))]
const LOOK_UP: OFlag = OFlag::O_PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const LOOK_UP: OFlag = OFlag::O_RDONLY;

/// Who writes a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer {
    user: u32,
    /// Whom root works for: the user who called sudo.
    caller: Option<u32>,
}

impl Writer {
    /// Whoever runs this process.
    pub fn of_process() -> Self {
        let user = geteuid().as_raw();
        let number = || std::env::var("SUDO_UID").ok()?.parse().ok();
        let caller = if user == 0 { number() } else { None };
        Self { user, caller }
    }

    fn is_root(self) -> bool {
        self.user == 0
    }

    /// Whether what `owner` has put into a folder of `folder_owner` may be written
    /// to, or followed.
    fn trusts(self, owner: u32, folder_owner: u32) -> bool {
        owner == self.user || owner == folder_owner || self.caller == Some(owner)
    }
}

/// See [`super::create`].
pub(super) fn create(writer: Writer, path: &Path, existing: Existing) -> io::Result<OutputFile> {
    // Between two looks at it a file can come or go.
    for _ in 0..8 {
        let made = if writer.is_root() {
            as_root(writer, path, existing)
        } else {
            as_user(writer, path, existing)
        };
        match made {
            Err(error) if error.kind() == ErrorKind::NotFound && name(path).is_ok() => {
                // The folder is missing, and not the file alone.
                if std::fs::metadata(folder(path)).is_err() || is_link(path) {
                    return Err(error);
                }
            }
            made => return made,
        }
    }
    Err(ErrorKind::ResourceBusy.into())
}

/// For who has no other rights than those that a planted link could misuse: the
/// system checks the way to the file.
fn as_user(writer: Writer, path: &Path, existing: Existing) -> io::Result<OutputFile> {
    let mut options = File::options();
    options.write(true).append(existing == Existing::Append);
    let made = options.clone().create_new(true).mode(PRIVATE).open(path);
    match made {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && existing != Existing::Refuse => {}
        made => return Ok(OutputFile::made(made?)),
    }
    let entry = path.symlink_metadata()?;
    let folder = std::fs::metadata(folder(path))?;
    if entry.is_symlink() {
        if !writer.trusts(entry.uid(), folder.uid()) && entry.uid() != 0 {
            return Err(refused("a link that belongs to another user"));
        }
        // A link of one's own may lead to what is not there yet.
        let file = options.create(true).mode(PRIVATE).open(path)?;
        return OutputFile::reused(file, existing);
    }
    let file = options.open(path)?;
    check(writer, &file.metadata()?, folder.uid())?;
    make_private(writer, &file)?;
    OutputFile::reused(file, existing)
}

/// For root: goes to the file's folder step by step, and opens no link there.
fn as_root(writer: Writer, path: &Path, existing: Existing) -> io::Result<OutputFile> {
    let name = name(path)?;
    let folder = walk(folder(path))?;
    let mut flags = OFlag::O_WRONLY | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    if existing == Existing::Append {
        flags |= OFlag::O_APPEND;
    }
    let open = |more| {
        let mode = Mode::from_bits_truncate(PRIVATE as nix::libc::mode_t);
        openat(&folder, name, flags | more, mode).map(File::from)
    };
    match open(OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW) {
        Err(Errno::EEXIST) if existing != Existing::Refuse => {}
        made => return Ok(OutputFile::made(made?)),
    }
    let file = match open(OFlag::O_NOFOLLOW) {
        Err(Errno::ELOOP | Errno::EMLINK) if is_of_system(&folder)? => {
            return OutputFile::reused(open(OFlag::empty())?, existing);
        }
        Err(Errno::ELOOP | Errno::EMLINK) => {
            return Err(refused(
                "a link, and root follows none: name the file itself",
            ));
        }
        opened => opened?,
    };
    let metadata = file.metadata()?;
    check(writer, &metadata, folder.metadata()?.uid())?;
    if metadata.is_file() && metadata.nlink() > 1 {
        return Err(refused("a file of several names (hard links)"));
    }
    make_private(writer, &file)?;
    OutputFile::reused(file, existing)
}

impl OutputFile {
    fn made(file: File) -> Self {
        Self { file, is_new: true }
    }

    fn reused(file: File, existing: Existing) -> io::Result<Self> {
        if existing == Existing::Replace && file.metadata()?.is_file() {
            file.set_len(0)?;
        }
        Ok(Self {
            file,
            is_new: false,
        })
    }
}

/// Whether a file that was there may be written to: in a folder that all can write
/// to, anybody can have put it there to read what comes.
fn check(writer: Writer, file: &Metadata, folder_owner: u32) -> io::Result<()> {
    let kind = file.file_type();
    let can_be_planted = kind.is_file() || kind.is_fifo();
    if can_be_planted && !writer.trusts(file.uid(), folder_owner) {
        return Err(refused("a file that belongs to another user"));
    }
    Ok(())
}

/// What was written before others were kept out stays as it was; what comes does not.
fn make_private(writer: Writer, file: &File) -> io::Result<()> {
    let metadata = file.metadata()?;
    if metadata.is_file() && metadata.uid() == writer.user {
        file.set_permissions(Permissions::from_mode(PRIVATE))?;
    }
    Ok(())
}

/// Opens a folder, following only links that nobody but root can have made or
/// can replace on the way.
fn walk(path: &Path) -> io::Result<File> {
    let flags = LOOK_UP | OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let start = |path: &str| open(path, flags, Mode::empty()).map(File::from);
    let mut folder = start(".")?;
    let mut links = 0;
    // The steps that are left, the next one last.
    let mut steps = steps(path);
    while let Some(step) = steps.pop() {
        if step == "/" {
            folder = start("/")?;
            continue;
        }
        match openat(&folder, step.as_os_str(), flags, Mode::empty()) {
            Ok(next) => folder = File::from(next),
            Err(error @ (Errno::ELOOP | Errno::EMLINK | Errno::ENOTDIR)) => {
                let target = readlinkat(&folder, step.as_os_str()).map_err(|_| error)?;
                let metadata = folder.metadata()?;
                if !is_roots_link(&folder, &step, &metadata)? {
                    let words = "behind a link that another user can change, and root follows none";
                    return Err(refused(words));
                }
                links += 1;
                if links > MAX_LINKS {
                    return Err(Errno::ELOOP.into());
                }
                steps.extend(self::steps(Path::new(&target)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(folder)
}

/// The steps of a path, the last one first.
fn steps(path: &Path) -> Vec<OsString> {
    let steps = path.components().filter(|step| *step != Component::CurDir);
    steps
        .rev()
        .map(|step| step.as_os_str().to_owned())
        .collect()
}

/// Whether a link belongs to root, in a folder in which only root can change it.
fn is_roots_link(folder: &File, name: &OsStr, metadata: &Metadata) -> io::Result<bool> {
    use nix::fcntl::AtFlags;
    use nix::sys::stat::fstatat;

    let link = fstatat(folder, name, AtFlags::AT_SYMLINK_NOFOLLOW)?;
    let mode = metadata.mode();
    let is_guarded = mode & WRITABLE_BY_OTHERS == 0 || mode & STICKY != 0;
    Ok(link.st_uid == 0 && metadata.uid() == 0 && is_guarded)
}

/// Whether a folder is one whose links the system makes: `/dev`, or any of `/proc`.
fn is_of_system(folder: &File) -> io::Result<bool> {
    let folder = folder.metadata()?;
    let is_same = |other: Metadata| (other.dev(), other.ino()) == (folder.dev(), folder.ino());
    let is_dev = std::fs::metadata("/dev").is_ok_and(is_same);
    let is_proc = std::fs::metadata("/proc").is_ok_and(|proc| proc.dev() == folder.dev());
    let is_guarded = folder.uid() == 0 && folder.mode() & WRITABLE_BY_OTHERS == 0;
    // Where /proc is a folder like any other, it is on the device of all else.
    let is_mounted = std::fs::metadata("/").is_ok_and(|root| root.dev() != folder.dev());
    Ok(is_guarded && (is_dev || is_proc && is_mounted))
}

fn is_link(path: &Path) -> bool {
    path.symlink_metadata()
        .is_ok_and(|entry| entry.is_symlink())
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        Some(_) => Path::new("."),
        None => Path::new("/"),
    }
}

fn name(path: &Path) -> io::Result<&OsStr> {
    let ends_as_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let name = path.file_name().filter(|_| !ends_as_folder);
    name.ok_or_else(|| io::Error::from(ErrorKind::IsADirectory))
}

fn refused(words: &str) -> io::Error {
    io::Error::other(format!("this is {words}"))
}

#[cfg(test)]
#[path = "unix_tests.rs"]
mod tests;
