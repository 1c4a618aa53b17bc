//! Who we are.

use crate::wire::peer::{Handshake, Reserved};

/// The bit of [`Reserved`] that says that a hybrid torrent may be upgraded to v2
/// (BEP 52), in its last byte.
const V2_UPGRADE: u8 = 0x10;

/// Who we are, in one torrent.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Our peer id.
    pub peer_id: [u8; 20],
    /// The torrent's hashes as handshakes carry them; the first is the one that
    /// we send: the v1 hash of a hybrid torrent (BEP 52).
    pub info_hashes: Vec<[u8; 20]>,
    /// Whether it is a hybrid torrent, known by both hashes.
    pub hybrid: bool,
    /// TCP port that we listen on.
    pub port: Option<u16>,
}

impl Identity {
    /// The extension protocol (BEP 10) and the Fast extension (BEP 6), and of a hybrid
    /// torrent the upgrade to v2.
    fn reserved(&self) -> Reserved {
        let upgrade = if self.hybrid { V2_UPGRADE } else { 0 };
        Reserved([0, 0, 0, 0, 0, 0x10, 0, 0x04 | upgrade])
    }

    /// The handshake that we send for one of the torrent's hashes.
    pub(super) fn handshake(&self, info_hash: [u8; 20]) -> Handshake {
        Handshake {
            reserved: self.reserved(),
            info_hash,
            peer_id: self.peer_id,
        }
    }
}
