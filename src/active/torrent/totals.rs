//! How much was transferred.

/// Bytes of blocks, of all peers together.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Received, wasted ones included.
    pub downloaded: u64,
    /// Sent.
    pub uploaded: u64,
    /// Received and thrown away: they came twice, or too late.
    pub wasted: u64,
}
