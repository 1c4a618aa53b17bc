//! What is done with the torrents of a capture, and their peers, before they are shown.

use super::trouble::tell;
use crate::swarm::{LeftOut, Swarm};

/// The order in which the capture names them first.
pub fn sort(swarms: &mut [Swarm]) {
    let first = |swarm: &Swarm| swarm.span.map_or(u64::MAX, |[first, _]| first.frame);
    swarms.sort_by_key(|swarm| (first(swarm), swarm.hash));
}

/// Says what was not kept.
pub fn tell_census(left_out: LeftOut) {
    for line in self::left_out(left_out) {
        tell(line);
    }
}

/// What was not kept, a line each.
pub fn left_out(left_out: LeftOut) -> Vec<String> {
    let mut lines = Vec::new();
    if left_out.torrents > 0 {
        lines.push(format!(
            "too many torrents: {} mentions of others are left out",
            left_out.torrents
        ));
    }
    if left_out.others > 0 {
        lines.push(format!(
            "too many peers, trackers or attempts: {} mentions of others are left out",
            left_out.others
        ));
    }
    if left_out.points > 0 {
        lines.push(format!(
            "too many peers: {} times at which they had more pieces are left out",
            left_out.points
        ));
    }
    if left_out.requests > 0 {
        lines.push(format!(
            "too many requests to the DHT and to trackers at once: {} were forgotten, and \
             late replies to them are not counted",
            left_out.requests
        ));
    }
    lines
}
