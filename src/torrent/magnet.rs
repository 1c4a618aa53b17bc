//! Magnet links (BEP 9, BEP 52).

use thiserror::Error;

use super::wanted::Wanted;
use crate::wire::magnet::{ExactTopic, TopicError};
use crate::wire::percent;

/// A magnet link.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Magnet {
    /// Which torrent.
    pub wanted: Wanted,
    /// `dn`: a name to show until the real one is known.
    pub name: Option<String>,
    /// `tr`: trackers.
    pub trackers: Vec<String>,
    /// `ws`: how many web seeds (BEP 19).
    pub web_seeds: usize,
    /// `x.pe`: peers, as `host:port`.
    pub peers: Vec<String>,
}

/// Why a text is no magnet link.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MagnetError {
    /// It does not begin with `magnet:?`.
    #[error("not a magnet link")]
    NotMagnet,
    /// Its `xt` is no hash.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// No hash at all.
    #[error("the link has no `xt=urn:btih:` or `xt=urn:btmh:`")]
    NoHash,
}

impl Magnet {
    /// Reads a link. Parameters without a meaning here are passed over.
    pub fn parse(link: &str) -> Result<Self, MagnetError> {
        let query = link
            .get(..8)
            .filter(|scheme| scheme.eq_ignore_ascii_case("magnet:?"))
            .and_then(|_| link.get(8..))
            .ok_or(MagnetError::NotMagnet)?;
        let mut magnet = Self::default();
        for parameter in query.split('&') {
            let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            // Repeated parameters may be numbered: `tr.1`.
            let plain = key.split_once('.').map_or(key, |(name, number)| {
                let numbered = number.bytes().all(|b| b.is_ascii_digit());
                if numbered { name } else { key }
            });
            let value = percent::decode(value.as_bytes());
            let value = String::from_utf8_lossy(&value).into_owned();
            match plain {
                "xt" => magnet.take_topic(&value)?,
                "dn" => magnet.name = Some(value),
                "tr" if !value.is_empty() => magnet.trackers.push(value),
                "ws" if !value.is_empty() => magnet.web_seeds += 1,
                "x.pe" if !value.is_empty() => magnet.peers.push(value),
                _ => {}
            }
        }
        if magnet.wanted == Wanted::default() {
            return Err(MagnetError::NoHash);
        }
        Ok(magnet)
    }

    fn take_topic(&mut self, topic: &str) -> Result<(), MagnetError> {
        match ExactTopic::parse(topic)? {
            ExactTopic::V1(hash) => self.wanted.v1 = Some(hash),
            ExactTopic::V2(hash) => self.wanted.v2 = Some(hash),
            ExactTopic::Other => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "0b3f6416af6355f2215c7016eda4dc5718c72291";

    #[test]
    fn both_spellings_of_a_hash() {
        let hex = Magnet::parse(&format!("magnet:?xt=urn:btih:{V1}")).unwrap();
        let base = "magnet:?xt=urn:btih:BM7WIFVPMNK7EIK4OALO3JG4K4MMOIUR";
        assert_eq!(hex, Magnet::parse(base).unwrap());
        assert_eq!(hex.wanted.v1.map(hex::encode).as_deref(), Some(V1));
        let upper = format!("magnet:?xt=URN%3ABTIH%3A{}", V1.to_uppercase());
        assert_eq!(hex, Magnet::parse(&upper).unwrap());
    }

    #[test]
    fn everything_that_is_used() {
        let v2 = "1de319b26dad07d41b2e4e7fd385568cab2712b071177d432df25c863a15c28f";
        let link = format!(
            "MAGNET:?xt=urn:btmh:1220{v2}&xt=urn:btih:{V1}&dn=a%20b%2&tr.1=http%3A%2F%2Ft%2Fa\
             &tr=udp://u:1&x.pe=10.0.0.1:6881&x.pe=[::1]:2&so=0&xl=5"
        );
        let magnet = Magnet::parse(&link).unwrap();
        assert_eq!(magnet.wanted.v2.map(hex::encode).as_deref(), Some(v2));
        assert_eq!(magnet.name.as_deref(), Some("a b%2"));
        assert_eq!(magnet.trackers, ["http://t/a", "udp://u:1"]);
        assert_eq!(magnet.peers, ["10.0.0.1:6881", "[::1]:2"]);
    }

    #[test]
    fn what_is_none() {
        for (link, error) in [
            ("http://x", MagnetError::NotMagnet),
            ("magnet:?dn=x", MagnetError::NoHash),
            (
                "magnet:?xt=urn:btih:12",
                MagnetError::Topic(TopicError::Btih),
            ),
            (
                "magnet:?xt=urn:btih:BM7WIFVPMNK7EIK4OALO3JG4K4MMOI0R",
                MagnetError::Topic(TopicError::Btih),
            ),
            (
                "magnet:?xt=urn:btmh:1320",
                MagnetError::Topic(TopicError::Btmh),
            ),
            ("ma\u{20ac}net:?xt", MagnetError::NotMagnet),
        ] {
            assert_eq!(Magnet::parse(link), Err(error), "{link}");
        }
    }
}
