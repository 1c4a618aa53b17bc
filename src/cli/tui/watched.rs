//! How far the capture was read.

use crate::capture::{CaptureError, Packet, Secrets, Source};
use crate::tui::spool::Spool;

/// Packets between two notes of how far the source is.
const PACKETS_PER_NOTE: u64 = 256;

/// A source that notes how far it is.
pub(super) struct Watched<S> {
    source: S,
    spool: Spool,
    packets: u64,
}

impl<S: Source> Watched<S> {
    pub(super) fn new(source: S, spool: Spool) -> Self {
        Self {
            source,
            spool,
            packets: 0,
        }
    }

    pub(super) fn note(&self) {
        self.spool
            .note_progress(self.packets, self.source.position());
    }
}

impl<S: Source> Source for Watched<S> {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        if self.packets.is_multiple_of(PACKETS_PER_NOTE) {
            self.note();
        }
        let packet = self.source.next_packet()?;
        self.packets += u64::from(packet.is_some());
        Ok(packet)
    }

    fn is_at_hand(&self) -> bool {
        self.source.is_at_hand()
    }

    fn secrets(&self) -> Secrets {
        self.source.secrets()
    }

    fn position(&self) -> u64 {
        self.source.position()
    }
}
