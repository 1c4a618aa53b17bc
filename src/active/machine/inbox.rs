//! The incoming half of a connection: bytes are cut into messages.

use std::borrow::Cow;

use crate::wire::peer::{HANDSHAKE_LENGTH, MessageId, PIECE_HEADER, PREFIX};

use super::close::Close;

/// A longer message ends the connection, in bytes. A bitfield of 8.3 million pieces fits
/// (libtorrent has the same limit).
const MAX_MESSAGE_BYTES: usize = 1 << 20;

/// Bytes of a length prefix.
const LENGTH_PREFIX: usize = 4;

/// What an [`Inbox`] cuts out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'i> {
    /// The handshake.
    Handshake(Cow<'i, [u8]>),
    /// A message with its length prefix; of a piece message only the header,
    /// the data follows.
    Message(Cow<'i, [u8]>),
    /// Data of the piece message whose header came before.
    Data(&'i [u8]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Handshake,
    Message,
    /// This many bytes of piece data.
    Data(usize),
}

/// Bytes in, messages out. A message that one read contains is borrowed, one that comes
/// in several reads is copied; the data of blocks is never copied.
#[derive(Debug)]
pub(super) struct Inbox {
    expect: Expect,
    /// The beginning of a message whose rest has not come.
    partial: Vec<u8>,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            expect: Expect::Handshake,
            partial: Vec::new(),
        }
    }

    /// Bytes that it holds.
    pub(super) fn held(&self) -> usize {
        self.partial.capacity()
    }

    /// Bytes of piece data that come next, before any other message.
    pub(super) fn data_left(&self) -> usize {
        match self.expect {
            Expect::Data(left) => left,
            Expect::Handshake | Expect::Message => 0,
        }
    }

    /// Counts piece data that did not come through [`Inbox::next`].
    pub(super) fn skip_data(&mut self, bytes: usize) {
        let left = self.data_left().saturating_sub(bytes);
        self.expect_data(left);
    }

    fn expect_data(&mut self, left: usize) {
        self.expect = match left {
            0 => Expect::Message,
            left => Expect::Data(left),
        };
    }

    /// The next part of `input`, which is advanced; `None` when it is used up.
    pub(super) fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Part<'i>>, Close> {
        if input.is_empty() {
            return Ok(None);
        }
        if let Expect::Data(left) = self.expect {
            let data = take(input, left);
            self.expect_data(left - data.len());
            return Ok(Some(Part::Data(data)));
        }
        let Some(bytes) = self.cut(input)? else {
            return Ok(None);
        };
        if self.expect == Expect::Handshake {
            self.expect = Expect::Message;
            return Ok(Some(Part::Handshake(bytes)));
        }
        if is_piece(&bytes) {
            let declared = length(&bytes).unwrap_or(0);
            self.expect_data(declared.saturating_sub(PIECE_HEADER));
        }
        Ok(Some(Part::Message(bytes)))
    }

    /// The next message (or header of a piece message) if all of it is here.
    fn cut<'i>(&mut self, input: &mut &'i [u8]) -> Result<Option<Cow<'i, [u8]>>, Close> {
        if self.partial.is_empty() {
            let wanted = self.wanted(input)?;
            if let Some(wanted) = wanted.filter(|wanted| *wanted <= input.len()) {
                return Ok(Some(Cow::Borrowed(take(input, wanted))));
            }
        }
        loop {
            let have = self.partial.len();
            let wanted = match self.wanted(&self.partial)? {
                Some(wanted) if wanted == have => {
                    return Ok(Some(Cow::Owned(std::mem::take(&mut self.partial))));
                }
                Some(wanted) => wanted,
                // First the whole prefix, then the id too.
                None if have < LENGTH_PREFIX => LENGTH_PREFIX,
                None => LENGTH_PREFIX + 1,
            };
            if input.is_empty() {
                return Ok(None);
            }
            let more = take(input, wanted - have);
            if self.partial.capacity() < have + more.len() {
                // Never more than the message has, nor twice what has come of it.
                let room = (2 * (have + more.len())).min(wanted);
                self.partial.reserve_exact(room - have);
            }
            self.partial.extend_from_slice(more);
        }
    }

    /// How many bytes the message that begins with `bytes` has, of a piece
    /// message the header; `None` if that cannot be told yet.
    fn wanted(&self, bytes: &[u8]) -> Result<Option<usize>, Close> {
        if self.expect == Expect::Handshake {
            let known = bytes.len().min(PREFIX.len());
            if bytes[..known] != PREFIX[..known] {
                return Err(Close::Malformed("it does not begin with a handshake"));
            }
            return Ok(Some(HANDSHAKE_LENGTH));
        }
        let Some(length) = length(bytes) else {
            return Ok(None);
        };
        if length > LENGTH_PREFIX + MAX_MESSAGE_BYTES {
            return Err(Close::TooLong(length - LENGTH_PREFIX));
        }
        if length == LENGTH_PREFIX {
            return Ok(Some(length));
        }
        if bytes.len() <= LENGTH_PREFIX {
            return Ok(None);
        }
        let header_only = is_piece(bytes) && length > PIECE_HEADER;
        Ok(Some(if header_only { PIECE_HEADER } else { length }))
    }
}

