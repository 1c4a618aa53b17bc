//! The extended handshake (BEP 10): a dictionary of what the sender offers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::anomalies;
use super::head::{HEAD, message};
use super::input::Input;
use crate::wire::anomaly::Breach;
use crate::wire::bencode::{Dict, Document, Key, Node, Shape, Table, TokenKind};
use crate::wire::words::Count;
use crate::wire::{Field, Kind, Member, MessageType, Sink, Topic, Unit};

static M: Field = Field::new(
    "m",
    Kind::Group,
    "The extensions that the sender understands: name to the id that it wants on their messages, 0 for none.",
);
static P: Field = Field::new(
    "p",
    Kind::Uint(Unit::None),
    "TCP port on which the sender accepts connections.",
);
static V: Field = Field::new("v", Kind::Text, "Name and version of the client.");
static YOURIP: Field = Field::new(
    "yourip",
    Kind::Address,
    "Address of the receiver as the sender sees it.",
);
static IPV4: Field = Field::new("ipv4", Kind::Address, "IPv4 address of the sender.");
static IPV6: Field = Field::new("ipv6", Kind::Address, "IPv6 address of the sender.");
static REQQ: Field = Field::new(
    "reqq",
    Kind::Int,
    "How many outstanding requests the sender accepts.",
);
static METADATA_SIZE: Field = Field::new(
    "metadata_size",
    Kind::Uint(Unit::Bytes),
    "Length of the info dictionary (BEP 9).",
);
static UPLOAD_ONLY: Field = Field::new(
    "upload_only",
    Kind::Bool,
    "1 if the sender downloads nothing more (BEP 21).",
);
static COMPLETE_AGO: Field = Field::new(
    "complete_ago",
    Kind::Uint(Unit::Seconds),
    "How long ago the sender became a seed.",
);
static SHARE_MODE: Field = Field::new(
    "share_mode",
    Kind::Bool,
    "1 if the sender downloads only to raise its share ratio.",
);
static E: Field = Field::new(
    "e",
    Kind::Bool,
    "1 if the sender prefers encrypted connections.",
);
static TR: Field = Field::new(
    "tr",
    Kind::Hash,
    "Hash of the list of trackers that the sender has (BEP 28).",
);

static NAMES: Table = Table::of(Shape::PLAIN);
static TABLE: Table = Table::new(&[
    Key::shaped(&M, Shape::dict(&NAMES)).checked(check_names),
    Key::new(&P).checked(check_port),
    Key::new(&V),
    Key::new(&YOURIP).checked(check_yourip),
    Key::new(&IPV4).checked(check_ipv4),
    Key::new(&IPV6).checked(check_ipv6),
    Key::new(&REQQ).checked(check_queue),
    Key::new(&METADATA_SIZE).checked(check_metadata_size),
    Key::new(&UPLOAD_ONLY),
    Key::new(&COMPLETE_AGO),
    Key::new(&SHARE_MODE),
    Key::new(&E),
    Key::new(&TR),
])
.under(&anomalies::BENCODE);

/// Bytes of the largest info dictionary that libtorrent takes.
const MAX_METADATA: i64 = 30 << 20;

/// The extended handshake.
pub static EXTENDED_HANDSHAKE: MessageType = message("extended_handshake", Topic::Setup)
    .bep(10)
    .members(&[Member::Shared(HEAD), Member::Keys(&TABLE)]);

