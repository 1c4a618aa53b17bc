//! What a message asks or answers.

/// What a datagram is about: an open set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Action(pub u32);

impl Action {
    /// The client asks for a connection id.
    pub const CONNECT: Self = Self(0);
    /// The client is a peer and wants others.
    pub const ANNOUNCE: Self = Self(1);
    /// The client wants counts.
    pub const SCRAPE: Self = Self(2);
    /// The tracker refuses.
    pub const ERROR: Self = Self(3);

    /// Its name in BEP 15.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::CONNECT => "connect",
            Self::ANNOUNCE => "announce",
            Self::SCRAPE => "scrape",
            Self::ERROR => "error",
            _ => return None,
        })
    }
}

pub(super) fn action_name(action: u64) -> Option<&'static str> {
    Action(u32::try_from(action).ok()?).name()
}
