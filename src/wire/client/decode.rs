//! What says which client it is: a peer id, or the `v` of the DHT.

use super::claim::Client;
use super::version::Version;
use super::{azureus, mainline, prefix, shadow};

impl Client {
    /// The client of a peer id; `None` when the id follows no known style (many
    /// clients send random ids).
    ///
    /// ```
    /// use peerscope::wire::client::Client;
    ///
    /// let client = Client::from_peer_id(b"-qB4630-abcdefghijkl").unwrap();
    /// assert_eq!(client.to_string(), "qBittorrent 4.6.3");
    /// ```
    pub fn from_peer_id(id: &[u8; 20]) -> Option<Self> {
        if *id == [0; 20] {
            return None;
        }
        prefix::decode(id)
            .or_else(|| azureus::decode(id))
            .or_else(|| shadow::decode(id))
            .or_else(|| mainline::decode(id))
    }

    /// The client of the `v` in a DHT message: the letters of BEP 20, and mostly
    /// two bytes of version.
    pub fn from_dht_version(v: &[u8]) -> Option<Self> {
        let (&code, rest) = v.split_first_chunk::<2>()?;
        let name = azureus::name(code)?;
        let version = match (&code, rest) {
            (b"LT", &[major, minor]) => {
                let (minor, revision) = (minor >> 4, minor & 0x0f);
                Version::dotted(&[major, minor, revision])
            }
            (b"UT" | b"UM" | b"UW" | b"BT" | b"UE", &[high, low]) => {
                let build = u16::from_be_bytes([high, low]);
                Version::format(format_args!("build {build}"))
            }
            _ => Version::NONE,
        };
        Some(Self::known(name, version))
    }
}