/// An extended handshake. Keys of an unexpected type are among `others`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExtendedHandshake<'a> {
    /// The extensions that the sender understands, each with the id that it
    /// wants on their messages; 0 switches one off. In the order of the bytes.
    pub m: Vec<(&'a [u8], i64)>,
    /// TCP port that the sender listens on.
    pub p: Option<i64>,
    /// Client name and version, UTF-8 by specification.
    pub v: Option<&'a [u8]>,
    /// The receiver's address as the sender sees it.
    pub yourip: Option<IpAddr>,
    /// The sender's IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// The sender's IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
    /// Outstanding requests that the sender accepts.
    pub reqq: Option<i64>,
    /// Length of the info dictionary in bytes (BEP 9).
    pub metadata_size: Option<i64>,
    /// 1: the sender will not download any more (BEP 21).
    pub upload_only: Option<i64>,
    /// Seconds since the sender became a seed; -1 if it is none.
    pub complete_ago: Option<i64>,
    /// 1: the sender only downloads what it can upload.
    pub share_mode: Option<i64>,
    /// 1: the sender prefers encrypted connections.
    pub e: Option<i64>,
    /// Hash of the sender's list of trackers (BEP 28).
    pub tr: Option<[u8; 20]>,
    /// All other entries: key, and value as it is bencoded.
    pub others: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> ExtendedHandshake<'a> {
    /// Reads the dictionary of `document`; there is nothing in what is none.
    pub fn from_document(document: &Document<'a>) -> Self {
        let mut handshake = Self::default();
        for (key, value) in document.root().iter().flat_map(Node::entries) {
            if !handshake.take(key, value) {
                handshake.keep_raw(key, value);
            }
        }
        handshake
    }

    /// Keeps one entry, if it is a known one of the right type. Of a key that is
    /// there twice the first one counts.
    fn take(&mut self, key: &'a [u8], value: Node<'a, '_>) -> bool {
        let int = match key {
            b"p" => &mut self.p,
            b"reqq" => &mut self.reqq,
            b"metadata_size" => &mut self.metadata_size,
            b"upload_only" => &mut self.upload_only,
            b"complete_ago" => &mut self.complete_ago,
            b"share_mode" => &mut self.share_mode,
            b"e" => &mut self.e,
            b"m" if value.kind() == TokenKind::Dict => {
                self.take_names(value);
                return true;
            }
            b"v" => return keep(&mut self.v, value.as_bytes()),
            b"yourip" => return keep(&mut self.yourip, ip(value)),
            b"ipv4" => return keep(&mut self.ipv4, value.as_array::<4>().map(Into::into)),
            b"ipv6" => return keep(&mut self.ipv6, value.as_array::<16>().map(Into::into)),
            b"tr" => return keep(&mut self.tr, value.as_array()),
            _ => return false,
        };
        keep(int, value.lenient_int())
    }

    fn take_names(&mut self, m: Node<'a, '_>) {
        if self.m.is_empty() {
            let names = m.entries();
            self.m
                .extend(names.filter_map(|(name, id)| Some((name, id.lenient_int()?))));
        }
    }

    fn keep_raw(&mut self, key: &'a [u8], value: Node<'a, '_>) {
        if value.is_closed() {
            self.others.push((key, value.raw()));
        }
    }

    /// The bencoded dictionary.
    pub fn encode(&self) -> Vec<u8> {
        let names = self
            .m
            .iter()
            .fold(Dict::new(), |names, &(name, id)| names.int(name, id));
        let yourip = self.yourip.map(|ip| match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        });
        let dict = Dict::new()
            .dict("m", &names)
            .maybe_int("p", self.p)
            .maybe_bytes("v", self.v)
            .maybe_bytes("yourip", yourip)
            .maybe_bytes("ipv4", self.ipv4.map(|ip| ip.octets()))
            .maybe_bytes("ipv6", self.ipv6.map(|ip| ip.octets()))
            .maybe_int("reqq", self.reqq)
            .maybe_int("metadata_size", self.metadata_size)
            .maybe_int("upload_only", self.upload_only)
            .maybe_int("complete_ago", self.complete_ago)
            .maybe_int("share_mode", self.share_mode)
            .maybe_int("e", self.e)
            .maybe_bytes("tr", self.tr);
        self.others
            .iter()
            .fold(dict, |dict, &(key, value)| dict.raw(key, value))
            .encode()
    }
}

