//! Shows a page on a terminal as man(1) does.

use std::io::Write;
use std::process::{Command, Stdio};

/// Gives `roff` to man(1) and waits until it was read; false if there is no man
/// that would take it.
pub fn show(roff: &str) -> bool {
    let child = Command::new("man")
        .args(["-l", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    if let Some(mut pipe) = child.stdin.take() {
        // A pager that was left early has seen enough.
        let _ = pipe.write_all(roff.as_bytes());
    }
    child.wait().is_ok_and(|status| status.success())
}
