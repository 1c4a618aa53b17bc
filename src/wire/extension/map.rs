//! Which id a peer wants for which extension.

use super::handshake::ExtendedHandshake;
use super::name::{ExtendedId, ExtensionName};

/// The ids that one peer announced in the `m` of its extended handshakes: they
/// are for messages sent **to** that peer. Later handshakes add to earlier ones;
/// the id 0 switches an extension off (BEP 10).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtensionMap {
    entries: Vec<Entry>,
    full: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: ExtensionName,
    /// The latest id that was not 0; 0 if there was none.
    id: u8,
    enabled: bool,
}

impl ExtensionMap {
    /// More names than this of one peer are not kept; real peers announce up to
    /// ten.
    pub const MAX_NAMES: usize = 128;

    /// An empty map: nothing is announced yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what `handshake` announces. Ids beyond 255 cannot be sent and are
    /// left out.
    pub fn update(&mut self, handshake: &ExtendedHandshake<'_>) {
        for &(name, id) in handshake.m.iter().take(2 * Self::MAX_NAMES) {
            if let Ok(id) = u8::try_from(id) {
                self.set(ExtensionName::new(name), id);
            }
        }
    }

    fn set(&mut self, name: ExtensionName, id: u8) {
        let enabled = id != 0;
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == name) {
            entry.enabled = enabled;
            if enabled {
                entry.id = id;
            }
        } else if self.entries.len() < Self::MAX_NAMES {
            self.entries.push(Entry { name, id, enabled });
        } else {
            self.full = true;
        }
    }

    /// The extension that a message with this id belongs to: the first one
    /// announced when several share the id.
    pub fn name(&self, id: ExtendedId) -> Option<&ExtensionName> {
        self.names(id).next()
    }

    /// All extensions in use with this id: more than one is a conflict.
    pub fn names(&self, id: ExtendedId) -> impl Iterator<Item = &ExtensionName> {
        self.entries
            .iter()
            .filter(move |entry| entry.enabled && entry.id == id.0)
            .map(|entry| &entry.name)
    }

    /// The extension that had this id and was switched off since.
    pub fn retired(&self, id: ExtendedId) -> Option<&ExtensionName> {
        self.entries
            .iter()
            .find(|entry| !entry.enabled && entry.id == id.0 && id.0 != 0)
            .map(|entry| &entry.name)
    }

    /// The id that messages of this extension must carry.
    pub fn id(&self, name: &ExtensionName) -> Option<ExtendedId> {
        self.entries
            .iter()
            .find(|entry| entry.enabled && entry.name == *name)
            .map(|entry| ExtendedId(entry.id))
    }

    /// This map; ids that it does not use are those of `other`. Of those no more
    /// are kept than two peers can announce.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let mut is_used = [false; 1 << u8::BITS];
        for entry in self.entries.iter().filter(|entry| entry.enabled) {
            is_used[usize::from(entry.id)] = true;
        }
        let mut both = self.clone();
        let room = (2 * Self::MAX_NAMES).saturating_sub(both.entries.len());
        let more = other.entries.iter();
        let more = more.filter(|entry| entry.enabled && !is_used[usize::from(entry.id)]);
        both.entries.extend(more.take(room).cloned());
        both
    }

    /// The extensions in use, in the order of their announcement.
    pub fn iter(&self) -> impl Iterator<Item = (ExtendedId, &ExtensionName)> {
        self.entries
            .iter()
            .filter(|entry| entry.enabled)
            .map(|entry| (ExtendedId(entry.id), &entry.name))
    }

    /// The ids that several extensions share, in ascending order.
    pub fn conflicts(&self) -> impl Iterator<Item = ExtendedId> {
        (1..=u8::MAX)
            .map(ExtendedId)
            .filter(|&id| self.names(id).nth(1).is_some())
    }

    /// Whether names were left out because there were too many.
    pub fn is_full(&self) -> bool {
        self.full
    }
}

#[cfg(test)]
mod tests {
    use super::super::name::Extension;
    use super::*;

    fn map(handshakes: &[&[(&[u8], i64)]]) -> ExtensionMap {
        let mut map = ExtensionMap::new();
        for m in handshakes {
            map.update(&ExtendedHandshake {
                m: m.to_vec(),
                ..ExtendedHandshake::default()
            });
        }
        map
    }

    #[test]
    fn later_handshakes_add_replace_and_switch_off() {
        let map = map(&[
            &[(b"ut_pex", 1), (b"ut_metadata", 2)],
            &[(b"ut_pex", 0), (b"ut_metadata", 5), (b"new", 7)],
        ]);
        assert_eq!(map.name(ExtendedId(1)), None);
        assert_eq!(map.retired(ExtendedId(1)), Some(&Extension::UtPex.into()));
        assert_eq!(map.name(ExtendedId(2)), None);
        assert_eq!(map.name(ExtendedId(5)), Some(&Extension::UtMetadata.into()));
        assert_eq!(map.id(&ExtensionName::new(b"new")), Some(ExtendedId(7)));
        assert_eq!(map.iter().count(), 2);
        assert_eq!(map.name(ExtendedId::HANDSHAKE), None);
    }

    #[test]
    fn a_map_is_completed_by_another() {
        let old = map(&[&[(b"ut_pex", 1), (b"ut_metadata", 2)]]);
        let new = map(&[
            &[(b"ut_pex", 1), (b"ut_metadata", 2)],
            &[(b"ut_pex", 0), (b"ut_metadata", 1)],
        ]);
        let names = |map: &ExtensionMap, id| map.name(ExtendedId(id)).cloned();
        let (pex, metadata) = (
            Some(Extension::UtPex.into()),
            Some(Extension::UtMetadata.into()),
        );
        assert_eq!(
            [1, 2].map(|id| names(&old.or(&new), id)),
            [pex, metadata.clone()]
        );
        assert_eq!(
            [1, 2].map(|id| names(&new.or(&old), id)),
            [metadata.clone(), metadata]
        );
    }

    #[test]
    fn conflicts_are_known() {
        let map = map(&[&[(b"a", 3), (b"b", 4), (b"c", 3), (b"d", 300), (b"e", -1)]]);
        assert_eq!(map.conflicts().collect::<Vec<_>>(), [ExtendedId(3)]);
        assert_eq!(map.names(ExtendedId(3)).count(), 2);
        assert_eq!(map.iter().count(), 3);
    }

    #[test]
    fn bounded() {
        let names: Vec<_> = (0..1000_u32).map(u32::to_be_bytes).collect();
        let m: Vec<_> = names.iter().map(|name| (&name[..], 1)).collect();
        let map = map(&[&m]);
        assert_eq!(map.iter().count(), ExtensionMap::MAX_NAMES);
        assert!(map.is_full());
    }

    #[test]
    fn what_is_joined_stays_short() {
        let names: Vec<Vec<u8>> = (0..ExtensionMap::MAX_NAMES)
            .map(|n| format!("ut_{n}").into_bytes())
            .collect();
        let mut joined = ExtensionMap::new();
        for id in 1..=255 {
            let m: Vec<(&[u8], i64)> = names.iter().map(|name| (&name[..], id)).collect();
            joined = joined.or(&map(&[&m]));
        }
        assert_eq!(joined.iter().count(), 2 * ExtensionMap::MAX_NAMES);
        let shared = map(&[&[(b"one", 1), (b"other", 1)]]);
        assert_eq!(ExtensionMap::new().or(&shared).conflicts().count(), 1);
    }
}
