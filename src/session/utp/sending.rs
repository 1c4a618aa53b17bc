//! What a packet is among those of its sender.

/// A packet that has a number of its own: data, the first and the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sending {
    /// The next one, or one behind a hole of the capture.
    New,
    /// The first time here, behind later ones that were sent after it.
    Reordered,
    /// The first time here, but sent after later ones: the first copy was lost before the
    /// place of the capture.
    LostBefore,
    /// Again, for acknowledgements showed that later ones arrived.
    Fast,
    /// Again, though nothing showed that later ones arrived: nothing was acknowledged for
    /// long.
    Timeout,
    /// Again, after the capture shows its acknowledgement: that was lost, or was late.
    Needless,
    /// The very same packet: the network doubled it, or it was captured twice.
    Doubled,
}

impl Sending {
    /// Whether its sender sent it again.
    pub fn is_resent(self) -> bool {
        matches!(
            self,
            Self::LostBefore | Self::Fast | Self::Timeout | Self::Needless
        )
    }
}
