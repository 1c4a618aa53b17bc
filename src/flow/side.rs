//! The two ends of a connection.

/// One of the two ends of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The end that opened the connection (sent the SYN; the sender of the first
    /// packet seen where no SYN is in the capture).
    Initiator = 0,
    /// The other end.
    Acceptor = 1,
}

impl Side {
    /// Both, initiator first.
    pub const BOTH: [Self; 2] = [Self::Initiator, Self::Acceptor];

    /// The other end.
    pub fn other(self) -> Self {
        match self {
            Self::Initiator => Self::Acceptor,
            Self::Acceptor => Self::Initiator,
        }
    }

    /// 0 for the initiator, 1 for the acceptor: to index a pair.
    pub fn index(self) -> usize {
        self as usize
    }
}
