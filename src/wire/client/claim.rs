//! A client by its own account.

use std::fmt;

use super::version::Version;

/// The 20 bytes of a peer id.
pub(super) type PeerIdBytes = [u8; 20];

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

    pub(super) fn known(name: &'static str, version: Version) -> Self {
        Self {
            name: Name::Known(name),
            version,
        }
    }

    pub(super) fn unidentified(code: [u8; 2], version: Version) -> Self {
        Self {
            name: Name::Code(code),
            version,
        }
    }
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
