//! What answers a handshake and is none, by its first bytes.

use crate::wire::peer::MessageId;
use crate::wire::words::spoken;

/// A record of TLS that is an alert: its type, a version, its length, level, what for.
const ALERT: u8 = 21;

/// Beginnings of what servers say, and what they are.
const SERVERS: &[(&[u8], &str)] = &[
    (b"SSH-", "SSH"),
    (b"Exceeded MaxStartups", "SSH"),
    (b"HTTP/", "HTTP"),
    (b"RTSP/", "RTSP"),
    (b"SIP/", "SIP"),
    (b"220 ", "FTP or SMTP"),
    (b"220-", "FTP or SMTP"),
    (b"421 ", "FTP or SMTP"),
    (b"500 ", "FTP or SMTP"),
    (b"554 ", "SMTP"),
    (b"+OK ", "POP3"),
    (b"* OK ", "IMAP"),
    (b"-ERR ", "Redis or POP3"),
    (b"RFB 0", "VNC"),
    (b"\x16\x03", "TLS"),
    (b"\x05\xff", "SOCKS"),
];

/// What the acceptor speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// TLS; it says what is wrong by this number.
    Tls(u8),
    /// The peer wire, without a handshake before it.
    Peer(&'static str),
    /// Another protocol.
    Other(&'static str),
}

impl Server {
    /// What begins an answer so.
    pub fn of(answer: &[u8]) -> Option<Self> {
        if let [ALERT, 3, _, 0, 2, 1 | 2, description, ..] = *answer {
            return Some(Self::Tls(description));
        }
        if let Some(message) = message(answer) {
            return Some(Self::Peer(message));
        }
        let mut servers = SERVERS.iter();
        let known = servers.find(|(begin, _)| answer.starts_with(begin))?;
        Some(Self::Other(known.1))
    }

    /// What its answer is.
    pub fn answer(self) -> String {
        match self {
            Self::Tls(description) => match alert(description) {
                Some(words) => format!("a TLS alert, {words}"),
                None => format!("a TLS alert of number {description}"),
            },
            Self::Peer(message) => format!("as a {} message has it", spoken(message)),
            Self::Other(protocol) => format!("of {protocol}"),
        }
    }

    /// What may be behind it.
    pub fn guess(self) -> String {
        let protocol = match self {
            Self::Tls(_) => "TLS",
            Self::Peer(_) => {
                return "the acceptor may send messages without a handshake before them".to_owned();
            }
            Self::Other(protocol) => protocol,
        };
        format!("the acceptor speaks {protocol}: no BitTorrent peer listens on that port")
    }
}

/// The message that bytes begin with, by their length and id, in words.
fn message(bytes: &[u8]) -> Option<&'static str> {
    let [0, 0, high, low, id, ..] = *bytes else {
        return None;
    };
    let length = u64::from(u16::from_be_bytes([high, low]));
    let id = MessageId(id);
    let is_legal = length > 0 && id.fits(length);
    let message = id.message_type().filter(|_| is_legal)?;
    Some(message.name)
}

/// What an alert says (RFC 8446, 6).
fn alert(description: u8) -> Option<&'static str> {
    Some(match description {
        0 => "close notify",
        10 => "unexpected message",
        20 => "bad record MAC",
        22 => "record overflow",
        40 => "handshake failure",
        47 => "illegal parameter",
        50 => "decode error",
        70 => "protocol version",
        80 => "internal error",
        112 => "unrecognized name",
        _ => return None,
    })
}
