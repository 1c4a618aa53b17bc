//! Ids of extensions that change while messages with the old ones are under way.

use super::budget::Charge;
use super::notice::{Acked, Notice, REACTION_NANOS};
use crate::capture::Timestamp;
use crate::wire::extension::ExtensionMap;

/// A later extended handshake of one side, and what the other may know of it.
#[derive(Debug)]
pub(super) struct Crossing {
    /// The ids before it, then its own: for who has not had it.
    unheard: ExtensionMap,
    /// Its ids, then those before it: for who has had it just now.
    fresh: ExtensionMap,
    /// Whether the other side has had it.
    notice: Notice,
    _charge: Charge,
}

/// What a name of a map costs.
const NAME_COST_BYTES: usize = 64;

impl Crossing {
    /// The ids `before` became those of `now` by a handshake that ends at `end`;
    /// `None` where memory is spent.
    pub fn new(
        before: &ExtensionMap,
        now: &ExtensionMap,
        end: u64,
        mut charge: Charge,
    ) -> Option<Self> {
        // Each of the two maps has at most the names of both.
        let names = 2 * (before.iter().count() + now.iter().count());
        charge.grow(names * NAME_COST_BYTES).then(|| Self {
            unheard: before.or(now),
            fresh: now.or(before),
            notice: Notice::new(end),
            _charge: charge,
        })
    }

    /// The other side had had so many bytes when it sent something that went by
    /// at `now`; says whether it must know the handshake. Where the bytes are not
    /// known, it may have had them since.
    pub fn is_over(&mut self, acked: Option<Acked>, now: Timestamp) -> bool {
        match acked {
            Some(acked) => self.notice.note(acked),
            None => self.notice.note_had(now),
        }
        let heard = self.notice.heard();
        heard.is_some_and(|heard| now.since(heard) > REACTION_NANOS)
    }

    /// The ids that the other side may use.
    pub fn map(&self) -> &ExtensionMap {
        match self.notice.heard() {
            Some(_) => &self.fresh,
            None => &self.unheard,
        }
    }

    /// The ids of who has not had it.
    pub fn before(self) -> ExtensionMap {
        self.unheard
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Budget;
    use crate::wire::extension::{ExtendedHandshake, ExtendedId, Extension};

    #[test]
    fn the_old_ids_hold_until_the_new_ones_are_known() {
        let map = |m: &[(&'static [u8], i64)]| {
            let mut map = ExtensionMap::new();
            map.update(&ExtendedHandshake {
                m: m.to_vec(),
                ..ExtendedHandshake::default()
            });
            map
        };
        let old = map(&[(b"ut_pex", 1), (b"ut_metadata", 2)]);
        let new = map(&[(b"ut_pex", 2), (b"ut_metadata", 3)]);
        let charge = Budget::new(1 << 20).charge();
        let mut crossing = Crossing::new(&old, &new, 500, charge).unwrap();
        let name = |crossing: &Crossing| crossing.map().name(ExtendedId(2)).cloned();
        let at = |seconds: i64| Timestamp::from_nanos(i128::from(seconds) * 1_000_000_000);
        let acked = |bytes: u64, seconds: i64| {
            let at = at(seconds);
            Some(Acked {
                bytes,
                at,
                is_ahead: false,
            })
        };
        assert!(!crossing.is_over(acked(499, 9), at(9)));
        assert_eq!(name(&crossing), Some(Extension::UtMetadata.into()));
        assert!(!crossing.is_over(acked(500, 10), at(10)));
        assert_eq!(name(&crossing), Some(Extension::UtPex.into()));
        assert!(!crossing.is_over(acked(500, 10), at(12)));
        assert!(crossing.is_over(acked(500, 10), at(13)));
        // uTP: the new ids hold, and the old ones as far as they do not speak against it.
        let charge = Budget::new(1 << 20).charge();
        let mut crossing = Crossing::new(&old, &new, 500, charge).unwrap();
        assert!(!crossing.is_over(None, at(10)));
        assert_eq!(name(&crossing), Some(Extension::UtPex.into()));
        assert_eq!(
            crossing.map().name(ExtendedId(1)).cloned(),
            Some(Extension::UtPex.into())
        );
        assert!(crossing.is_over(None, at(13)));
    }
}
