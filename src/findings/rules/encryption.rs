//! Rules on encryption (MSE). What one message shows is found by its dissector.

use super::ending::Ending;
use crate::findings::finding::{Excerpt, Finding};
use crate::findings::gathered::Gathered;
use crate::findings::rule::Rule;
use crate::findings::watch::Watch;
use crate::flow::Side;
use crate::session::{Encryption, Heard};
use crate::wire::mse::{Message, Methods, PLAINTEXT, RC4};

pub static MS_E2: Rule = Rule::error("MS-E2", 0, "an MSE negotiation that breaks its layout").explained(
    "Padding has 512 bytes at most, the offer begins with the hash of 'req1' and the secret, the verification constant is eight zero bytes, and the acceptor selects one of the offered methods.",
    "The other side closes the connection, often after a timeout.",
    "Compare with the specification of Message Stream Encryption.",
);
pub static MS_E1: Rule = Rule::info("MS-E1", 0, "an encrypted connection").explained(
    "The connection begins with a negotiation of Message Stream Encryption (MSE), at an end that is a peer's.",
    "What is said on it cannot be read, and no rule on messages is judged.",
    "Write the keys down (--keylog FILE), read them out of the client (peerscope keys), or switch encryption off on one side for the test.",
);

pub static RULES: &[&Rule] = &[&MS_E1, &MS_E2];

/// A stretch of a negotiation.
pub fn hear(heard: &Heard<'_>, message: &Message, watch: &mut Watch, gathered: &mut Gathered) {
    match message {
        Message::Offer(offer) => watch.offered = Some((offer.provide, heard.last)),
        Message::Choice(choice) => {
            let selected = Methods(choice.select.0 & (PLAINTEXT | RC4));
            // That there is not one of each is told of them alone.
            let Some((offered, at)) = watch.offered.filter(|(offered, _)| {
                let has_some = offered.has(PLAINTEXT) || offered.has(RC4);
                selected.only().is_some() && has_some && !offered.has(selected.0)
            }) else {
                return;
            };
            let words = format!("selects {selected}, and #{} offers {offered}", at.frame);
            let mut finding = Finding::of(&MS_E2, heard, words);
            finding.excerpt = Excerpt::of(heard, None);
            gathered.add(finding);
        }
        _ => {}
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
