//! Stored items (BEP 44): where they belong, and whether they are signed by their
//! key.

use crate::wire::dht::{Body, Message, immutable_target, is_signed, mutable_target};

/// What was found out about an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The id under which it is stored.
    pub target: [u8; 20],
    /// Whether the signature of a mutable one holds; `None` for an immutable one.
    pub is_signed: Option<bool>,
}

/// What a message stores or finds.
pub fn item(message: &Message<'_>) -> Option<Item> {
    let (value, key, signature, sequence, salt) = match &message.body {
        Body::Query(query) => {
            let a = &query.arguments;
            (a.value?, a.key, a.signature, a.sequence, a.salt)
        }
        Body::Response(response) => {
            let r = &response.results;
            (r.value?, r.key, r.signature, r.sequence, None)
        }
        _ => return None,
    };
    let Some(key) = key else {
        return Some(Item {
            target: immutable_target(value),
            is_signed: None,
        });
    };
    let salt = salt.unwrap_or_default();
    let key: [u8; 32] = key.try_into().ok()?;
    Some(Item {
        target: mutable_target(&key, salt),
        is_signed: Some(is_signed(&key, signature, salt, sequence, value)),
    })
}
