//! The stages that a torrent goes through.

use super::layers::LayerFetch;
use super::metadata::MetadataFetch;
use super::peer_key::PeerKey;
use crate::active::machine::Time;

/// What a torrent is doing.
#[derive(Debug)]
pub(super) enum Stage {
    /// It fetches the info dictionary.
    Metadata(MetadataFetch),
    /// The caller checks the data that is on disk already.
    Resume,
    /// It fetches piece layers.
    Layers(LayerFetch),
    /// It fetches pieces, or has them all.
    Pieces,
}

impl Stage {
    /// Whether the pieces that are there are known, so that peers can be told of them.
    pub(super) fn knows_pieces(&self) -> bool {
        matches!(self, Self::Layers(_) | Self::Pieces)
    }

    /// Whether piece layers are being fetched.
    pub(super) fn is_layers(&self) -> bool {
        matches!(self, Self::Layers(_))
    }

    /// When something times out, if anything is waited for.
    pub(super) fn deadline(&self) -> Option<Time> {
        match self {
            Self::Metadata(fetch) => fetch.deadline(),
            Self::Layers(fetch) => fetch.deadline(),
            Self::Resume | Self::Pieces => None,
        }
    }

    /// A peer has disconnected: what it was asked for is asked of others.
    pub(super) fn forget_peer(&mut self, key: PeerKey) {
        match self {
            Self::Metadata(fetch) => fetch.forget_peer(key),
            Self::Layers(fetch) => fetch.forget_peer(key),
            Self::Resume | Self::Pieces => {}
        }
    }
}
