//! Message ids.

/// The id byte of a message: an open enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageId(pub u8);

impl MessageId {
    /// BEP 3.
    pub const CHOKE: Self = Self(0);
    /// BEP 3.
    pub const UNCHOKE: Self = Self(1);
    /// BEP 3.
    pub const INTERESTED: Self = Self(2);
    /// BEP 3.
    pub const NOT_INTERESTED: Self = Self(3);
    /// BEP 3.
    pub const HAVE: Self = Self(4);
    /// BEP 3.
    pub const BITFIELD: Self = Self(5);
    /// BEP 3.
    pub const REQUEST: Self = Self(6);
    /// BEP 3.
    pub const PIECE: Self = Self(7);
    /// BEP 3.
    pub const CANCEL: Self = Self(8);
    /// BEP 5.
    pub const PORT: Self = Self(9);
    /// BEP 6.
    pub const SUGGEST_PIECE: Self = Self(13);
    /// BEP 6.
    pub const HAVE_ALL: Self = Self(14);
    /// BEP 6.
    pub const HAVE_NONE: Self = Self(15);
    /// BEP 6.
    pub const REJECT_REQUEST: Self = Self(16);
    /// BEP 6.
    pub const ALLOWED_FAST: Self = Self(17);
    /// BEP 10.
    pub const EXTENDED: Self = Self(20);
    /// BEP 52.
    pub const HASH_REQUEST: Self = Self(21);
    /// BEP 52.
    pub const HASHES: Self = Self(22);
    /// BEP 52.
    pub const HASH_REJECT: Self = Self(23);

    /// The message's name, as JSON has it; `None` for an id without a meaning
    /// in any BEP.
    pub fn name(self) -> Option<&'static str> {
        self.message_type().map(|message| message.name)
    }

    /// What a private id of an old client meant (Tribler/ABC family and BEP 30
    /// in libtorrent 1.x).
    pub fn legacy_name(self) -> Option<&'static str> {
        Some(match self.0 {
            236 => "BarterCast",
            240 => "Tribler keep-alive",
            243 => "dial-back reply",
            244 => "dial-back request",
            245 => "stop download help",
            246 => "download help",
            247 => "metadata",
            248 => "get metadata",
            249 => "BuddyCast",
            250 => "hashpiece (BEP 30)",
            251 => "PermID response 2",
            252 => "PermID response 1",
            253 => "PermID challenge",
            254 => "fake live",
            _ => return None,
        })
    }
}

/// Names an id for a field table.
pub(super) fn id_name(id: u64) -> Option<&'static str> {
    let id = MessageId(u8::try_from(id).ok()?);
    id.name().or_else(|| id.legacy_name())
}
