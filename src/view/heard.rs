//! From what the session heard to what the printer shows.

use std::io::{self, Write};

use serde_json::Value as Json;

use super::discovery;
use super::printer::Printer;
use super::record::{Captured, Gap, Origin, Record};
use crate::flow::Side;
use crate::session::{Content, Conversation, Heard, Hole};
use crate::wire::client::Client;
use crate::wire::extension::Extended;
use crate::wire::peer::{Bitfield, Handshake, Message, Problem, Reserved};

impl Printer {
    /// Whether [`Printer::heard`] writes this at all: of a gap within a message
    /// people learn from the incomplete message.
    pub fn shows(&self, heard: &Heard<'_>) -> bool {
        match &heard.content {
            Content::Gap(hole) => self.is_json() || !hole.within_message,
            _ => true,
        }
    }

    /// Writes a message or a gap.
    pub fn heard(&mut self, out: &mut dyn Write, heard: &Heard<'_>) -> io::Result<()> {
        if !self.shows(heard) {
            return Ok(());
        }
        if let Content::Gap(hole) = &heard.content {
            return self.gap(out, &gap(heard, hole));
        }
        let names = self.shows_clients().then(|| clients(heard));
        let names = names
            .as_ref()
            .map(|names| names.each_ref().map(Option::as_deref));
        self.record(
            out,
            &Record {
                origin: Origin::Capture(Captured {
                    time: heard.last.time,
                    frame: heard.last.frame,
                    first_frame: heard.first.frame,
                    stream: Some(heard.stream),
                    carrier: heard.carrier,
                    src: heard.src,
                    dst: heard.dst,
                    unsent: heard.unsent,
                    clients: names.unwrap_or_default(),
                }),
                protocol: heard.protocol(),
                message: heard.message_name(),
                length: heard.length,
                summary: heard,
                bytes: heard.bytes,
                missing: heard.missing,
                malformed: match heard.problem() {
                    Some(Problem::Malformed(malformed)) => Some(malformed),
                    Some(Problem::Cut) | None => None,
                },
                inferred: heard.is_inferred(),
                certainty: heard.certainty(),
                derived: &|| derived(heard),
                dissect: &|tree| heard.dissect(tree),
                decoded: &|tree| heard.dissect_decoded(tree),
            },
        )
    }
}

fn gap(heard: &Heard<'_>, hole: &Hole) -> Gap {
    Gap {
        time: heard.last.time,
        frame: heard.last.frame,
        stream: heard.stream,
        carrier: heard.carrier,
        src: heard.src,
        dst: heard.dst,
        offset: heard.offset,
        hole: *hole,
    }
}

/// Names of the clients of sender and receiver.
fn clients(heard: &Heard<'_>) -> [Option<String>; 2] {
    [heard.from, heard.from.other()].map(|side| client(heard.conversation?, side))
}

fn client(conversation: &Conversation, side: Side) -> Option<String> {
    let handshake = conversation.speaker(side).handshake?;
    Client::from_peer_id(&handshake.peer_id).map(|client| client.to_string())
}

/// Facts that are not fields of the message.
fn derived(heard: &Heard<'_>) -> Vec<(&'static str, Json)> {
    match &heard.content {
        Content::Peer { message, .. } => peer_facts(message),
        Content::Mse(_) | Content::Gap(_) => Vec::new(),
        content => discovery::facts(content),
    }
}

/// The facts of a message of the peer wire.
pub fn peer_facts(message: &Message<'_>) -> Vec<(&'static str, Json)> {
    match message {
        Message::Handshake(handshake) => handshake_facts(handshake),
        Message::HandshakeStart(start) => vec![("client", Json::Null), extensions(start.reserved)],
        Message::Bitfield(bitfield) => bitfield_facts(bitfield),
        Message::Extended(extended) => extended_facts(extended),
        _ => Vec::new(),
    }
}

fn handshake_facts(handshake: &Handshake) -> Vec<(&'static str, Json)> {
    let client = Client::from_peer_id(&handshake.peer_id).map(|client| client.to_string());
    vec![("client", client.into()), extensions(handshake.reserved)]
}

/// The names of the known bits.
fn extensions(reserved: Reserved) -> (&'static str, Json) {
    let names = reserved.known().map(|flag| flag.name);
    ("extensions", names.collect())
}

/// The name of the extension, where the name of the message does not tell.
fn extended_facts(extended: &Extended<'_>) -> Vec<(&'static str, Json)> {
    match &extended.name {
        Some(name) if extended.message_name() == "extended" => {
            vec![("extension", name.text().into())]
        }
        _ => Vec::new(),
    }
}

fn bitfield_facts(bitfield: &Bitfield<'_>) -> Vec<(&'static str, Json)> {
    let set = bitfield.set() - bitfield.spare_bits_set();
    let mut facts = vec![("pieces_set", set.into())];
    if let Some(pieces) = bitfield.pieces {
        facts.push(("pieces", pieces.into()));
        facts.push(("spare_bits_set", bitfield.spare_bits_set().into()));
    }
    facts
}
