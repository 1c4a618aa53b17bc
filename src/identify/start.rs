//! The protocol of a stream, by its first bytes.

use crate::wire::peer::{NearHandshake, PREFIX};

/// What the first bytes of a stream tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The BitTorrent handshake, or what was nearly one: certain.
    Peer,
    /// An HTTP request or response.
    Http,
    /// Another protocol that is known by its first bytes.
    Other(&'static str),
    /// Nothing known: encrypted (MSE), from the middle of a stream, or foreign.
    Unknown,
    /// Too short to tell.
    Short,
}

/// Bytes that [`start`] needs for a final answer.
pub const ENOUGH: usize = 20;

/// Bytes of a handshake that tell what it is, where the capture has no more of
/// the packet: no other protocol begins with 48 bits like these.
const ENOUGH_OF_CUT: usize = 6;

/// Openings of protocols that are not the peer wire.
const OTHERS: &[(&[u8], &str)] = &[
    (b"SSH-", "SSH"),
    (b"\x16\x03", "TLS"),
    (b"\x05\x01\x00", "SOCKS"),
    (b"\x05\x02\x00", "SOCKS"),
    (b"EHLO ", "SMTP"),
    (b"HELO ", "SMTP"),
    (b"220 ", "FTP or SMTP"),
    (b"GNUTELLA ", "Gnutella"),
    (b"RTSP/", "RTSP"),
];

const HTTP: &[&[u8]] = &[
    b"GET ",
    b"POST ",
    b"HEAD ",
    b"PUT ",
    b"HTTP/1.",
    b"OPTIONS ",
    b"CONNECT ",
    b"DELETE ",
    b"PRI * HT",
];

/// Looks at the first bytes of a stream.
pub fn start(bytes: &[u8]) -> Start {
    let begins = |opening: &[u8]| {
        let n = bytes.len().min(opening.len());
        (bytes[..n] == opening[..n]).then_some(n == opening.len())
    };
    let mut short = false;
    for (opening, verdict) in std::iter::once((&PREFIX[..], Start::Peer))
        .chain(HTTP.iter().map(|opening| (*opening, Start::Http)))
        .chain(
            OTHERS
                .iter()
                .map(|(opening, name)| (*opening, Start::Other(name))),
        )
    {
        match begins(opening) {
            Some(true) => return verdict,
            Some(false) => short = true,
            None => {}
        }
    }
    match NearHandshake::of(bytes) {
        Some(_) => Start::Peer,
        None if short => Start::Short,
        None => Start::Unknown,
    }
}

/// Looks at the first bytes of a stream of which no more will follow, most often
/// because the snaplen cut the packet.
pub fn start_of_cut(bytes: &[u8]) -> Start {
    if bytes.len() >= ENOUGH_OF_CUT && PREFIX.starts_with(bytes) {
        return Start::Peer;
    }
    start(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_known_by_its_bytes() {
        assert_eq!(start(b"\x13BitTorrent protocol\0"), Start::Peer);
        assert_eq!(start(b"\x13BitTor"), Start::Short);
        assert_eq!(start(b""), Start::Short);
        assert_eq!(start(b"GET /announce"), Start::Http);
        assert_eq!(start(b"\x16\x03\x01\x02"), Start::Other("TLS"));
        assert_eq!(start(b"\x19BitTorrent protocol"), Start::Peer);
        assert_eq!(start(b"\x13BitTorrent protocoX"), Start::Unknown);
        assert_eq!(start(&[0; 40]), Start::Unknown);
    }

    #[test]
    fn a_few_bytes_tell_where_no_more_follow() {
        assert_eq!(start_of_cut(b"\x13BitTo"), Start::Peer);
        assert_eq!(start_of_cut(b"\x13BitT"), Start::Short);
        assert_eq!(start_of_cut(b"\x13BitTx"), Start::Unknown);
        assert_eq!(start_of_cut(b"\x13BitTorrent protocol\0"), Start::Peer);
    }
}