/// Takes up to `most` bytes off the front of `input`.
fn take<'i>(input: &mut &'i [u8], most: usize) -> &'i [u8] {
    let (taken, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    taken
}

/// The length of a message by its prefix, the prefix included.
fn length(bytes: &[u8]) -> Option<usize> {
    let prefix = bytes.first_chunk::<LENGTH_PREFIX>()?;
    Some(LENGTH_PREFIX + u32::from_be_bytes(*prefix) as usize)
}

fn is_piece(bytes: &[u8]) -> bool {
    bytes.get(LENGTH_PREFIX) == Some(&MessageId::PIECE.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All parts, consecutive data joined, when the input comes in `sizes`.
    fn parts(bytes: &[u8], sizes: &[usize]) -> Result<Vec<Vec<u8>>, Close> {
        let (mut inbox, mut parts, mut rest) = (Inbox::new(), Vec::<Vec<u8>>::new(), bytes);
        let mut sizes = sizes.iter().copied().chain(std::iter::repeat(usize::MAX));
        let mut in_data = false;
        while !rest.is_empty() {
            let mut input = take(&mut rest, sizes.next().unwrap_or(usize::MAX).max(1));
            while let Some(part) = inbox.next(&mut input)? {
                match part {
                    Part::Handshake(bytes) | Part::Message(bytes) => {
                        parts.push(bytes.into_owned());
                        in_data = false;
                    }
                    Part::Data(data) if in_data => parts.last_mut().unwrap().extend(data),
                    Part::Data(data) => {
                        parts.push(data.to_vec());
                        in_data = true;
                    }
                }
            }
        }
        Ok(parts)
    }

    fn stream() -> Vec<u8> {
        let mut bytes = PREFIX.to_vec();
        bytes.resize(HANDSHAKE_LENGTH, 1);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]);
        bytes.extend([0, 0, 0, 12, 7, 0, 0, 0, 1, 0, 0, 0, 0, 9, 9, 9]);
        bytes.extend([0, 0, 0, 5, 4, 0, 0, 0, 2, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn cuts_messages_and_lets_data_by() {
        let parts = parts(&stream(), &[]).unwrap();
        let lengths: Vec<_> = parts.iter().map(Vec::len).collect();
        assert_eq!(lengths, [68, 4, 5, 4, 13, 3, 9, 4]);
    }

    #[test]
    fn absurd_lengths_end_it() {
        let mut bytes = stream();
        bytes.extend([0x7f, 0xff, 0xff, 0xff]);
        assert_eq!(parts(&bytes, &[]), Err(Close::TooLong(0x7fff_ffff)));
        assert!(matches!(
            parts(b"\x13BitTorrent protocoX", &[]),
            Err(Close::Malformed(_))
        ));
    }

    proptest! {
        #[test]
        fn any_cut_gives_the_same(sizes in proptest::collection::vec(1_usize..20, 0..80)) {
            let bytes = stream();
            prop_assert_eq!(parts(&bytes, &sizes), parts(&bytes, &[]));
        }
    }
}
