//! The keystreams of a connection whose keys are known.

use crate::flow::{Chunk, Gap, Side};
use crate::session::Encryption;
use crate::session::budget::{Budget, Charge};
use crate::wire::mse::{KeyLine, Method, Rc4};
use crate::wire::peer::PREFIX;

/// Bytes that are decrypted at a time.
const SLICE_BYTES: usize = 64 << 10;

/// Keystream bytes that may be passed over at one gap. A false gap of 4 GiB
/// would cost as much as 4 GiB of packets do.
const MAX_GAP: u64 = 256 << 20;

/// The same, at all gaps of a run.
pub const MAX_GAPS: u64 = 4 << 30;

/// A message of this length or less is believed where it is not known whether
/// the stream is encrypted.
const PLAUSIBLE_MESSAGE_BYTES: u32 = 1 << 20;

/// What is known of how a connection is encrypted.
pub struct Decryption {
    /// The keys; `None` where states of RC4 open it.
    pub key: Option<KeyLine>,
    /// How the streams go on after the negotiation, once that is known.
    pub method: Option<Method>,
    /// Of the initiator and the acceptor; `None` before the negotiation is found
    /// and after the last encrypted byte.
    keystreams: [Option<Keystream>; 2],
    _charge: Charge,
}

/// The keystream of one direction, at the next byte.
struct Keystream {
    cipher: Rc4,
    /// Up to this stream offset the bytes are encrypted in any case: the end of
    /// the initial payload.
    until: u64,
}

/// What a gap does to a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passed {
    /// Nothing: it can be decrypted on the other side of it, or is not
    /// encrypted there.
    On,
    /// It is not known where in the keystream the next byte belongs.
    Astray,
}

impl Decryption {
    /// For a connection that `key` fits, or that a state opens; `None` where no
    /// memory may be used for it.
    pub fn new(key: Option<KeyLine>, budget: &Budget) -> Option<Box<Self>> {
        let mut charge = budget.charge();
        charge.grow(size_of::<Self>()).then(|| {
            Box::new(Self {
                key,
                method: None,
                keystreams: [None, None],
                _charge: charge,
            })
        })
    }

    /// What `from` sends from now on is encrypted, up to stream offset `until` in
    /// any case, then as the peers agree.
    pub fn begin(&mut self, from: Side, cipher: Rc4, until: u64) {
        self.keystreams[from.index()] = Some(Keystream { cipher, until });
    }

    /// Whether bytes from `from` may have to be decrypted.
    pub fn covers(&self, from: Side) -> bool {
        self.keystreams[from.index()].is_some()
    }

    /// The keystream of `from`, at the next byte.
    pub fn keystream(&self, from: Side) -> Option<&Rc4> {
        Some(&self.keystreams[from.index()].as_ref()?.cipher)
    }

    /// How the connection is encrypted, as far as that is known by now.
    pub fn encryption(&self) -> Encryption {
        match self.method {
            Some(Method::Rc4) => Encryption::MseRc4,
            Some(Method::Plaintext) => Encryption::MsePlaintext,
            None => Encryption::MseUnknown,
        }
    }

    /// Decrypts the first bytes of `chunk` into `plain` and says how many they
    /// are; 0 when no byte from there on is encrypted.
    pub fn decrypt(&mut self, from: Side, chunk: Chunk<'_>, plain: &mut Vec<u8>) -> usize {
        plain.clear();
        let Some(stream) = &mut self.keystreams[from.index()] else {
            return 0;
        };
        let certain = usize::try_from(stream.until.saturating_sub(chunk.offset));
        let mut length = chunk.bytes.len().min(SLICE_BYTES);
        if let Ok(certain @ 1..) = certain {
            length = length.min(certain);
        } else if *self.method.get_or_insert_with(|| guess(chunk.bytes)) == Method::Plaintext {
            self.keystreams[from.index()] = None;
            return 0;
        }
        plain.extend_from_slice(&chunk.bytes[..length]);
        stream.cipher.apply(plain);
        length
    }

    /// Passes over a gap; `allowance` is how much of a keystream may yet be
    /// passed over in this run.
    pub fn pass(&mut self, from: Side, gap: &Gap, allowance: &mut u64) -> Passed {
        let place = &mut self.keystreams[from.index()];
        let Some(stream) = place else {
            return Passed::On;
        };
        let is_plain = self.method == Some(Method::Plaintext);
        let certain = stream.until.saturating_sub(gap.offset);
        let skip = match gap.length {
            Some(length) if is_plain => length.min(certain),
            Some(length) => length,
            None if is_plain && certain == 0 => 0,
            None => u64::MAX,
        };
        if skip > MAX_GAP.min(*allowance) {
            *place = None;
            return Passed::Astray;
        }
        *allowance -= skip;
        stream.cipher.skip(skip);
        Passed::On
    }
}

/// Whether a stream goes on in the clear with these bytes, where the choice of
/// the acceptor is not in the capture or makes no sense. A packet may hold a
/// single byte of a handshake or of a length.
fn guess(bytes: &[u8]) -> Method {
    let begins_handshake = PREFIX.starts_with(&bytes[..bytes.len().min(PREFIX.len())]);
    let mut length = [0; 4];
    for (byte, &there) in length.iter_mut().zip(bytes) {
        *byte = there;
    }
    if begins_handshake || u32::from_be_bytes(length) <= PLAUSIBLE_MESSAGE_BYTES {
        Method::Plaintext
    } else {
        Method::Rc4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_bytes_in_the_clear_are_not_decrypted() {
        for length in 1..=PREFIX.len() {
            assert_eq!(guess(&PREFIX[..length]), Method::Plaintext);
        }
        for bytes in [&[0][..], &[0, 0, 0x40], &[0, 0, 0, 1, 2], &[0; 30]] {
            assert_eq!(guess(bytes), Method::Plaintext);
        }
        for bytes in [&b"\x13C"[..], &[1], &[0, 0x20], &[0x13, 0, 0, 0, 1]] {
            assert_eq!(guess(bytes), Method::Rc4);
        }
    }
}
