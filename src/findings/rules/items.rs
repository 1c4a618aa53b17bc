//! Whether what is stored in the DHT is what its target or its key says (BEP 44).

use crate::findings::discovery::Loose;
use crate::findings::rule::Rule;
use crate::packet::Stamp;
use crate::session::Heard;
use crate::wire::dht::{Method, Query, Results, immutable_target, is_signed, mutable_target};

pub static DT_12: Rule = Rule::error("DT-12", 44, "an item of BEP 44 that is not what it says")
    .explained(
        "A public key has 32 bytes, a signature 64, and the signature holds. The target of an item without a key is the SHA-1 of its bencoded value.",
        "Nodes refuse to store it (error 203, 206), and who looks for it throws it away.",
        "Sign the bencoded salt, seq and v with ed25519, byte for byte as they are sent; give the value back as it was stored.",
    );

/// The parts of a mutable item.
struct Mutable<'i> {
    key: [u8; 32],
    signature: Option<&'i [u8]>,
    sequence: Option<i64>,
    salt: &'i [u8],
    value: &'i [u8],
}

impl Mutable<'_> {
    /// What is wrong with its signature, in words.
    fn fault(&self) -> Option<&'static str> {
        if self.signature.is_none() {
            return Some("a key, and no signature");
        }
        if self.sequence.is_none() {
            return Some("a signature, and no seq");
        }
        if self.holds(self.salt) {
            return None;
        }
        if !self.salt.is_empty() && self.holds(b"") {
            return Some("the signature holds without the salt, which it has to sign");
        }
        Some("the signature does not hold")
    }

    fn holds(&self, salt: &[u8]) -> bool {
        let Self { key, value, .. } = self;
        is_signed(key, self.signature, salt, self.sequence, value)
    }
}

/// Whether all of a message is there, in its layout.
fn is_sound(heard: &Heard<'_>) -> bool {
    heard.missing == 0 && heard.problem().is_none()
}

/// A query: what it stores, or where it looks.
pub fn asked(loose: &mut Loose<'_>, query: &Query<'_>) {
    let (heard, arguments) = (loose.heard, &query.arguments);
    let target = arguments.target.and_then(|target| target.try_into().ok());
    if let Some(target) = target.filter(|_| query.method == Method::GET) {
        loose.discovery.seeks(target, heard.last);
    }
    let key = arguments.key.and_then(|key| key.try_into().ok());
    let (Some(key), Some(value), Method::PUT) = (key, arguments.value, query.method) else {
        return;
    };
    let item = Mutable {
        key,
        signature: arguments.signature,
        sequence: arguments.sequence,
        salt: arguments.salt.unwrap_or_default(),
        value,
    };
    if let Some(fault) = item.fault().filter(|_| is_sound(heard)) {
        loose.find(&DT_12, fault.to_owned());
    }
}

/// A reply to the query of a packet: whether what it brings is what was looked for.
pub fn found(loose: &mut Loose<'_>, asked: Stamp, results: &Results<'_>) {
    let heard = loose.heard;
    let target = loose.discovery.sought(asked, heard.last.time);
    let (Some(value), Some(target)) = (results.value, target.filter(|_| is_sound(heard))) else {
        return;
    };
    let Some(key) = results.key else {
        let own = immutable_target(value);
        // One that is signed lacks its key.
        if own != target && results.signature.is_none() && results.sequence.is_none() {
            let words = format!(
                "the SHA-1 of the value is {}, the target of #{} {}",
                hex::encode(own),
                asked.frame,
                hex::encode(target)
            );
            loose.find(&DT_12, words);
        }
        return;
    };
    // Of one with a salt, who looks for it knows the salt, and nobody else.
    let key = key.try_into().ok();
    let Some(key) = key.filter(|key| mutable_target(key, b"") == target) else {
        return;
    };
    let item = Mutable {
        key,
        signature: results.signature,
        sequence: results.sequence,
        salt: b"",
        value,
    };
    if let Some(fault) = item.fault() {
        loose.find(&DT_12, fault.to_owned());
    }
}
