//! Facts that are derived from a message and are no fields of it: they have no
//! bytes of their own. Records have them beside the fields, filters ask for them.

use std::borrow::Cow;
use std::net::SocketAddr;

use super::content::{Content, Dissection};
use super::event::Heard;
use super::hole::Hole;
use crate::flow::GapCause;
use crate::wire;
use crate::wire::client::Client;
use crate::wire::compact::{Family, addresses};
use crate::wire::extension::Extended;
use crate::wire::http_tracker::{Peers, Reply, Response};
use crate::wire::peer::{Bitfield, Handshake, Message, Reserved};

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FactValue<'a> {
    /// It is not known.
    Unknown,
    /// A number.
    Number(i128),
    /// Text; may be of the capture.
    Text(Cow<'a, str>),
    /// Names.
    Names(Vec<&'static str>),
    /// Addresses.
    Addresses(Vec<SocketAddr>),
}

/// A fact: the key of its record, and what it says.
pub type Fact<'a> = (&'static str, FactValue<'a>);

impl From<u64> for FactValue<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<i64> for FactValue<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<Option<u64>> for FactValue<'_> {
    fn from(number: Option<u64>) -> Self {
        number.map_or(Self::Unknown, Self::from)
    }
}

impl<'a> From<Cow<'a, str>> for FactValue<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl Heard<'_> {
    /// The facts of the message or gap.
    pub fn facts(&self) -> Vec<Fact<'_>> {
        match &self.content {
            Content::Message(dissection) => match dissection.message {
                wire::Message::Peer(message) => peer_facts(message),
                _ => discovery_facts(dissection),
            },
            Content::Gap(hole) => hole_facts(hole, self.offset).into(),
        }
    }
}

/// The facts of a message of the peer wire.
pub fn peer_facts<'a>(message: &'a Message<'_>) -> Vec<Fact<'a>> {
    match message {
        Message::Handshake(handshake) => handshake_facts(handshake),
        Message::HandshakeStart(start) => vec![
            ("client", FactValue::Unknown),
            ("extensions", extensions(start.reserved)),
        ],
        Message::Bitfield(bitfield) => bitfield_facts(bitfield),
        Message::Extended(extended) => extended_facts(extended),
        _ => Vec::new(),
    }
}

fn handshake_facts(handshake: &Handshake) -> Vec<Fact<'static>> {
    let client = Client::from_peer_id(&handshake.peer_id);
    let client = client.map_or(FactValue::Unknown, |client| {
        FactValue::Text(client.to_string().into())
    });
    vec![
        ("client", client),
        ("extensions", extensions(handshake.reserved)),
    ]
}

/// The names of the known bits.
fn extensions(reserved: Reserved) -> FactValue<'static> {
    FactValue::Names(reserved.known().map(|flag| flag.name).collect())
}

/// The name of the extension, where the name of the message does not tell.
fn extended_facts<'a>(extended: &'a Extended<'_>) -> Vec<Fact<'a>> {
    match &extended.name {
        Some(name) if extended.message_name() == "extended" => {
            vec![("extension", name.text().into())]
        }
        _ => Vec::new(),
    }
}

fn bitfield_facts(bitfield: &Bitfield<'_>) -> Vec<Fact<'static>> {
    let set = bitfield.set() - bitfield.spare_bits_set();
    let mut facts = vec![("pieces_set", set.into())];
    if let Some(pieces) = bitfield.pieces {
        facts.push(("pieces", u64::from(pieces).into()));
        facts.push(("spare_bits_set", bitfield.spare_bits_set().into()));
    }
    facts
}

fn hole_facts(hole: &Hole, offset: u64) -> [Fact<'static>; 4] {
    let cause = match hole.cause {
        Some(GapCause::Lost) => FactValue::Text("lost".into()),
        Some(GapCause::Snaplen) => FactValue::Text("snaplen".into()),
        None => FactValue::Unknown,
    };
    [
        ("bytes", hole.missing.into()),
        ("skipped", hole.skipped.into()),
        ("offset", offset.into()),
        ("cause", cause),
    ]
}

/// The facts of messages of the DHT and of trackers.
fn discovery_facts<'a>(dissection: &'a Dissection<'_>) -> Vec<Fact<'a>> {
    let mut facts = match dissection.message {
        wire::Message::Dht(message) => {
            let method = message.method().or(dissection.method);
            let name = method.map(|method| ("method", Cow::from(method.to_string()).into()));
            Vec::from_iter(name)
        }
        wire::Message::HttpResponse(message) => unpacked(message),
        _ => Vec::new(),
    };
    if let Some(query) = dissection.query {
        facts.push(("query_frame", query.frame.into()));
    }
    facts
}

/// The main fields of a reply that has no place among the message's bytes.
fn unpacked<'a>(response: &Response<'_>) -> Vec<Fact<'a>> {
    if !response.is_decoded {
        return Vec::new();
    }
    let reply = &response.reply;
    let numbers = [
        ("interval", reply.interval),
        ("complete", reply.complete),
        ("incomplete", reply.incomplete),
    ];
    let numbers = numbers
        .into_iter()
        .filter_map(|(name, number)| Some((name, number?.into())));
    numbers
        .chain(peers(reply).map(|peers| ("peers", peers)))
        .collect()
}

fn peers(reply: &Reply) -> Option<FactValue<'static>> {
    reply.peer_count()?;
    let v4 = reply.peers.as_ref().map(Peers::addresses);
    let v6 = reply.peers6.as_deref().unwrap_or_default();
    let all = v4.into_iter().flatten().chain(addresses(v6, Family::V6));
    Some(FactValue::Addresses(all.collect()))
}
