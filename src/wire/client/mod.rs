//! Who a peer says it is: peer ids (BEP 20 and older habits) and the `v` of DHT
//! messages to client names and versions.
//!
//! All of it is a claim: ids are copied by other clients and set by users. A
//! look-up allocates nothing.

mod azureus;
mod prefix;
mod shadow;
#[cfg(test)]
mod tests;
mod user_agent;
mod version;

use std::fmt;

pub use user_agent::of_user_agent;

use version::Version;

/// The 20 bytes of a peer id.
type PeerIdBytes = [u8; 20];

/// A client by its own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    name: Name,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Known(&'static str),
    /// The letters of a peer id in a known style.
    Code([u8; 2]),
}

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
            .or_else(|| mainline(id))
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

    /// Its name; `None` for an id of known style whose letters are not known.
    pub fn name(&self) -> Option<&'static str> {
        match self.name {
            Name::Known(name) => Some(name),
            Name::Code(_) => None,
        }
    }

    /// Its version.
    pub fn version(&self) -> Option<&str> {
        self.version.text()
    }

    fn known(name: &'static str, version: Version) -> Self {
        Self {
            name: Name::Known(name),
            version,
        }
    }

    fn unidentified(code: [u8; 2], version: Version) -> Self {
        Self {
            name: Name::Code(code),
            version,
        }
    }
}

/// `M7-2-0--`, `Q1-23-4-`: a letter and three numbers with dashes.
fn mainline(id: &PeerIdBytes) -> Option<Client> {
    let name = match id[0] {
        b'M' => "BitTorrent",
        b'Q' => "Queen Bee",
        _ => return None,
    };
    let version = prefix::dashed(&id[1..9])?;
    Some(Client::known(name, version))
}

/// Printable ASCII, but for the µ of µTorrent.
impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Name::Known(name) => f.write_str(name)?,
            Name::Code([first, second]) => {
                write!(f, "unknown client {}{}", first as char, second as char)?;
            }
        }
        match self.version() {
            Some(version) => write!(f, " {version}"),
            None => Ok(()),
        }
    }
}
