//! What is said of a connection before its first line.

use std::collections::HashMap;
use std::net::SocketAddr;

use foldhash::fast::RandomState;

use crate::flow::{Carrier, Side};
use crate::session::{ConnectionEvent, Conversation, Heard};
use crate::view::document::Document;
use crate::view::ends::{MARGIN, push_ends};
use crate::view::record::Captured;
use crate::view::style::Role;
use crate::view::text::{Safe, clipped};
use crate::wire::client::Client;
use crate::wire::peer::Message;

/// Connections that are remembered as introduced; where there are more, all are
/// forgotten, and introduced again when something is told of them.
const MAX_KNOWN: usize = 1 << 16;

/// Which connections were introduced.
#[derive(Debug, Default)]
pub struct Introductions {
    known: HashMap<u64, Introduced, RandomState>,
}

/// What was said of a connection.
#[derive(Debug, Clone, Copy)]
struct Introduced {
    /// Initiator and acceptor.
    ends: [SocketAddr; 2],
    torrent: Option<[u8; 20]>,
}

impl Introductions {
    /// Introduces the connection of a message or gap, as far as that was not done;
    /// says who speaks.
    pub fn of_message(
        &mut self,
        document: &mut Document,
        columns: usize,
        captured: &Captured<'_>,
    ) -> Side {
        let Some(stream) = captured.stream else {
            return Side::Initiator;
        };
        let known = self.known.get(&stream).copied();
        let from = match (captured.heard, known) {
            (Some(heard), _) => heard.from,
            (None, Some(known)) if known.ends[0] != captured.src => Side::Acceptor,
            (None, _) => Side::Initiator,
        };
        let conversation = captured.heard.and_then(|heard| heard.conversation);
        let torrent = captured.heard.and_then(info_hash);
        let ends = match from {
            Side::Initiator => [captured.src, captured.dst],
            Side::Acceptor => [captured.dst, captured.src],
        };
        if known.is_none() {
            let clients = clients(captured.heard);
            let head = head(stream, captured.carrier);
            let clients = clients.each_ref().map(Option::as_deref);
            push_ends(document, Some(columns), &head, ends, clients);
        }
        let said = known.and_then(|known| known.torrent);
        if let Some(hash) = torrent.filter(|hash| said != Some(*hash)) {
            push_torrent(document, columns, hash, conversation);
        }
        let torrent = torrent.or(said);
        self.remember(stream, Introduced { ends, torrent });
        from
    }

    /// Introduces the connection of an event, unless that was done.
    pub fn of_event(&mut self, document: &mut Document, columns: usize, event: &ConnectionEvent) {
        let is_known = event
            .stream
            .is_some_and(|stream| self.known.contains_key(&stream));
        if is_known {
            return;
        }
        let ends = event.ends;
        if let Some(stream) = event.stream {
            let head = head(stream, event.carrier);
            push_ends(document, Some(columns), &head, ends, [None, None]);
            let torrent = None;
            self.remember(stream, Introduced { ends, torrent });
        } else {
            let head = format!("-- -  {}", event.carrier.name());
            push_ends(document, Some(columns), &head, ends, [None, None]);
        }
    }

    fn remember(&mut self, stream: u64, introduced: Introduced) {
        if self.known.len() == MAX_KNOWN && !self.known.contains_key(&stream) {
            self.known.clear();
        }
        self.known.insert(stream, introduced);
    }
}

/// The info-hash that the connection of a message is about, this message included.
fn info_hash(heard: &Heard<'_>) -> Option<[u8; 20]> {
    if let Some(Message::Handshake(handshake)) = heard.peer_message() {
        // Of a hybrid torrent the acceptor may answer with the other one.
        let said = heard.conversation.and_then(Conversation::info_hash);
        return match heard.from {
            Side::Initiator => Some(handshake.info_hash),
            Side::Acceptor => said.or(Some(handshake.info_hash)),
        };
    }
    heard.conversation?.info_hash()
}

/// Names of the clients of initiator and acceptor, this message included.
fn clients(heard: Option<&Heard<'_>>) -> [Option<String>; 2] {
    let Some(heard) = heard else {
        return [None, None];
    };
    let own = match heard.peer_message() {
        Some(Message::Handshake(handshake)) => Some(handshake.peer_id),
        _ => None,
    };
    Side::BOTH.map(|side| {
        let said = heard.conversation.and_then(|conversation| {
            let handshake = conversation.speaker(side).handshake?;
            Some(handshake.peer_id)
        });
        let id = own.filter(|_| heard.from == side).or(said)?;
        Client::from_peer_id(&id).map(|client| client.to_string())
    })
}

/// What the introduction of a connection begins with.
fn head(stream: u64, carrier: Carrier) -> String {
    match carrier {
        Carrier::Tcp => format!("-- {stream}"),
        other => format!("-- {stream}  {}", other.name()),
    }
}

/// The torrent by its name, where that is known, and its info-hash.
fn push_torrent(
    document: &mut Document,
    columns: usize,
    hash: [u8; 20],
    conversation: Option<&Conversation>,
) {
    let torrent = conversation.and_then(|conversation| conversation.torrent.as_ref());
    let mut text = hex::encode(hash);
    if let Some(torrent) = torrent {
        let name = torrent.name();
        text.push(' ');
        text.push_str(&Safe::from(&name[..]).to_string());
    }
    document.spaces(MARGIN);
    document.role(Role::Quiet);
    document.push("torrent ");
    document.role(Role::Hash);
    document.push(&clipped(
        &text,
        columns.saturating_sub(MARGIN + "torrent ".len()),
    ));
    document.end_line();
}
