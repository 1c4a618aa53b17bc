//! The names that the `m` dictionary of BEP 10 gives to extended messages.

use std::borrow::Cow;
use std::sync::Arc;

/// The id of an extended message: 0 for the handshake, else what the receiver
/// chose in its `m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExtendedId(pub u8);

impl ExtendedId {
    /// The extended handshake.
    pub const HANDSHAKE: Self = Self(0);
}

/// The extensions whose messages are decoded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extension {
    /// Metadata exchange, BEP 9.
    UtMetadata,
    /// Peer exchange, BEP 11.
    UtPex,
    /// Takes back a `have`, BEP 54.
    LtDonthave,
    /// The sender will (not) download any more; libtorrent, µTorrent.
    UploadOnly,
    /// The sender only downloads what it can upload; libtorrent.
    ShareMode,
    /// Rendezvous through a common peer, BEP 55.
    UtHolepunch,
    /// Tracker exchange, BEP 28.
    LtTex,
    /// Comments and ratings; µTorrent, i2psnark.
    UtComment,
    /// The binary predecessor of `ut_metadata`; libtorrent before 0.15.
    LtMetadata,
    /// A block with the hashes to check it, BEP 30.
    TrHashpiece,
    /// Peer exchange by I2P destination.
    I2pPex,
    /// The ports of an I2P DHT node.
    I2pDht,
}

impl Extension {
    /// Every known extension.
    pub const ALL: [Self; 12] = [
        Self::UtMetadata,
        Self::UtPex,
        Self::LtDonthave,
        Self::UploadOnly,
        Self::ShareMode,
        Self::UtHolepunch,
        Self::LtTex,
        Self::UtComment,
        Self::LtMetadata,
        Self::TrHashpiece,
        Self::I2pPex,
        Self::I2pDht,
    ];

    /// The name in `m`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UtMetadata => "ut_metadata",
            Self::UtPex => "ut_pex",
            Self::LtDonthave => "lt_donthave",
            Self::UploadOnly => "upload_only",
            Self::ShareMode => "share_mode",
            Self::UtHolepunch => "ut_holepunch",
            Self::LtTex => "lt_tex",
            Self::UtComment => "ut_comment",
            Self::LtMetadata => "LT_metadata",
            Self::TrHashpiece => "Tr_hashpiece",
            Self::I2pPex => "i2p_pex",
            Self::I2pDht => "i2p_dht",
        }
    }
}

/// The name of an extension, known or not. Names are case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExtensionName {
    /// One of [`Extension`].
    Known(Extension),
    /// Any other, cut to [`ExtensionName::MAX_LENGTH`] bytes.
    Other(Arc<[u8]>),
}

impl ExtensionName {
    /// Names are cut to this many bytes; real ones have at most 20.
    pub const MAX_LENGTH: usize = 64;

    /// The name that these bytes spell.
    pub fn new(name: &[u8]) -> Self {
        Extension::ALL
            .into_iter()
            .find(|known| known.name().as_bytes() == name)
            .map_or_else(
                || Self::Other(name[..name.len().min(Self::MAX_LENGTH)].into()),
                Self::Known,
            )
    }

    /// The extension, if it is a known one.
    pub fn known(&self) -> Option<Extension> {
        match self {
            Self::Known(extension) => Some(*extension),
            Self::Other(_) => None,
        }
    }

    /// The bytes of the name.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Known(extension) => extension.name().as_bytes(),
            Self::Other(name) => name,
        }
    }

    /// The name as text; what is not UTF-8 is replaced. Not sanitised: it may
    /// hold control characters.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }
}

impl From<Extension> for ExtensionName {
    fn from(extension: Extension) -> Self {
        Self::Known(extension)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_case_sensitive() {
        assert_eq!(
            ExtensionName::new(b"ut_pex").known(),
            Some(Extension::UtPex)
        );
        assert_eq!(ExtensionName::new(b"UT_PEX").known(), None);
        assert_eq!(ExtensionName::new("µT_PEX".as_bytes()).text(), "µT_PEX");
        assert_eq!(ExtensionName::new(&[b'x'; 1000]).as_bytes().len(), 64);
    }
}
