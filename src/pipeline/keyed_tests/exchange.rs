//! Makes encrypted connections.

use super::{Acceptor, Initiator, Parts, Side, says};
use crate::wire::mse::vectors::A;
use crate::wire::mse::{KeyLine, Keys, PLAINTEXT, RC4, Rc4, VC, req1, torrent};
use crate::wire::peer::{Handshake, Message, Reserved, encode};

/// A connection: what is negotiated and what is said.
#[derive(Debug, Clone)]
pub struct Plan {
    pub key: KeyLine,
    /// Whether the streams go on in RC4.
    pub rc4: bool,
    /// crypto_select, if it says something else.
    pub select: Option<u32>,
    /// PadA, PadB, PadC, PadD.
    pub pads: [u16; 4],
    /// Whether the initiator's handshake is its initial payload.
    pub has_initial: bool,
    /// What the initiator says after its handshake.
    pub initiator: Vec<u8>,
    /// What the acceptor says after its handshake.
    pub acceptor: Vec<u8>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            key: A.key_line(),
            rc4: false,
            select: None,
            pads: [7, 30, 0, 12],
            has_initial: true,
            initiator: [interested(), interested()].concat(),
            acceptor: (0..9).flat_map(have).collect(),
        }
    }
}

pub fn handshake(peer_id: &[u8; 20]) -> Vec<u8> {
    let handshake = Handshake {
        reserved: Reserved([0, 0, 0, 0, 0, 0x10, 0, 5]),
        info_hash: A.skey(),
        peer_id: *peer_id,
    };
    encoded(&Message::Handshake(handshake))
}

pub fn have(index: u32) -> Vec<u8> {
    encoded(&Message::Have(index))
}

pub fn interested() -> Vec<u8> {
    encoded(&Message::Interested)
}

fn encoded(message: &Message<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(message, &[], &mut bytes);
    bytes
}

/// How a choice reads.
pub fn choice(select: u32) -> &'static str {
    match select {
        0 => "negotiation, selects nothing, 12 bytes of padding",
        3 => "negotiation, selects plaintext or RC4, 12 bytes of padding",
        _ => "",
    }
}

/// Padding that looks random and holds no message.
fn pad(length: u16, seed: u32) -> Vec<u8> {
    let mut bytes = vec![0; usize::from(length)];
    Rc4::new(&seed.to_be_bytes()).apply(&mut bytes);
    bytes
}

impl Plan {
    fn keys(&self) -> Keys {
        Keys::new(&self.key.secret, &self.key.skey)
    }

    pub fn cipher_a(&self) -> Rc4 {
        self.keys().cipher_a()
    }

    pub fn cipher_b(&self) -> Rc4 {
        self.keys().cipher_b()
    }

    /// The messages of one side, from its handshake on.
    pub fn plain(&self, side: Side) -> Vec<u8> {
        match side {
            Initiator => {
                let handshake = handshake(b"-PS0001-000000000001");
                [handshake, self.initiator.clone()].concat()
            }
            Acceptor => {
                let handshake = handshake(b"-PS0001-000000000002");
                [handshake, self.acceptor.clone()].concat()
            }
        }
    }

    /// Where they begin in its stream.
    pub fn begins(&self, side: Side) -> usize {
        let [a, b, c, d] = self.pads.map(usize::from);
        match side {
            Initiator => 96 + a + 56 + c,
            Acceptor => 96 + b + 14 + d,
        }
    }

    /// Bytes of the keystream that one side has used, if all is in RC4.
    pub fn sent(&self, side: Side) -> u64 {
        let (negotiation, pad) = match side {
            Initiator => (16, self.pads[2]),
            Acceptor => (14, self.pads[3]),
        };
        negotiation + u64::from(pad) + self.plain(side).len() as u64
    }

    /// All that the initiator sends.
    pub fn stream_a(&self) -> Vec<u8> {
        let mut plain = VC.to_vec();
        plain.extend(3_u32.to_be_bytes());
        plain.extend(self.pads[2].to_be_bytes());
        plain.extend(pad(self.pads[2], 3));
        let initial = if self.has_initial { 68 } else { 0 };
        plain.extend((initial as u16).to_be_bytes());
        let encrypted = plain.len() + initial;
        plain.extend(self.plain(Initiator));
        self.encrypt(&mut plain, encrypted, self.cipher_a());
        let (secret, skey) = (&self.key.secret, &self.key.skey);
        [
            &self.key.public_key[..],
            &pad(self.pads[0], 1),
            &req1(secret),
            &torrent(secret, skey),
            &plain,
        ]
        .concat()
    }

    /// All that the acceptor sends.
    pub fn stream_b(&self) -> Vec<u8> {
        let mut plain = VC.to_vec();
        let select = self
            .select
            .unwrap_or(if self.rc4 { RC4 } else { PLAINTEXT });
        plain.extend(select.to_be_bytes());
        plain.extend(self.pads[3].to_be_bytes());
        plain.extend(pad(self.pads[3], 4));
        let encrypted = plain.len();
        plain.extend(self.plain(Acceptor));
        self.encrypt(&mut plain, encrypted, self.cipher_b());
        [&A.stream_b()[..96], &pad(self.pads[1], 2), &plain].concat()
    }

    fn encrypt(&self, plain: &mut [u8], at_least: usize, mut cipher: Rc4) {
        let encrypted = if self.rc4 { plain.len() } else { at_least };
        cipher.apply(&mut plain[..encrypted]);
    }

    /// The flights in the order in which they are sent.
    pub fn flights(&self) -> [(Side, Vec<u8>); 5] {
        let (a, b) = (self.stream_a(), self.stream_b());
        let [ya, yb] = [self.pads[0], self.pads[1]].map(|pad| 96 + usize::from(pad));
        let offer = self.begins(Initiator) + if self.has_initial { 68 } else { 0 };
        [
            (Initiator, a[..ya].to_vec()),
            (Acceptor, b[..yb].to_vec()),
            (Initiator, a[ya..offer].to_vec()),
            (Acceptor, b[yb..].to_vec()),
            (Initiator, a[offer..].to_vec()),
        ]
    }

    /// The same, a packet each.
    pub fn parts(&self) -> Parts {
        let flights = self.flights();
        flights
            .iter()
            .map(|(side, bytes)| says(*side, bytes))
            .collect()
    }
}
