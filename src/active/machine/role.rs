//! The sides of a connection.

/// Who dialled: our part in a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// We did.
    Initiator,
    /// The peer did.
    Acceptor,
}
