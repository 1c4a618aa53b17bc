//! What the messages of a connection have in common, written once for many of them:
//! the ends, and what both sides had said of themselves by then.

use std::net::SocketAddr;

use super::code::{Decoder, Encoder};
use crate::flow::{Carrier, Side};
use crate::session::{Budget, Certainty, Conversation, Heard};
use crate::wire::peer::{Handshake, HandshakeStart, Reserved};

/// What a connection's messages need to be read that is not in their own bytes,
/// and what may be asked of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Number of the connection.
    pub stream: u64,
    /// What carries it.
    pub carrier: Carrier,
    /// Initiator and acceptor.
    pub ends: [SocketAddr; 2],
    /// How sure it is that it is BitTorrent.
    pub certainty: Certainty,
    /// Pieces of the torrent, where known.
    pub pieces: Option<u32>,
    handshakes: [Option<Handshake>; 2],
    starts: [Option<HandshakeStart>; 2],
}

impl Setting {
    /// That of a message on a connection; its conversation is as it was before.
    pub fn of(heard: &Heard<'_>, conversation: &Conversation) -> Self {
        Self {
            stream: heard.stream,
            carrier: heard.carrier,
            ends: match heard.from {
                Side::Initiator => [heard.src, heard.dst],
                Side::Acceptor => [heard.dst, heard.src],
            },
            certainty: conversation.certainty,
            pieces: conversation.pieces(),
            handshakes: conversation.speakers.each_ref().map(|one| one.handshake),
            starts: conversation
                .speakers
                .each_ref()
                .map(|one| one.handshake_start),
        }
    }

    /// A conversation of which nothing else is known.
    pub fn conversation(&self) -> Conversation {
        let mut conversation = Conversation::new(&Budget::new(0));
        conversation.certainty = self.certainty;
        let sides = self.handshakes.into_iter().zip(self.starts);
        for (speaker, (handshake, start)) in conversation.speakers.iter_mut().zip(sides) {
            speaker.handshake = handshake;
            speaker.handshake_start = start;
        }
        conversation
    }

    /// Writes it.
    pub fn encode(&self, out: &mut Encoder) {
        out.number(self.stream);
        out.byte(carrier_code(self.carrier));
        self.ends.iter().for_each(|end| out.socket(*end));
        out.byte(match self.certainty {
            Certainty::Likely => 0,
            Certainty::Inferred => 1,
            Certainty::Certain => 2,
        });
        out.optional(self.pieces.map(u64::from));
        for (handshake, start) in self.handshakes.into_iter().zip(self.starts) {
            out.byte(u8::from(handshake.is_some()) | u8::from(start.is_some()) << 1);
            if let Some(Handshake {
                reserved,
                info_hash,
                peer_id,
            }) = handshake
            {
                out.array(&reserved.0);
                out.array(&info_hash);
                out.array(&peer_id);
            }
            if let Some(HandshakeStart {
                reserved,
                info_hash,
            }) = start
            {
                out.array(&reserved.0);
                out.array(&info_hash);
            }
        }
    }

    /// Reads it.
    pub fn decode(input: &mut Decoder<'_>) -> Option<Self> {
        let mut setting = Self {
            stream: input.number()?,
            carrier: carrier_of(input.byte()?)?,
            ends: [input.socket()?, input.socket()?],
            certainty: match input.byte()? {
                0 => Certainty::Likely,
                1 => Certainty::Inferred,
                _ => Certainty::Certain,
            },
            pieces: input.optional()?.map(|pieces| pieces as u32),
            handshakes: [None; 2],
            starts: [None; 2],
        };
        for side in 0..2 {
            let has = input.byte()?;
            if has & 1 != 0 {
                setting.handshakes[side] = Some(Handshake {
                    reserved: Reserved(input.array()?),
                    info_hash: input.array()?,
                    peer_id: input.array()?,
                });
            }
            if has & 2 != 0 {
                setting.starts[side] = Some(HandshakeStart {
                    reserved: Reserved(input.array()?),
                    info_hash: input.array()?,
                });
            }
        }
        Some(setting)
    }
}

/// A carrier as a byte.
pub fn carrier_code(carrier: Carrier) -> u8 {
    match carrier {
        Carrier::Tcp => 0,
        Carrier::Utp => 1,
        Carrier::Udp => 2,
    }
}

/// Back again.
pub fn carrier_of(code: u8) -> Option<Carrier> {
    [Carrier::Tcp, Carrier::Utp, Carrier::Udp]
        .get(usize::from(code))
        .copied()
}
