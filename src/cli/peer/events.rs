//! The events that programs read (`--json`, docs/active.md).

use serde_json::{Value, json};

use crate::active::driver::{Note, Progress};

/// How far a session is.
pub(super) fn progress(progress: &Progress) -> Value {
    json!({
        "event": "progress", "seconds": progress.elapsed.as_secs_f64(),
        "done": progress.done, "size": progress.total, "peers": progress.peers,
        "downloaded": progress.downloaded, "uploaded": progress.uploaded,
    })
}

/// Its end.
pub(super) fn done(progress: &Progress) -> Value {
    json!({
        "event": "done", "seconds": progress.elapsed.as_secs_f64(), "size": progress.total,
        "downloaded": progress.downloaded, "uploaded": progress.uploaded,
    })
}

/// Something that happens once.
pub(super) fn note(note: &Note) -> Value {
    match note {
        Note::Torrent { name, size, pieces } => {
            json!({"event": "torrent", "name": name, "size": size, "pieces": pieces})
        }
        Note::Resumed { right, pieces } => {
            json!({"event": "resumed", "right": right, "pieces": pieces})
        }
        Note::Listening(address) => json!({"event": "listening", "address": address.to_string()}),
        Note::Connected(peer) => json!({"event": "connected", "peer": peer.to_string()}),
        Note::Closed(peer, reason) => {
            json!({"event": "closed", "peer": peer.to_string(), "reason": reason.to_string()})
        }
        Note::Retrying(peer, reason) => {
            json!({"event": "retrying", "peer": peer.to_string(), "reason": reason.to_string()})
        }
        Note::Unreadable(error) => json!({"event": "unreadable", "error": error}),
        Note::Report(report) => json!({"event": "report", "text": report.to_string()}),
        Note::Tracker(url, peers) => json!({"event": "tracker", "url": url, "peers": peers}),
        Note::TrackerWarned(url, text) => {
            json!({"event": "tracker_warning", "url": url, "text": text})
        }
        Note::TrackerFailed(url, error) => {
            json!({"event": "tracker_failed", "url": url, "error": error})
        }
    }
}
