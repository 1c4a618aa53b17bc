//! The catalogue: every protocol, message and field that is decoded, to be
//! listed. Each is declared once, beside its dissector; a new message has one
//! line here.
//!
//! ```
//! use peerscope::wire::catalogue::{self, Protocol};
//!
//! let request = catalogue::message(Protocol::Peer, "request").unwrap();
//! assert_eq!((request.id, request.bep), (Some(6), Some(3)));
//! let names: Vec<_> = catalogue::fields(request).map(|entry| entry.field.name).collect();
//! assert!(names.ends_with(&["index", "begin", "length"]));
//! ```

use super::anomaly::Anomaly;
use super::bencode::{Key, Rules, Shape, Table};
use super::extension as ext;
use super::field::Field;
use super::message_type::{Member, MessageType};
use super::peer::types as peer;
pub use super::protocol::Protocol;
use super::{dht, http_tracker, lsd, metainfo, mse, udp_tracker, utp};

impl Protocol {
    /// What can be wrong with its messages.
    pub fn anomalies(self) -> impl Iterator<Item = &'static Anomaly> {
        let (own, bencode): (&[&Anomaly], Option<&'static Rules>) = match self {
            Self::Peer => (super::peer::anomalies::ALL, Some(&ext::anomalies::BENCODE)),
            Self::Mse => (mse::anomalies::ALL, None),
            Self::Dht => (dht::anomalies::ALL, Some(&dht::anomalies::BENCODE)),
            Self::Utp => (utp::anomalies::ALL, None),
            Self::UdpTracker => (udp_tracker::anomalies::ALL, None),
            Self::HttpTracker => (
                http_tracker::anomalies::ALL,
                Some(&http_tracker::anomalies::BENCODE),
            ),
            Self::Lsd => (lsd::anomalies::ALL, None),
            Self::Metainfo => (&[], Some(&metainfo::BENCODE)),
        };
        let extended = match self {
            Self::Peer => ext::anomalies::ALL,
            _ => &[],
        };
        let own = own.iter().chain(extended).copied();
        own.chain(bencode.into_iter().flat_map(Rules::all))
    }

    /// Its messages.
    pub fn messages(self) -> &'static [&'static MessageType] {
        match self {
            Self::Peer => PEER,
            Self::Mse => MSE,
            Self::Dht => DHT,
            Self::Utp => UTP,
            Self::UdpTracker => UDP_TRACKER,
            Self::HttpTracker => HTTP_TRACKER,
            Self::Lsd => LSD,
            Self::Metainfo => METAINFO,
        }
    }
}

static PEER: &[&MessageType] = &[
    &peer::HANDSHAKE,
    &peer::KEEP_ALIVE,
    &peer::CHOKE,
    &peer::UNCHOKE,
    &peer::INTERESTED,
    &peer::NOT_INTERESTED,
    &peer::HAVE,
    &peer::BITFIELD,
    &peer::REQUEST,
    &peer::PIECE,
    &peer::CANCEL,
    &peer::PORT,
    &peer::SUGGEST_PIECE,
    &peer::HAVE_ALL,
    &peer::HAVE_NONE,
    &peer::REJECT_REQUEST,
    &peer::ALLOWED_FAST,
    &peer::HASH_REQUEST,
    &peer::HASHES,
    &peer::HASH_REJECT,
    &ext::EXTENDED_HANDSHAKE,
    &ext::UT_METADATA_REQUEST,
    &ext::UT_METADATA_DATA,
    &ext::UT_METADATA_REJECT,
    &ext::UT_PEX,
    &ext::LT_DONTHAVE,
    &ext::UPLOAD_ONLY,
    &ext::SHARE_MODE,
    &ext::UT_HOLEPUNCH,
    &ext::LT_TEX,
    &ext::UT_COMMENT,
    &ext::EXTENDED,
    &peer::AZMP,
    &peer::UNKNOWN,
    &peer::GAP,
];

