//! The extended handshake (BEP 10): a dictionary of what the sender offers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::input::Input;
use super::{HEAD, message};
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
    Key::new(&P),
    Key::new(&V),
    Key::new(&YOURIP),
    Key::new(&IPV4),
    Key::new(&IPV6),
    Key::new(&REQQ),
    Key::new(&METADATA_SIZE),
    Key::new(&UPLOAD_ONLY),
    Key::new(&COMPLETE_AGO),
    Key::new(&SHARE_MODE),
    Key::new(&E),
    Key::new(&TR),
]);

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
    /// Reads the dictionary of `document`. Gives the first problem too.
    pub fn from_document(document: &Document<'a>) -> (Self, Option<&'static str>) {
        let mut handshake = Self::default();
        let mut problem = None;
        match document.root() {
            Some(root) if root.kind() == TokenKind::Dict => {
                for (key, value) in root.entries() {
                    let taken = handshake.take(key, value);
                    problem = problem.or(taken.err());
                }
            }
            _ => problem = Some("extended handshake that is not a dictionary"),
        }
        (handshake, problem)
    }

    /// Keeps one entry. Of a key that is there twice the first one counts.
    fn take(&mut self, key: &'a [u8], value: Node<'a, '_>) -> Result<(), &'static str> {
        let int = match key {
            b"p" => &mut self.p,
            b"reqq" => &mut self.reqq,
            b"metadata_size" => &mut self.metadata_size,
            b"upload_only" => &mut self.upload_only,
            b"complete_ago" => &mut self.complete_ago,
            b"share_mode" => &mut self.share_mode,
            b"e" => &mut self.e,
            _ => return self.take_other(key, value),
        };
        match value.lenient_int() {
            Some(number) => {
                int.get_or_insert(number);
                Ok(())
            }
            None => self.reject(key, value, "value that is not a 64-bit integer"),
        }
    }

    fn take_other(&mut self, key: &'a [u8], value: Node<'a, '_>) -> Result<(), &'static str> {
        let taken = match key {
            b"m" if value.kind() == TokenKind::Dict => return self.take_names(value),
            b"m" => return self.reject(key, value, "`m` that is not a dictionary"),
            b"v" => keep(&mut self.v, value.as_bytes()),
            b"yourip" => keep(&mut self.yourip, ip(value)),
            b"ipv4" => keep(&mut self.ipv4, value.as_array::<4>().map(Into::into)),
            b"ipv6" => keep(&mut self.ipv6, value.as_array::<16>().map(Into::into)),
            b"tr" => keep(&mut self.tr, value.as_array()),
            _ => {
                self.keep_raw(key, value);
                true
            }
        };
        if taken {
            Ok(())
        } else {
            self.reject(key, value, "value of the wrong type or length")
        }
    }

    fn take_names(&mut self, m: Node<'a, '_>) -> Result<(), &'static str> {
        if self.m.is_empty() {
            let names = m.entries();
            self.m
                .extend(names.filter_map(|(name, id)| Some((name, id.lenient_int()?))));
        }
        check_names(m).map_or(Ok(()), Err)
    }

    fn reject(
        &mut self,
        key: &'a [u8],
        value: Node<'a, '_>,
        problem: &'static str,
    ) -> Result<(), &'static str> {
        self.keep_raw(key, value);
        Err(problem)
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

/// What is wrong with the ids in `m`, by themselves or with each other.
fn check_names(m: Node<'_, '_>) -> Option<&'static str> {
    let mut used = [false; 256];
    for (_, id) in m.entries() {
        let Some(id) = id.lenient_int() else {
            return Some("extended id that is not a number");
        };
        let Some(used) = usize::try_from(id).ok().and_then(|id| used.get_mut(id)) else {
            return Some("extended id that is not a byte");
        };
        if *used && id != 0 {
            return Some("two extensions with the same id");
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
    let (handshake, problem) = ExtendedHandshake::from_document(&document);
    match (problem, document.root()) {
        // The field tree has it where it occurs.
        (Some(problem), Some(root)) if root.kind() == TokenKind::Dict => {
            input.anomaly.get_or_insert(problem);
        }
        (Some(problem), _) => input.missing(problem),
        (None, _) => {}
    }
    input.end();
    handshake
}

impl fmt::Display for ExtendedHandshake<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// More names than this are counted only.
        const SHOWN: usize = 12;
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
        for (name, id) in self.m.iter().take(SHOWN) {
            write!(f, "{separator}{} {id}", String::from_utf8_lossy(name))?;
            separator = ", ";
        }
        match self.m.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {}", Count(more as u64, "more extension")),
        }
    }
}
