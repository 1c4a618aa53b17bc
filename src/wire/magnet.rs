//! What a magnet link is for: the hash that its `xt` names (BEP 9, BEP 52).

use thiserror::Error;

use super::base32;

/// What an `xt` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExactTopic {
    /// A torrent, by its info-hash of version 1.
    V1([u8; 20]),
    /// A torrent, by its info-hash of version 2.
    V2([u8; 32]),
    /// Something of another namespace.
    Other,
}

/// Why a topic is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TopicError {
    /// `urn:btih:` without 40 hex or 32 base32 digits.
    #[error("`xt=urn:btih:` must be followed by 40 hex or 32 base32 digits")]
    Btih,
    /// `urn:btmh:` without a SHA-256 multihash.
    #[error("`xt=urn:btmh:` must be followed by 1220 and 64 hex digits")]
    Btmh,
}

/// The code of SHA-256 and its length, before the hash of a multihash.
const SHA256: &str = "1220";

impl ExactTopic {
    /// Reads the value of an `xt`, percent-decoded.
    pub fn parse(topic: &str) -> Result<Self, TopicError> {
        if let Some(digits) = namespace(topic, "urn:btih:") {
            let bytes = match digits.len() {
                40 => hex::decode(digits).ok(),
                32 => base32::decode(digits),
                _ => None,
            };
            let hash = bytes.and_then(|bytes| bytes.try_into().ok());
            return hash.map(Self::V1).ok_or(TopicError::Btih);
        }
        if let Some(digits) = namespace(topic, "urn:btmh:") {
            let bytes = digits
                .strip_prefix(SHA256)
                .and_then(|hash| hex::decode(hash).ok());
            let hash = bytes.and_then(|bytes| bytes.try_into().ok());
            return hash.map(Self::V2).ok_or(TopicError::Btmh);
        }
        Ok(Self::Other)
    }
}

/// What follows `prefix`, which may be written in either case (RFC 8141, 3.1).
fn namespace<'t>(topic: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, rest) = topic.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}
