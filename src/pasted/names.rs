//! Extension ids of a text whose directions are not known.

use std::sync::Arc;

use crate::wire::extension::{self, ExtendedHandshake, ExtendedId, ExtensionMap, ExtensionName};

/// More extended handshakes of one text are not remembered.
const MAX_HEARD: usize = 64;

/// What is known of extension ids: by hand, and by the extended handshakes that
/// came before.
#[derive(Debug, Clone, Default)]
pub struct Names {
    given: Option<Arc<ExtensionMap>>,
    heard: Vec<Arc<ExtensionMap>>,
}

impl Names {
    /// Names given by hand; they count before all others.
    pub fn new<'n>(given: impl IntoIterator<Item = (&'n str, u8)>) -> Self {
        let m = given.into_iter();
        let m: Vec<_> = m
            .map(|(name, id)| (name.as_bytes(), i64::from(id)))
            .collect();
        let given = (!m.is_empty()).then(|| map_of(m));
        let heard = Vec::new();
        Self { given, heard }
    }

    /// Learns what an extended handshake announces.
    pub fn hear(&mut self, handshake: &ExtendedHandshake<'_>) {
        if !handshake.m.is_empty() && self.heard.len() < MAX_HEARD {
            self.heard.push(map_of(handshake.m.clone()));
        }
    }

    /// The map by which a message with this id is to be read. Who receives it is
    /// not known: of several handshakes that name the id that one counts which
    /// agrees with the content, else the latest.
    pub fn map(&self, id: ExtendedId, body: &[u8], length: usize) -> Option<Arc<ExtensionMap>> {
        let knows = |map: &&Arc<ExtensionMap>| map.name(id).is_some();
        let guess = extension::infer(id, body, length).map(ExtensionName::Known);
        let agrees = |map: &&Arc<ExtensionMap>| map.name(id) == guess.as_ref();
        let all = || self.heard.iter().rev().filter(knows);
        let given = self.given.iter().find(knows);
        let map = given.or_else(|| all().find(agrees));
        map.or_else(|| all().next()).cloned()
    }

    /// The id given for an extension, or announced for it last.
    pub fn id(&self, name: &ExtensionName) -> Option<ExtendedId> {
        let mut maps = self.given.iter().chain(self.heard.iter().rev());
        maps.find_map(|map| map.id(name))
    }
}

fn map_of(m: Vec<(&[u8], i64)>) -> Arc<ExtensionMap> {
    let mut map = ExtensionMap::new();
    map.update(&ExtendedHandshake {
        m,
        ..ExtendedHandshake::default()
    });
    Arc::new(map)
}
