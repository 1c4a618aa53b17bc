//! Whether connections are encrypted.

/// How encryption is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encryption {
    /// Encrypted where the peer can, else plain; RC4 where there is a choice.
    Prefer,
    /// RC4 or nothing.
    Require,
    /// Plain only.
    #[default]
    Off,
}
