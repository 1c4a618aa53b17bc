//! What a rule needs to be judged, and where that is missing.

/// Something that must be in the capture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// The beginning of the connection: the handshakes of both sides.
    Handshakes,
    /// All bytes of both directions up to the message.
    Whole,
    /// The torrent's info dictionary.
    Torrent,
    /// The extended handshake of the receiver.
    ExtendedHandshake,
    /// The data of pieces.
    Data,
    /// What was said, not its encrypted form: all that is said between peers needs it.
    Plaintext,
    /// Both directions of an exchange of datagrams or with a tracker.
    Exchange,
}

impl Evidence {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Handshakes,
        Self::Whole,
        Self::Torrent,
        Self::ExtendedHandshake,
        Self::Data,
        Self::Plaintext,
        Self::Exchange,
    ];

    /// What is missing where it is not there.
    pub fn lack(self) -> &'static str {
        match self {
            Self::Handshakes => "the capture lacks a handshake",
            Self::Whole => "the capture lacks bytes of the connection",
            Self::Torrent => "the torrent is not known",
            Self::ExtendedHandshake => "the capture lacks an extended handshake",
            Self::Data => "piece data is not hashed",
            Self::Plaintext => "the connection is encrypted, or may be",
            Self::Exchange => "the capture lacks what was said before",
        }
    }

    /// What would allow to judge the rule.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Handshakes => "capture from before the connection begins, in both directions",
            Self::Whole => "capture all packets of both directions, without a snaplen",
            Self::Torrent => "give --torrent FILE",
            Self::ExtendedHandshake => "capture from before the connection begins",
            Self::Data => "give --verify",
            Self::Plaintext => "give --keylog FILE",
            Self::Exchange => "capture both directions from the beginning",
        }
    }
}

/// Rules that could not be judged everywhere, for want of one kind of evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unmet {
    /// Connections that lack it.
    pub connections: u64,
    /// One of them.
    pub first: Option<u64>,
}

impl Unmet {
    /// One more connection.
    pub fn add(&mut self, stream: u64) {
        self.connections += 1;
        self.first.get_or_insert(stream);
    }
}
