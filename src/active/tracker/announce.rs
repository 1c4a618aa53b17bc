//! What is announced to a tracker.

use crate::wire::udp_tracker::Event;

/// Peers that one announce asks for.
const PEERS_PER_ANNOUNCE: u32 = 100;

/// What every announce to a tracker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announce {
    /// The torrent.
    pub info_hash: [u8; 20],
    /// Who we are.
    pub peer_id: [u8; 20],
    /// The TCP port that we listen on.
    pub port: u16,
    /// Bytes that are missing.
    pub left: u64,
    /// Bytes sent.
    pub uploaded: u64,
    /// Bytes received.
    pub downloaded: u64,
}

/// One announce to a tracker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'t> {
    pub(super) announce: Announce,
    /// Why it is announced.
    pub(super) event: Event,
    /// Identifies us to the tracker if our address changes; peers never learn it.
    pub(super) key: u32,
    /// The tracker id, which an HTTP tracker wants to be sent again (BEP 3).
    pub(super) tracker_id: Option<&'t [u8]>,
}

impl Request<'_> {
    /// How many peers are asked for (`numwant`).
    pub(super) fn wanted(&self) -> u32 {
        if self.event == Event::STOPPED {
            0
        } else {
            PEERS_PER_ANNOUNCE
        }
    }
}
