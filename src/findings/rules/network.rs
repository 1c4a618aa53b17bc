//! Rules on encryption and local discovery. What one message shows is found by
//! its dissector.

use super::dht::PV_02;
use super::ending::Ending;
use crate::findings::discovery::Loose;
use crate::findings::rule::Rule;
use crate::flow::Side;
use crate::session::Encryption;
use crate::wire::lsd::Announce;

pub static LS_01: Rule = Rule::error("LS-01", 14, "a local announce that cannot be read").explained(
    "BT-SEARCH * HTTP/1.1 with Host, Port and one Infohash or more of 40 hex digits, ended by an empty line, 1400 bytes at most.",
    "Clients in the same network do not find each other.",
    "Compare with BEP 14; end lines with CR LF.",
);
pub static MS_E2: Rule = Rule::error("MS-E2", 0, "an MSE negotiation that breaks its layout").explained(
    "Padding has 512 bytes at most, the verification constant is eight zero bytes, and the acceptor selects one of the offered methods.",
    "The other side closes the connection, often after a timeout.",
    "Compare with the specification of Message Stream Encryption.",
);
pub static MS_E1: Rule = Rule::info("MS-E1", 0, "an encrypted connection").explained(
    "The connection begins with a negotiation of Message Stream Encryption (MSE), at an end that is a peer's.",
    "What is said on it cannot be read, and no rule on messages is judged.",
    "Write the keys down (--keylog FILE), read them out of the client (peerscope keys), or switch encryption off on one side for the test.",
);

pub static RULES: &[&Rule] = &[&LS_01, &MS_E1, &MS_E2];

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

/// The end: whether anything could be read.
pub fn conclude(ending: &mut Ending<'_>) {
    let ended = ending.ended;
    let is_silent = |side| ended.conversation.speaker(side).counts.total() == 0;
    let is_encrypted = matches!(
        ended.encryption,
        Encryption::MseRc4 | Encryption::MseUnknown
    );
    if is_encrypted && Side::BOTH.into_iter().all(is_silent) {
        let method = match ended.encryption {
            Encryption::MseRc4 => "MSE, then RC4",
            _ => "MSE, as far as can be seen",
        };
        let words = format!("{method}: what is said cannot be read");
        ending.find(&MS_E1, Side::Initiator, ended.connection.first, words);
    }
}
