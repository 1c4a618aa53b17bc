//! Rules on local discovery. What one message shows is found by its dissector.

use super::dht::PV_02;
use crate::findings::discovery::Loose;
use crate::findings::rule::Rule;
use crate::wire::lsd::Announce;

pub static LS_01: Rule = Rule::error("LS-01", 14, "a local announce that cannot be read").explained(
    "BT-SEARCH * HTTP/1.1 with Host, Port and one Infohash or more of 40 hex digits, ended by an empty line, 1400 bytes at most.",
    "Clients in the same network do not find each other.",
    "Compare with BEP 14; end lines with CR LF.",
);

pub static RULES: &[&Rule] = &[&LS_01];

/// A local announce.
pub fn lsd(loose: &mut Loose<'_>, announce: &Announce<'_>) {
    for digits in &announce.info_hashes {
        let mut hash = [0; 20];
        if hex::decode_to_slice(digits, &mut hash).is_ok() && loose.discovery.is_private(&hash) {
            let words = format!("local announce of {}, which is private", hex::encode(hash));
            loose.find(&PV_02, words);
        }
    }
}
