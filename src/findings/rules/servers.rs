//! What answers a handshake and is no peer, by its first bytes.

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
    /// Another protocol.
    Other(&'static str),
}

impl Server {
    /// What begins an answer so.
    pub fn of(answer: &[u8]) -> Option<Self> {
        if let [ALERT, 3, _, 0, 2, 1 | 2, description, ..] = *answer {
            return Some(Self::Tls(description));
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
            Self::Other(protocol) => format!("of {protocol}"),
        }
    }

    /// What may be behind it.
    pub fn guess(self) -> String {
        let protocol = match self {
            Self::Tls(_) => "TLS",
            Self::Other(protocol) => protocol,
        };
        format!(
            "the acceptor speaks {protocol}: it is no BitTorrent peer that listens on that port"
        )
    }
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
