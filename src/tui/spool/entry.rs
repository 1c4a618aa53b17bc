//! The index: 16 bytes a message.

/// Bytes of an entry.
pub const ENTRY_BYTES: usize = 16;

/// What a message is, as far as that helps to find others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Something else.
    Other,
    /// A request, of a peer, of the DHT, of a tracker: something may answer it.
    Request,
    /// It answers a request.
    Answer,
    /// A hole.
    Gap,
    /// What happened to a connection.
    Event,
}

impl Sort {
    const ALL: [Self; 5] = [
        Self::Other,
        Self::Request,
        Self::Answer,
        Self::Gap,
        Self::Event,
    ];
}

/// One message in the index: enough to list those of a connection and to find
/// those of a packet without a look at the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Where its record is: 48 bits.
    pub offset: u64,
    /// Its connection; [`Entry::NO_STREAM`] if it has none.
    pub stream: u32,
    /// The packet that completed it, its lower bits.
    pub frame: u32,
    /// What it is.
    pub sort: Sort,
    /// The initiator sent it.
    pub from_initiator: bool,
    /// Something is wrong with it.
    pub is_bad: bool,
}

impl Entry {
    /// Stands for no connection.
    pub const NO_STREAM: u32 = u32::MAX;

    /// As it lies in the file.
    pub fn to_bytes(self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        bytes[..6].copy_from_slice(&self.offset.to_le_bytes()[..6]);
        bytes[6] = self.sort as u8;
        bytes[7] = u8::from(self.from_initiator) | u8::from(self.is_bad) << 1;
        bytes[8..12].copy_from_slice(&self.stream.to_le_bytes());
        bytes[12..].copy_from_slice(&self.frame.to_le_bytes());
        bytes
    }

    /// Back again.
    pub fn from_bytes(bytes: [u8; ENTRY_BYTES]) -> Self {
        let word = |at: usize| {
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let high = u16::from_le_bytes([bytes[4], bytes[5]]);
        Self {
            offset: u64::from(word(0)) | u64::from(high) << 32,
            stream: word(8),
            frame: word(12),
            sort: Sort::ALL[usize::from(bytes[6]) % Sort::ALL.len()],
            from_initiator: bytes[7] & 1 != 0,
            is_bad: bytes[7] & 2 != 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_keep_what_they_are_given() {
        for sort in Sort::ALL {
            let entry = Entry {
                offset: 0xf234_5678_9abc,
                stream: 0xdead_beef,
                frame: 7,
                sort,
                from_initiator: sort == Sort::Gap,
                is_bad: sort == Sort::Event,
            };
            assert_eq!(Entry::from_bytes(entry.to_bytes()), entry);
        }
    }
}
