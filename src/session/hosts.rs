//! Names of hosts, by the answers of name servers (RFC 1035) that a capture holds.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use foldhash::quality::RandomState;

use crate::packet::Datagram;

/// The port of name servers.
const PORT: u16 = 53;

/// Addresses whose name is kept; more are counted.
const MAX_NAMES: usize = 1 << 12;

/// The longest name, and the longest label of one, in bytes.
const MAX_NAME: usize = 253;
const MAX_LABEL: u8 = 63;

/// Bytes before the question.
const HEADER: usize = 12;

/// In the third byte: it is an answer. In the fourth: the code of an error.
const IS_ANSWER: u8 = 0x80;
const ERROR_CODE: u8 = 0x0f;

/// Types of records, and the class of the Internet.
const A: u16 = 1;
const AAAA: u16 = 28;
const INTERNET: u16 = 1;

/// The first bits of what is written elsewhere in the message.
const POINTER: u8 = 0xc0;

/// What hosts are called. The first name of an address stays.
#[derive(Debug, Default)]
pub struct HostNames {
    names: HashMap<IpAddr, String, RandomState>,
    left_out: u64,
}

impl HostNames {
    /// The name of the host at an address; text of the capture.
    pub fn name(&self, address: IpAddr) -> Option<&str> {
        self.names.get(&address.to_canonical()).map(String::as_str)
    }

    /// Names that were not kept.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes in a datagram, if it is the answer of a name server.
    #[inline]
    pub fn hear(&mut self, datagram: &Datagram<'_>) {
        if datagram.src.port() == PORT {
            self.answer(datagram.payload);
        }
    }

    /// What was asked for is the name, whatever aliases lead from it to the address.
    fn answer(&mut self, message: &[u8]) -> Option<()> {
        let head = message.first_chunk::<HEADER>()?;
        let questions = u16::from_be_bytes([head[4], head[5]]);
        let answers = u16::from_be_bytes([head[6], head[7]]);
        if head[2] & IS_ANSWER == 0 || head[3] & ERROR_CODE != 0 || questions != 1 {
            return None;
        }
        let (name, mut rest) = question(&message[HEADER..])?;
        // Each record takes eleven bytes at least.
        for _ in 0..answers {
            let record;
            (record, rest) = resource(rest)?;
            let address = match (record.kind, record.data) {
                (A, &[a, b, c, d]) => IpAddr::from(Ipv4Addr::new(a, b, c, d)),
                (AAAA, data) => match <[u8; 16]>::try_from(data) {
                    Ok(bytes) => IpAddr::from(Ipv6Addr::from(bytes)),
                    Err(_) => continue,
                },
                _ => continue,
            };
            self.add(address.to_canonical(), &name);
        }
        Some(())
    }

    fn add(&mut self, address: IpAddr, name: &str) {
        if self.names.contains_key(&address) {
            return;
        }
        if self.names.len() >= MAX_NAMES {
            self.left_out += 1;
            return;
        }
        self.names.insert(address, name.to_owned());
    }
}

/// The name that was asked for, and what is behind the question.
fn question(mut bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut name = String::new();
    loop {
        let (&length, rest) = bytes.split_first()?;
        if length == 0 {
            let rest = rest.get(4..)?;
            return (!name.is_empty()).then_some((name, rest));
        }
        if length > MAX_LABEL || name.len() + usize::from(length) >= MAX_NAME {
            return None;
        }
        let (label, rest) = rest.split_at_checked(length.into())?;
        if !label.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.extend(
            label
                .iter()
                .map(|byte| char::from(byte.to_ascii_lowercase())),
        );
        bytes = rest;
    }
}

/// A record of an answer.
struct Resource<'m> {
    kind: u16,
    data: &'m [u8],
}

/// The next record, and what is behind it.
fn resource(mut bytes: &[u8]) -> Option<(Resource<'_>, &[u8])> {
    // Whose it is does not matter.
    loop {
        let (&length, rest) = bytes.split_first()?;
        match length {
            0 => {
                bytes = rest;
                break;
            }
            POINTER.. => {
                bytes = rest.get(1..)?;
                break;
            }
            1..=MAX_LABEL => bytes = rest.get(usize::from(length)..)?,
            _ => return None,
        }
    }
    let (head, rest) = bytes.split_first_chunk::<10>()?;
    let [kind, class, length] =
        [[head[0], head[1]], [head[2], head[3]], [head[8], head[9]]].map(u16::from_be_bytes);
    let (data, rest) = rest.split_at_checked(length.into())?;
    let kind = if class == INTERNET { kind } else { 0 };
    Some((Resource { kind, data }, rest))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn hear(names: &mut HostNames, port: u16, payload: &[u8]) {
        names.hear(&Datagram {
            src: SocketAddr::new([10, 0, 0, 53].into(), port),
            dst: "10.0.0.1:4000".parse().unwrap(),
            payload,
            wire_length: payload.len() as u32,
        });
    }

    /// An answer with an alias, and the addresses of both families.
    fn answer() -> Vec<u8> {
        let mut bytes = hex::decode("12348180000100030000 0000".replace(' ', "")).unwrap();
        bytes.extend(b"\x06Router\x0abittorrent\x03com\0\0\x01\0\x01");
        bytes.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01a\xc0\x13");
        bytes.extend(b"\x01a\xc0\x13\0\x01\0\x01\0\0\0\x3c\0\x04");
        bytes.extend([67, 215, 246, 10]);
        bytes.extend(b"\xc0\x0c\0\x1c\0\x01\0\0\0\x3c\0\x10");
        bytes.extend(Ipv6Addr::from([0x2001, 0, 0, 0, 0, 0, 0, 1]).octets());
        bytes
    }

    #[test]
    fn an_answer_names_all_addresses_of_what_was_asked() {
        let mut names = HostNames::default();
        hear(&mut names, 53, &answer());
        for address in ["67.215.246.10", "::ffff:67.215.246.10", "2001::1"] {
            let address = address.parse().unwrap();
            assert_eq!(names.name(address), Some("router.bittorrent.com"));
        }
        assert_eq!(names.name("67.215.246.11".parse().unwrap()), None);
    }

    #[test]
    fn what_is_no_answer_names_nothing() {
        let mut names = HostNames::default();
        hear(&mut names, 5353, &answer());
        for (place, value) in [(2, 0x01), (3, 0x83), (5, 2), (13, b'\n'), (12, 0xc0)] {
            let mut bytes = answer();
            bytes[place] = value;
            hear(&mut names, 53, &bytes);
        }
        assert!(names.names.is_empty(), "{names:?}");
        for length in 0..answer().len() {
            hear(&mut names, 53, &answer()[..length]);
        }
    }

    #[test]
    fn names_are_bounded_and_what_is_left_out_is_counted() {
        let mut names = HostNames::default();
        for number in 0..MAX_NAMES as u32 + 5 {
            names.add(Ipv4Addr::from(number).into(), "a");
        }
        assert_eq!((names.names.len(), names.left_out()), (MAX_NAMES, 5));
    }
}
