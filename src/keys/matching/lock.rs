//! A captured direction that a state may open.

use crate::wire::mse::{MAX_PAD, Methods, PLAINTEXT, PUBLIC_KEY, RC4, Rc4, VC};

/// The two hashes between an initiator's padding and its VC.
const HASHES: usize = 40;

/// Where VC can begin at the latest.
const LAST: usize = PUBLIC_KEY + MAX_PAD + HASHES;

/// Places where VC can begin, at most.
pub(super) const PLACES: usize = LAST - PUBLIC_KEY + 1;

/// VC, crypto_provide or crypto_select, and the length of the padding.
const PROOF: usize = VC.len() + 4 + 2;

/// First bytes that are kept of a direction that begins in the capture.
const KEPT: usize = LAST + PROOF;

/// The same where it does not: four blocks of a transfer.
pub(super) const KEPT_OF_MIDDLE: usize = 64 << 10;

/// What is captured of a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// All that an initiator sends.
    Offer,
    /// All that an acceptor sends.
    Choice,
    /// Its beginning is not there.
    Middle,
}

/// A direction that may be encrypted.
#[derive(Debug)]
pub struct Lock {
    /// What is captured of it.
    pub kind: Kind,
    /// Stream offset of the first captured byte.
    pub offset: u64,
    /// Its first bytes.
    pub bytes: Vec<u8>,
    /// Stream offset behind the last byte so far.
    pub end: u64,
    /// What opens it.
    pub found: Option<Keystream>,
}

/// The keystream of a direction at one or two places of the stream.
#[derive(Debug, Clone)]
pub struct Keystream {
    /// At the verification constant.
    pub start: Option<(u64, Rc4)>,
    /// Where it was found.
    pub state: Option<(u64, Rc4)>,
}

impl Keystream {
    /// The keystream at a stream offset.
    pub fn at(&self, offset: u64) -> Option<Rc4> {
        let places = [&self.start, &self.state].into_iter().flatten();
        let (at, cipher) = places.min_by_key(|(at, _)| at.abs_diff(offset))?;
        let mut cipher = cipher.clone();
        match offset.checked_sub(*at) {
            Some(bytes) => cipher.skip(bytes),
            None => cipher.go_back(at - offset),
        }
        Some(cipher)
    }
}

impl Lock {
    /// A direction whose first captured byte is at `offset`.
    pub fn new(kind: Kind, offset: u64) -> Self {
        Self {
            kind,
            offset,
            bytes: Vec::new(),
            end: offset,
            found: None,
        }
    }

    /// Takes the next bytes; true when all that is kept of the beginning is there
    /// now, or may be.
    pub(super) fn hear(&mut self, offset: u64, bytes: &[u8]) -> bool {
        let most = match self.kind {
            Kind::Middle => KEPT_OF_MIDDLE,
            _ => KEPT,
        };
        // Behind a gap the bytes do not belong together any more.
        let is_next = offset == self.end;
        let kept = self.bytes.len();
        let is_open = kept < most && (self.offset + kept as u64 == self.end);
        self.end = offset + bytes.len() as u64;
        if !is_open || !is_next {
            return false;
        }
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(most - kept)]);
        self.kind != Kind::Middle
    }

    /// A keystream at a stream offset that may be before the first captured byte:
    /// then there instead.
    pub(super) fn within(&self, at: i128, mut cipher: Rc4) -> (u64, Rc4) {
        if let Ok(at) = u64::try_from(at)
            && at >= self.offset
        {
            return (at, cipher);
        }
        let ahead = i128::from(self.offset) - at;
        cipher.skip(u64::try_from(ahead).unwrap_or(0));
        (self.offset, cipher)
    }

    /// Where VC can be, each with the 8 bytes there.
    pub(super) fn windows(&self) -> impl Iterator<Item = (usize, u64)> + use<> {
        let first = match self.kind {
            Kind::Offer => PUBLIC_KEY + HASHES,
            Kind::Choice => PUBLIC_KEY,
            Kind::Middle => usize::MAX,
        };
        let bytes = self.bytes.get(first..).unwrap_or_default();
        let windows = bytes
            .windows(PROOF)
            .map(|window| match window.first_chunk() {
                Some(vc) => u64::from_be_bytes(*vc),
                None => 0,
            });
        let windows: Vec<u64> = windows.collect();
        windows
            .into_iter()
            .enumerate()
            .map(move |(index, window)| (first + index, window))
    }

    /// Whether what is at `at` is VC and what follows it, `cipher` being the
    /// keystream there.
    pub(super) fn is_proven_by(&self, at: usize, cipher: &Rc4) -> bool {
        let Some(mut plain) = self
            .bytes
            .get(at..)
            .and_then(|rest| rest.first_chunk().copied())
        else {
            return false;
        };
        let plain: &mut [u8; PROOF] = &mut plain;
        cipher.clone().apply(plain);
        let [vc @ .., a, b, c, d, high, low] = plain;
        let methods = Methods(u32::from_be_bytes([*a, *b, *c, *d]));
        let pad = usize::from(u16::from_be_bytes([*high, *low]));
        *vc == VC && (methods.has(PLAINTEXT) || methods.has(RC4)) && pad <= MAX_PAD
    }
}

/// The keystream where VC would be, if `start` were the beginning.
pub(super) fn vc_window(start: &Rc4) -> u64 {
    let mut cipher = start.clone();
    cipher.skip(Rc4::DROP);
    let mut window = VC;
    cipher.apply(&mut window);
    u64::from_be_bytes(window)
}
