//! What is known of a torrent.

/// What is known of a torrent beside its swarm.
#[derive(Debug, Clone, Copy)]
pub struct Verified {
    /// Pieces that the capture holds whole, and that their hashes prove; `None` where no
    /// info dictionary says what they are.
    pub pieces: Option<u32>,
}
