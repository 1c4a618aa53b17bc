//! What was said before a message.

/// What the sender of a message has said before it, since its handshake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// Messages, those of the extension protocol and keep-alives left out: they may
    /// come before all others.
    pub messages: u32,
    /// One of them said which pieces it has: a bitfield, have all or have none.
    pub has_stated: bool,
}