fn check_port(port: Node<'_, '_>) -> Option<Breach> {
    let port = port.as_int()?;
    let is_port = (1..=i64::from(u16::MAX)).contains(&port);
    (!is_port).then(|| anomalies::BAD_PORT.with(port))
}

fn check_queue(reqq: Node<'_, '_>) -> Option<Breach> {
    let reqq = reqq.as_int()?;
    (reqq <= 0).then(|| anomalies::NO_QUEUE.with(reqq))
}

fn check_metadata_size(size: Node<'_, '_>) -> Option<Breach> {
    match size.as_int()? {
        size if size <= 0 => Some(anomalies::NO_METADATA.with(size)),
        size if size > MAX_METADATA => Some(anomalies::MUCH_METADATA.with(size)),
        _ => None,
    }
}

fn check_yourip(ip: Node<'_, '_>) -> Option<Breach> {
    check_address(ip, 4).filter(|_| ip.as_bytes().is_some_and(|ip| ip.len() != 16))
}

fn check_ipv4(ip: Node<'_, '_>) -> Option<Breach> {
    check_address(ip, 4)
}

fn check_ipv6(ip: Node<'_, '_>) -> Option<Breach> {
    check_address(ip, 16)
}

/// An address must be so long.
fn check_address(ip: Node<'_, '_>, due: usize) -> Option<Breach> {
    let length = ip.as_bytes()?.len();
    match length {
        _ if length == due => None,
        4 | 6 | 16 | 18 => Some(anomalies::OTHER_ADDRESS.with_both(length, due)),
        _ => Some(Breach::from(&anomalies::ADDRESS_LENGTH)),
    }
}

/// What is wrong with the ids in `m`, by themselves or with each other.
fn check_names(m: Node<'_, '_>) -> Option<Breach> {
    let mut used = [false; 256];
    for (_, id) in m.entries() {
        let Some(id) = id.lenient_int() else {
            return Some(Breach::from(&anomalies::ID_NOT_A_NUMBER));
        };
        let Some(used) = usize::try_from(id).ok().and_then(|id| used.get_mut(id)) else {
            return Some(Breach::from(&anomalies::ID_NOT_A_BYTE));
        };
        if *used && id != 0 {
            return Some(Breach::from(&anomalies::SAME_ID));
        }
        *used = true;
    }
    None
}

/// Fills an empty slot; whether there was something to fill it with.
fn keep<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let taken = value.is_some();
    if slot.is_none() {
        *slot = value;
    }
    taken
}

fn ip(value: Node<'_, '_>) -> Option<IpAddr> {
    value
        .as_array::<4>()
        .map(IpAddr::from)
        .or_else(|| value.as_array::<16>().map(IpAddr::from))
}

pub(super) fn dissect<'i, S: Sink>(input: &mut Input<'_, 'i, '_, S>) -> ExtendedHandshake<'i> {
    let document = input.dictionary(&TABLE);
    let is_dictionary = document
        .root()
        .is_some_and(|root| root.kind() == TokenKind::Dict);
    if !is_dictionary {
        input.missing(&anomalies::NOT_A_DICTIONARY);
    }
    input.end();
    ExtendedHandshake::from_document(&document)
}

impl fmt::Display for ExtendedHandshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More names than this are counted only.
        const MAX_NAMES_SHOWN: usize = 12;
        f.write_str("extended handshake")?;
        let mut separator = ": ";
        if let Some(v) = self.v.filter(|v| !v.is_empty()) {
            write!(f, "{separator}{}", String::from_utf8_lossy(v))?;
            separator = ", ";
        }
        if let Some(size) = self.metadata_size {
            write!(f, "{separator}metadata {size} B")?;
            separator = ", ";
        }
        for (name, id) in self.m.iter().take(MAX_NAMES_SHOWN) {
            write!(f, "{separator}{} {id}", String::from_utf8_lossy(name))?;
            separator = ", ";
        }
        match self.m.len().saturating_sub(MAX_NAMES_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {}", Count(more as u64, "more extension")),
        }
    }
}
