use std::fs;
use std::io::Write;
use std::os::unix::fs::{lchown, symlink};
use std::path::PathBuf;

use super::*;

const ROOT: Writer = Writer {
    user: 0,
    caller: Some(4321),
};

/// Another than whoever runs the test, and than the caller of sudo.
const STRANGER: u32 = 9876;

fn me() -> Writer {
    Writer {
        user: geteuid().as_raw(),
        caller: None,
    }
}

type Create = fn(Writer, &Path, Existing) -> io::Result<OutputFile>;

/// Both ways, with whoever runs the test in the part of a user.
fn each(test: impl Fn(&dyn Fn(&Path, Existing) -> io::Result<OutputFile>, &Path)) {
    for way in [as_user as Create, as_root as Create] {
        let way = |path: &Path, existing| way(me(), path, existing);
        let folder = tempfile::tempdir().expect("folder");
        test(&way, &folder.path().canonicalize().expect("there"));
    }
}

fn is_root() -> bool {
    let root = geteuid().is_root();
    if !root {
        eprintln!("skipped: only root can give files to others");
    }
    root
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("there").mode() & 0o777
}

#[test]
fn a_new_file_is_for_its_owner_alone() {
    each(|create, folder| {
        let path = folder.join("new");
        let file = create(&path, Existing::Replace).expect("made");
        assert!(file.is_new());
        assert_eq!(mode(&path), 0o600);
    });
}

#[test]
fn what_is_there_is_replaced_kept_or_refused() {
    each(|create, folder| {
        let path = folder.join("old");
        fs::write(&path, "old").expect("written");
        let write = |existing| {
            let file = create(&path, existing)?;
            assert!(!file.is_new());
            file.into_file().write_all(b"+")
        };
        write(Existing::Append).expect("appended");
        assert_eq!(fs::read(&path).expect("there"), b"old+");
        write(Existing::Replace).expect("replaced");
        assert_eq!(fs::read(&path).expect("there"), b"+");
        assert_eq!(mode(&path), 0o600);
        let error = write(Existing::Refuse).expect_err("there");
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    });
}

#[test]
fn a_users_own_link_works_also_to_what_is_not_there() {
    let folder = tempfile::tempdir().expect("folder");
    let (link, target) = (folder.path().join("link"), folder.path().join("target"));
    symlink("target", &link).expect("link");
    for _ in 0..2 {
        let file = create(me_as_user(), &link, Existing::Replace).expect("opened");
        assert!(!file.is_new());
        file.into_file().write_all(b"x").expect("written");
        assert_eq!(fs::read(&target).expect("there"), b"x");
    }
}

/// Root in the part of a user who owns what root owns.
fn me_as_user() -> Writer {
    let user = me().user;
    let user = if user == 0 { u32::MAX - 1 } else { user };
    Writer { user, caller: None }
}

#[test]
fn root_follows_no_link_to_a_file() {
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path().canonicalize().expect("there");
    let (link, target) = (folder.join("link"), folder.join("target"));
    fs::write(&target, "secret").expect("written");
    for target in ["target", "missing"] {
        symlink(target, &link).expect("link");
        for existing in [Existing::Replace, Existing::Append, Existing::Refuse] {
            create(ROOT, &link, existing).expect_err("a link");
        }
        fs::remove_file(&link).expect("there");
    }
    assert_eq!(fs::read(&target).expect("there"), b"secret");
    assert!(!folder.join("missing").exists());
}

#[test]
fn root_follows_links_on_the_way_only_if_they_are_roots() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path().canonicalize().expect("there");
    fs::create_dir(folder.join("real")).expect("folder");
    symlink("real", folder.join("roots")).expect("link");
    symlink(folder.join("roots"), folder.join("planted")).expect("link");
    lchown(folder.join("planted"), Some(STRANGER), None).expect("given");
    create(ROOT, &folder.join("roots/../roots/./a"), Existing::Refuse).expect("made");
    assert!(folder.join("real/a").exists());
    create(ROOT, &folder.join("planted/b"), Existing::Refuse).expect_err("planted");
    // What root made in a folder of others they can replace.
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).expect("changed");
    create(ROOT, &folder.join("roots/c"), Existing::Refuse).expect_err("writable");
    fs::set_permissions(&folder, Permissions::from_mode(0o1777)).expect("changed");
    create(ROOT, &folder.join("roots/c"), Existing::Refuse).expect("sticky");
}

#[test]
fn a_loop_of_links_ends() {
    let folder = tempfile::tempdir().expect("folder");
    symlink("loop", folder.path().join("loop")).expect("link");
    create(ROOT, &folder.path().join("loop/x"), Existing::Replace).expect_err("a loop");
}

#[test]
fn what_others_have_put_there_is_not_written_to() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let folder = folder.path().canonicalize().expect("there");
    let path = folder.join("file");
    let put = |owner| {
        fs::write(&path, "old").expect("written");
        lchown(&path, Some(owner), None).expect("given");
    };
    put(STRANGER);
    create(ROOT, &path, Existing::Replace).expect_err("a stranger's");
    create(me_as_user(), &path, Existing::Replace).expect_err("a stranger's");
    assert_eq!(fs::read(&path).expect("there"), b"old");
    put(4321);
    let file = create(ROOT, &path, Existing::Replace).expect("the caller's");
    // Not root's to give, or to close to others.
    file.give_to(STRANGER, STRANGER).expect("nothing to do");
    assert_eq!(fs::metadata(&path).expect("there").uid(), 4321);
    put(STRANGER);
    lchown(&folder, Some(STRANGER), None).expect("given");
    create(ROOT, &path, Existing::Replace).expect("in the stranger's own folder");
}

#[test]
fn root_writes_to_no_file_of_two_names() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("one");
    fs::write(&path, "old").expect("written");
    fs::hard_link(&path, folder.path().join("two")).expect("linked");
    create(ROOT, &path, Existing::Replace).expect_err("two names");
    assert_eq!(fs::read(&path).expect("there"), b"old");
}

#[test]
fn a_new_file_can_be_given_away() {
    if !is_root() {
        return;
    }
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("new");
    let file = create(ROOT, &path, Existing::Replace).expect("made");
    file.give_to(4321, 1234).expect("given");
    assert_eq!(fs::metadata(&path).expect("there").uid(), 4321);
}

#[test]
fn devices_and_links_of_the_system_work() {
    each(|create, _| {
        create(Path::new("/dev/null"), Existing::Replace).expect("a device");
        if Path::new("/proc/self/fd").exists() {
            let file = tempfile::tempfile().expect("file");
            let number = std::os::fd::AsRawFd::as_raw_fd(&file);
            let link = PathBuf::from(format!("/proc/self/fd/{number}"));
            create(&link, Existing::Append).expect("a link of the system");
        }
    });
}

#[test]
fn a_folder_is_none() {
    let folder = tempfile::tempdir().expect("folder");
    for path in [folder.path(), &folder.path().join("new/"), Path::new("..")] {
        create(ROOT, path, Existing::Replace).expect_err("a folder");
        create(me(), path, Existing::Replace).expect_err("a folder");
    }
    create(ROOT, &folder.path().join("no/x"), Existing::Replace).expect_err("no folder");
}
