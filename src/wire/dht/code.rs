//! Error codes (BEP 5, 44).

/// The code of an error reply: an open set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub i64);

impl ErrorCode {
    /// Anything else.
    pub const GENERIC: Self = Self(201);
    /// The node is in trouble.
    pub const SERVER: Self = Self(202);
    /// A malformed packet, wrong arguments, a bad token.
    pub const PROTOCOL: Self = Self(203);
    /// The node does not know the method.
    pub const METHOD_UNKNOWN: Self = Self(204);
    /// `v` is longer than 1000 bytes. (BEP 44)
    pub const VALUE_TOO_BIG: Self = Self(205);
    /// The signature does not fit. (BEP 44)
    pub const INVALID_SIGNATURE: Self = Self(206);
    /// `salt` is longer than 64 bytes. (BEP 44)
    pub const SALT_TOO_BIG: Self = Self(207);
    /// The item is not the one expected in `cas`. (BEP 44)
    pub const CAS_MISMATCH: Self = Self(301);
    /// The stored item is newer. (BEP 44)
    pub const SEQUENCE_TOO_OLD: Self = Self(302);

    /// What it means, if a BEP says so.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::GENERIC => "generic error",
            Self::SERVER => "server error",
            Self::PROTOCOL => "protocol error",
            Self::METHOD_UNKNOWN => "method unknown",
            Self::VALUE_TOO_BIG => "value too big",
            Self::INVALID_SIGNATURE => "invalid signature",
            Self::SALT_TOO_BIG => "salt too big",
            Self::CAS_MISMATCH => "compare-and-swap mismatch",
            Self::SEQUENCE_TOO_OLD => "sequence number less than current",
            _ => return None,
        })
    }
}