static MSE: &[&MessageType] = &[&mse::PUBLIC_KEY_TYPE, &mse::NEGOTIATION, &mse::ENCRYPTED];

static DHT: &[&MessageType] = &[&dht::QUERY, &dht::RESPONSE, &dht::ERROR, &dht::UNKNOWN];

static UTP: &[&MessageType] = &[
    &utp::SYN,
    &utp::STATE,
    &utp::DATA,
    &utp::FIN,
    &utp::RESET,
    &utp::UNKNOWN,
];

static UDP_TRACKER: &[&MessageType] = &[
    &udp_tracker::CONNECT_REQUEST,
    &udp_tracker::CONNECT_RESPONSE,
    &udp_tracker::ANNOUNCE_REQUEST,
    &udp_tracker::ANNOUNCE_RESPONSE,
    &udp_tracker::SCRAPE_REQUEST,
    &udp_tracker::SCRAPE_RESPONSE,
    &udp_tracker::ERROR,
    &udp_tracker::UNKNOWN,
];

static HTTP_TRACKER: &[&MessageType] = &[
    &http_tracker::ANNOUNCE_REQUEST,
    &http_tracker::SCRAPE_REQUEST,
    &http_tracker::ANNOUNCE_RESPONSE,
    &http_tracker::SCRAPE_RESPONSE,
    &http_tracker::ERROR,
];

static LSD: &[&MessageType] = &[&lsd::ANNOUNCE];

static METAINFO: &[&MessageType] = &[&metainfo::TORRENT, &metainfo::INFO_TYPE];

/// Everything that can be wrong with a message, protocol by protocol.
pub fn anomalies() -> impl Iterator<Item = &'static Anomaly> {
    Protocol::ALL.into_iter().flat_map(Protocol::anomalies)
}

/// Every message of every protocol.
pub fn messages() -> impl Iterator<Item = &'static MessageType> {
    Protocol::ALL
        .into_iter()
        .flat_map(|protocol| protocol.messages().iter().copied())
}

/// The message of this name.
pub fn message(protocol: Protocol, name: &str) -> Option<&'static MessageType> {
    let mut all = protocol.messages().iter().copied();
    all.find(|message| message.name == name)
}

/// A field, and where in its message it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The field.
    pub field: &'static Field,
    /// The fields that it is in, outermost first.
    pub within: Vec<&'static Field>,
    /// Whether it is derived, and has no bytes of its own.
    pub is_fact: bool,
}

impl Entry {
    /// The key of its record, behind those that it is in: `r.nodes.node.id`.
    pub fn path(&self) -> String {
        let within = self.within.iter();
        let keys = within.chain([&self.field]).map(|field| field.key());
        keys.collect::<Vec<_>>().join(".")
    }
}

/// The fields of a message, each after those that it is in. Fields that any
/// message can have ([`ANYWHERE`]) are not among them.
pub fn fields(message: &MessageType) -> impl Iterator<Item = Entry> {
    let mut walk = Walk::default();
    walk.members(message.members);
    walk.entries.into_iter()
}

/// Fields that a message of any protocol can have: what is left over, what was
/// cut, what could not be read.
pub static ANYWHERE: &[Member] = &[
    Member::Field(&super::sink::NOT_SHOWN),
    Member::Shared(super::bencode::ANYWHERE),
    Member::Shared(peer::ANYWHERE),
    Member::Shared(ext::ANYWHERE),
    Member::Shared(mse::ANYWHERE),
    Member::Shared(dht::ANYWHERE),
    Member::Shared(udp_tracker::ANYWHERE),
    Member::Shared(http_tracker::ANYWHERE),
    Member::Shared(lsd::ANYWHERE),
    Member::Shared(metainfo::ANYWHERE),
];

/// The fields of [`ANYWHERE`].
pub fn anywhere() -> impl Iterator<Item = Entry> {
    let mut walk = Walk::default();
    walk.members(ANYWHERE);
    walk.entries.into_iter()
}

