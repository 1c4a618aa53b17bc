//! Rules on local discovery. What one message shows is found by its dissector.

use super::dht::PV_02;
use crate::findings::discovery::{Loose, MAX_LOCAL};
use crate::findings::rule::Rule;
use crate::findings::scene::span;
use crate::wire::Severity;
use crate::wire::lsd::Announce;

/// A torrent is announced to the neighbours once a minute at most (BEP 14); timers are not
/// exact.
const CALL_NANOS: i64 = 55_000_000_000;

pub static LS_01: Rule = Rule::error("LS-01", 14, "a local announce that cannot be read, or comes too often").explained(
    "BT-SEARCH * HTTP/1.1 with Host, Port and one Infohash or more of 40 hex digits, ended by an empty line, 1400 bytes at most; once a minute at most for a torrent, a few repetitions against loss aside.",
    "Clients in the same network do not find each other, or all of the network is kept busy.",
    "Compare with BEP 14; end lines with CR LF; announce a torrent every five minutes.",
);

pub static RULES: &[&Rule] = &[&LS_01];

/// A local announce.
pub fn lsd(loose: &mut Loose<'_>, announce: &Announce<'_>) {
    for digits in &announce.info_hashes {
        let mut hash = [0; 20];
        if hex::decode_to_slice(digits, &mut hash).is_err() {
            continue;
        }
        if loose.discovery.is_private(&hash) {
            let words = format!("local announce of {}, which is private", hex::encode(hash));
            loose.find(&PV_02, words);
        }
        often(loose, hash);
    }
}

/// Whether a torrent is announced more often than once a minute.
fn often(loose: &mut Loose<'_>, info_hash: [u8; 20]) {
    let (host, at) = (loose.heard.src.ip(), loose.heard.last);
    let before = loose.discovery.calls(host, info_hash, at);
    let since = before.first().filter(|_| before.len() >= MAX_LOCAL);
    let after = since.map(|since| at.time.since(*since));
    if let Some(after) = after.filter(|after| (0..CALL_NANOS).contains(after)) {
        let count = MAX_LOCAL + 1;
        let words = format!("{count} announces of a torrent in {}", span(after));
        loose.find_as(&LS_01, Severity::Warning, words);
    }
}
