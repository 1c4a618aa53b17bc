//! `peerscope report`: the page says what the other commands say, is safe and small
//! whatever the capture holds, tells no names where it may not, and looks as it
//! should in a browser.
//!
//! * `values`: figures and findings beside those of `sessions --json` and
//!   `check --json`,
//! * `safety`: markup, size and links, on every capture that is at hand,
//! * `anonymous`: nothing of the capture's names in the page and in `read --json`,
//! * `bounds`: memory, and the length of the page, at captures made to spend them,
//! * `browser`: headless Chromium, where it is installed (`CHROMIUM` names another).

mod anonymous;
mod bounds;
mod browser;
mod chromium;
#[path = "../command/corpus.rs"]
#[allow(dead_code)] // The tests of commands need all of it.
mod corpus;
#[path = "../made/mod.rs"]
mod made;
mod page;
mod safety;
mod values;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What `peerscope` prints, whatever its exit status.
fn printed<I: IntoIterator<Item: AsRef<OsStr>>>(arguments: I) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerscope"));
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let output = output.expect("peerscope runs");
    let code = output.status.code();
    assert!(code.is_some_and(|code| code < 3), "{code:?}");
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// The report of a capture.
fn report(capture: &Path, options: &[&str]) -> String {
    let mut arguments = vec!["report", "-q", "-o", "-"];
    arguments.extend(options);
    let arguments = arguments.into_iter().map(OsStr::new);
    printed(arguments.chain([capture.as_os_str()]))
}

/// The lines of JSON that a command prints of a capture.
fn json(command: &str, capture: &Path, options: &[&str]) -> Vec<serde_json::Value> {
    let mut arguments = vec![command, "-q", "--json"];
    arguments.extend(options);
    let arguments = arguments.into_iter().map(OsStr::new);
    let text = printed(arguments.chain([capture.as_os_str()]));
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("lines of JSON")
}

/// The captures that come with the sources.
fn shipped() -> Vec<PathBuf> {
    let folders = ["cases", "lab", "reports", "attacks"].map(corpus::shipped);
    let mut all: Vec<_> = folders
        .iter()
        .flat_map(|folder| corpus::captures(folder))
        .collect();
    all.push(corpus::shipped("demo.pcap"));
    all
}

/// Those, and the ones that are too large or not ours to ship.
fn everything() -> Vec<PathBuf> {
    let folders = ["lab", "public", "negatives", "broken", "reports"];
    let shared = folders.into_iter().filter_map(corpus::shared);
    let shared = shared.flat_map(|folder| corpus::captures(&folder));
    shipped().into_iter().chain(shared).collect()
}