/// Groups within groups that are listed: the tables of metainfo files hold
/// themselves.
const MAX_DEPTH: usize = 6;

/// A walk over the members of a message.
#[derive(Default)]
struct Walk {
    entries: Vec<Entry>,
    within: Vec<&'static Field>,
    /// Tables that are being listed.
    tables: Vec<&'static Table>,
}

impl Walk {
    fn members(&mut self, members: &'static [Member]) {
        for member in members {
            match member {
                Member::Field(field) => self.push(field, false),
                Member::Fact(field) => self.push(field, true),
                Member::Group(field, members) => self.group(field, |walk| walk.members(members)),
                Member::Keys(table) => self.table(table),
                Member::Fields(fields) => fields.iter().for_each(|field| self.push(field, false)),
                Member::Shared(members) => self.members(members),
            }
        }
    }

    fn push(&mut self, field: &'static Field, is_fact: bool) {
        let entry = Entry {
            field,
            within: self.within.clone(),
            is_fact,
        };
        if !self.entries.contains(&entry) {
            self.entries.push(entry);
        }
    }

    fn group(&mut self, field: &'static Field, members: impl FnOnce(&mut Self)) {
        self.push(field, false);
        if self.within.len() < MAX_DEPTH {
            self.within.push(field);
            members(self);
            self.within.pop();
        }
    }

    fn table(&mut self, table: &'static Table) {
        if self.tables.iter().any(|open| std::ptr::eq(*open, table)) {
            return;
        }
        self.tables.push(table);
        for key in table.keys {
            self.key(key);
        }
        self.shape(&table.other);
        self.tables.pop();
    }

    fn key(&mut self, key: &'static Key) {
        self.group(key.field, |walk| walk.shape(&key.shape));
    }

    fn shape(&mut self, shape: &Shape) {
        if let Some(compact) = shape.compact {
            match compact.parts {
                [part] => self.push(part.field, false),
                parts => self.group(compact.record, |walk| {
                    for part in parts {
                        walk.push(part.field, false);
                    }
                }),
            }
        }
        if let Some((item, shape)) = shape.items {
            self.group(item, |walk| walk.shape(shape));
        }
        if let Some(table) = shape.dict {
            self.table(table);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_there_once() {
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::of(protocol.name()), Some(protocol));
            for (index, message) in protocol.messages().iter().enumerate() {
                assert_eq!(message.protocol, protocol, "{}", message.name);
                assert!(std::ptr::eq(
                    super::message(protocol, message.name).unwrap(),
                    *message
                ));
                let others = &protocol.messages()[index + 1..];
                assert!(others.iter().all(|other| other.name != message.name));
            }
        }
    }

    #[test]
    fn every_field_says_what_it_means() {
        let all = messages().flat_map(fields).chain(anywhere());
        for entry in all {
            let field = entry.field;
            let is_sentence = field.meaning.ends_with('.') && field.meaning.len() > 5;
            assert!(is_sentence, "{}: {:?}", field.name, field.meaning);
        }
    }

    #[test]
    fn what_a_dictionary_holds_is_listed_within_it() {
        let find = |message: &MessageType, name: &str| {
            let entry = fields(message).find(|entry| entry.field.name == name);
            let within = entry.unwrap().within;
            within.iter().map(|field| field.name).collect::<Vec<_>>()
        };
        assert_eq!(find(&dht::RESPONSE, "address"), ["r", "nodes", "node"]);
        assert_eq!(find(&dht::QUERY, "id"), ["a"]);
        assert_eq!(find(&ext::UT_COMMENT, "text"), ["comments", "comment"]);
        assert_eq!(find(&peer::REQUEST, "begin"), [""; 0]);
        assert_eq!(
            find(&metainfo::TORRENT, "pieces root"),
            ["info", "files", "file"]
        );
    }
}
