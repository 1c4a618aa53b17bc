//! What a peer announces in its extended handshake.

use crate::wire::extension::ExtendedHandshake;

/// Entries that are kept; real peers announce up to 25.
const MAX_ENTRIES: usize = 128;

/// Bytes of a key or value that are kept.
const MAX_TEXT: usize = 64;

/// Keys whose values tell of the torrent, the network or the client's name, not
/// of how it behaves: whether they are there is compared, their value is not.
const CIRCUMSTANTIAL: [&str; 8] = [
    "v",
    "p",
    "yourip",
    "ipv4",
    "ipv6",
    "metadata_size",
    "complete_ago",
    "tr",
];

/// One key of the dictionary, or one name of its `m`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key; of an extension `m.` and its name. Text of the capture.
    pub key: String,
    /// The value: a number in decimal, a text, an address, else bencode. Text of
    /// the capture.
    pub value: String,
}

impl Entry {
    /// What the value says of how the client behaves; nothing where only its
    /// presence does. Ids of extensions are everybody's own choice, but for 0, which
    /// says that an extension is off (BEP 10).
    pub fn compared(&self) -> Option<&str> {
        if self.key.starts_with("m.") {
            return Some(if self.value == "0" { "off" } else { "on" });
        }
        let is_circumstantial = CIRCUMSTANTIAL.contains(&self.key.as_str());
        (!is_circumstantial).then_some(&self.value)
    }
}

/// The entries of the first extended handshake, sorted by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced(Vec<Entry>);

impl Announced {
    /// Keeps what a handshake says.
    pub fn new(handshake: &ExtendedHandshake<'_>) -> Self {
        let numbers = [
            ("p", handshake.p),
            ("reqq", handshake.reqq),
            ("metadata_size", handshake.metadata_size),
            ("upload_only", handshake.upload_only),
            ("complete_ago", handshake.complete_ago),
            ("share_mode", handshake.share_mode),
            ("e", handshake.e),
        ];
        let mut entries = Vec::new();
        let mut push = |key: String, value: Option<String>| {
            if let Some(value) = value.filter(|_| entries.len() < MAX_ENTRIES) {
                entries.push(Entry { key, value });
            }
        };
        for (key, number) in numbers {
            push(key.to_owned(), number.map(|number| number.to_string()));
        }
        push("v".to_owned(), handshake.v.map(text));
        push(
            "yourip".to_owned(),
            handshake.yourip.map(|ip| ip.to_string()),
        );
        push("ipv4".to_owned(), handshake.ipv4.map(|ip| ip.to_string()));
        push("ipv6".to_owned(), handshake.ipv6.map(|ip| ip.to_string()));
        push("tr".to_owned(), handshake.tr.map(hex::encode));
        for (name, id) in &handshake.m {
            push(format!("m.{}", text(name)), Some(id.to_string()));
        }
        for (key, value) in &handshake.others {
            push(text(key), Some(text(value)));
        }
        entries.sort_by(|one, other| one.key.cmp(&other.key));
        entries.dedup_by(|later, first| later.key == first.key);
        Self(entries)
    }

    /// The entries, sorted by key.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    /// Bytes of memory on the heap, about.
    pub fn cost(&self) -> usize {
        /// What the two allocations of an entry cost beside their bytes.
        const ALLOCATIONS: usize = 32;
        let texts = |entry: &Entry| entry.key.capacity() + entry.value.capacity() + ALLOCATIONS;
        let texts: usize = self.0.iter().map(texts).sum();
        self.0.capacity() * size_of::<Entry>() + texts
    }

    /// All that is compared, in one text.
    pub fn compared(&self) -> String {
        let mut all = String::new();
        for entry in &self.0 {
            all.push_str(&entry.key);
            if let Some(value) = entry.compared() {
                all.push('=');
                all.push_str(value);
            }
            all.push('\n');
        }
        all
    }
}

/// The beginning of bytes that should be text.
fn text(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(MAX_TEXT)];
    let mut text = String::from_utf8_lossy(head).into_owned();
    if head.len() < bytes.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_are_entries_and_circumstances_are_not_compared() {
        let mut handshake = ExtendedHandshake {
            m: vec![(b"ut_pex", 1), (b"ut_metadata", 2)],
            reqq: Some(500),
            v: Some(b"client 1"),
            others: vec![(b"x", b"le")],
            ..ExtendedHandshake::default()
        };
        let one = Announced::new(&handshake);
        let keys: Vec<_> = one.entries().iter().map(|entry| &entry.key[..]).collect();
        assert_eq!(keys, ["m.ut_metadata", "m.ut_pex", "reqq", "v", "x"]);
        assert_eq!(one.get("reqq").unwrap().value, "500");
        handshake.v = Some(b"client 2");
        assert_eq!(Announced::new(&handshake).compared(), one.compared());
        handshake.reqq = Some(250);
        assert_ne!(Announced::new(&handshake).compared(), one.compared());
        handshake.reqq = Some(500);
        handshake.v = None;
        assert_ne!(Announced::new(&handshake).compared(), one.compared());
    }

    #[test]
    fn bounded() {
        let long = vec![b'k'; 1000];
        let names: Vec<_> = (0..1000_u32).map(u32::to_be_bytes).collect();
        let mut others: Vec<(&[u8], &[u8])> = vec![(&long, &long)];
        others.extend(names.iter().map(|name| (&name[..], &b"i0e"[..])));
        let announced = Announced::new(&ExtendedHandshake {
            others,
            ..ExtendedHandshake::default()
        });
        assert!(announced.entries().len() <= MAX_ENTRIES);
        let longest = announced.entries().iter().map(|entry| entry.key.len());
        assert!(longest.max().unwrap() <= 3 * MAX_TEXT + 3);
    }
}
