//! Tells a release what commit it is built from, for `--version`: that of the
//! package where it was published, else that of the repository. A development
//! build is not told, so that a commit alone does not compile everything anew.

use std::path::Path;
use std::process::Command;

/// Digits of a commit that are shown.
const DIGITS: usize = 9;

/// What `cargo publish` leaves in a package.
const PUBLISHED: &str = ".cargo_vcs_info.json";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("PROFILE").as_deref() != Ok("release") {
        return;
    }
    let commit = published().or_else(checked_out);
    if let Some(commit) = commit.filter(|commit| commit.len() >= DIGITS) {
        println!("cargo:rustc-env=PEERSCOPE_COMMIT={}", &commit[..DIGITS]);
    }
}

/// The commit of a published package.
fn published() -> Option<String> {
    let text = std::fs::read_to_string(PUBLISHED).ok()?;
    let (_, after) = text.split_once("\"sha1\"")?;
    let digits = after.split('"').nth(1)?;
    is_commit(digits).then(|| digits.to_owned())
}

/// The commit of the repository that this folder is the top of.
fn checked_out() -> Option<String> {
    if !Path::new(".git").exists() {
        return None;
    }
    for name in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", name])?;
        // What is not there counts as changed, each time.
        if Path::new(&path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    git(&["rev-parse", "HEAD"]).filter(|commit| is_commit(commit))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
