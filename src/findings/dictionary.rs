//! An info dictionary as one side brings it, to be held against the info-hash.

use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::session::{Budget, Charge};
use crate::wire::extension::{METADATA_PIECE, UtMetadata};

/// Longer ones are not put together.
const MAX_BYTES: usize = 1 << 20;

/// What there is of it.
#[derive(Debug)]
pub struct Dictionary {
    bytes: Vec<u8>,
    /// The pieces that are there.
    has: Vec<bool>,
    _charge: Charge,
}

impl Dictionary {
    /// None of its pieces is there yet; `None` where it is too long, or there is no
    /// memory for it.
    pub fn new(length: i64, budget: &Budget) -> Option<Self> {
        let length = usize::try_from(length)
            .ok()
            .filter(|length| (1..=MAX_BYTES).contains(length))?;
        let pieces = length.div_ceil(METADATA_PIECE as usize);
        let mut charge = budget.charge();
        charge
            .grow(length + pieces + size_of::<Self>())
            .then(|| Self {
                bytes: vec![0; length],
                has: vec![false; pieces],
                _charge: charge,
            })
    }

    /// Its length.
    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Takes a piece; says whether it is whole now.
    pub fn take(&mut self, piece: i64, message: &UtMetadata<'_>) -> bool {
        let Ok(piece) = usize::try_from(piece) else {
            return false;
        };
        let start = piece.saturating_mul(METADATA_PIECE as usize);
        let end = (start.saturating_add(METADATA_PIECE as usize)).min(self.bytes.len());
        let is_whole = message.data.len() == message.data_length;
        match self.bytes.get_mut(start..end) {
            Some(place) if is_whole && place.len() == message.data.len() && start < end => {
                place.copy_from_slice(message.data);
                self.has[piece] = true;
                self.has.iter().all(|has| *has)
            }
            _ => false,
        }
    }

    /// Whether this is its info-hash, of v1 or of v2.
    pub fn is(&self, info_hash: &[u8; 20]) -> bool {
        Sha1::digest(&self.bytes)[..] == info_hash[..]
            || Sha256::digest(&self.bytes)[..20] == info_hash[..]
    }

    /// Its SHA-1, in words.
    pub fn digest(&self) -> String {
        hex::encode(Sha1::digest(&self.bytes))
    }
}
