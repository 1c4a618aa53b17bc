//! What views can ask of a message that was pasted, or of which a log tells.

use serde_json::Value as Json;

use crate::pasted::{self, Meaning, Stretch};
use crate::view::{Subject, peer_facts};
use crate::wire::dht;
use crate::wire::{Message, Note, Tree};

/// A stretch of pasted bytes, and what it means.
pub struct Pasted<'p, 'b> {
    /// The bytes, and how they are read.
    pub stretch: &'p Stretch<'b>,
    /// What they were read as.
    pub meaning: &'p Meaning<'b>,
    /// Values of it were damaged: what it needs may be among them.
    pub is_damaged: bool,
}

impl Subject for Pasted<'_, '_> {
    fn dissect(&self, tree: &mut Tree) {
        self.stretch.dissect(tree);
        if self.is_damaged {
            tree.forget_notes(|note| matches!(note, Note::Malformed(_)));
        }
    }

    fn facts(&self) -> Vec<(&'static str, Json)> {
        match self.meaning {
            Meaning::Message(Message::Peer(message)) => peer_facts(message),
            Meaning::Message(Message::Dht(message)) => dht_facts(message),
            _ => Vec::new(),
        }
    }

    fn decoded(&self, tree: &mut Tree) -> Option<Vec<u8>> {
        match self.meaning {
            Meaning::Message(message) => message.dissect_decoded(self.stretch.bytes, tree),
            _ => None,
        }
    }
}

/// What a message of the DHT says beside its fields: its method, and of a stored item
/// where it belongs and whether its signature holds.
fn dht_facts(message: &dht::Message<'_>) -> Vec<(&'static str, Json)> {
    let method = message.method().map(|method| method.to_string());
    let item = pasted::item(message);
    let target = item.as_ref().map(|item| hex::encode(item.target));
    let verdict = item.and_then(|item| item.is_signed);
    let verdict = verdict.map(|is_signed| {
        if is_signed {
            "verified"
        } else {
            "not_verified"
        }
    });
    let facts = [
        method.map(|method| ("method", method.into())),
        target.map(|target| ("item_target", target.into())),
        verdict.map(|verdict| ("item_signature", verdict.into())),
    ];
    facts.into_iter().flatten().collect()
}

/// What a log says of a message whose bytes it does not have.
pub struct LoggedWords<'w>(pub &'w str);

impl Subject for LoggedWords<'_> {
    fn dissect(&self, _: &mut Tree) {}

    fn facts(&self) -> Vec<(&'static str, Json)> {
        let said = (!self.0.is_empty()).then(|| ("said", self.0.into()));
        said.into_iter().collect()
    }
}
