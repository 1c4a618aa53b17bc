//! How numbers and texts lie in the spool. What is read back was written by us: a
//! fault there is a fault of ours or of the disk, and shows as `None`.

use std::net::{IpAddr, SocketAddr};

use crate::capture::Timestamp;
use crate::packet::Stamp;

/// Writes a record.
#[derive(Debug, Default)]
pub struct Encoder(pub Vec<u8>);

impl Encoder {
    /// One byte.
    pub fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    /// A number, seven bits a byte.
    pub fn number(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    /// A number that is often near 0, of either sign.
    pub fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)).cast_unsigned());
    }

    /// `from` as seen from `to`: short where they are near.
    pub fn difference(&mut self, from: u64, to: u64) {
        self.signed(to.wrapping_sub(from).cast_signed());
    }

    /// A number that may be missing.
    pub fn optional(&mut self, value: Option<u64>) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            self.number(value);
        }
    }

    /// Bytes, with their number.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// Bytes of a number that is known.
    pub fn array(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// A packet, as seen from another.
    pub fn stamp(&mut self, from: Stamp, to: Stamp) {
        self.difference(from.frame, to.frame);
        match (from.time.nanos(), to.time.nanos()) {
            (Some(from), Some(to)) => {
                self.byte(1);
                self.signed(to.wrapping_sub(from));
            }
            (_, Some(to)) => {
                self.byte(2);
                self.signed(to);
            }
            (_, None) => self.byte(0),
        }
    }

    /// Up to eight bits in one byte, the first in the lowest place.
    pub fn bits(&mut self, bits: &[bool]) {
        let bits = bits.iter().enumerate();
        self.byte(bits.fold(0, |all, (at, bit)| all | u8::from(*bit) << at));
    }

    /// An address.
    pub fn socket(&mut self, address: SocketAddr) {
        match address.ip() {
            IpAddr::V4(ip) => {
                self.byte(4);
                self.array(&ip.octets());
            }
            IpAddr::V6(ip) => {
                self.byte(6);
                self.array(&ip.octets());
            }
        }
        self.array(&address.port().to_le_bytes());
    }
}

/// Reads a record.
#[derive(Debug, Clone, Copy)]
pub struct Decoder<'a>(pub &'a [u8]);

impl<'a> Decoder<'a> {
    /// One byte.
    pub fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// As [`Encoder::number`].
    pub fn number(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// As [`Encoder::signed`].
    pub fn signed(&mut self) -> Option<i64> {
        let value = self.number()?;
        Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    /// As [`Encoder::difference`].
    pub fn difference(&mut self, from: u64) -> Option<u64> {
        Some(from.wrapping_add(self.signed()?.cast_unsigned()))
    }

    /// As [`Encoder::optional`].
    #[allow(clippy::option_option)] // the outer one is a fault
    pub fn optional(&mut self) -> Option<Option<u64>> {
        Some(if self.byte()? == 0 {
            None
        } else {
            Some(self.number()?)
        })
    }

    /// As [`Encoder::bytes`].
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// As [`Encoder::array`].
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    /// Text of ours.
    pub fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// As [`Encoder::stamp`].
    pub fn stamp(&mut self, from: Stamp) -> Option<Stamp> {
        let frame = self.difference(from.frame)?;
        let time = match self.byte()? {
            0 => Timestamp::UNKNOWN,
            1 => nanos(from.time.nanos()?.wrapping_add(self.signed()?)),
            _ => nanos(self.signed()?),
        };
        Some(Stamp { frame, time })
    }

    /// As [`Encoder::stamp`], where there is one.
    #[allow(clippy::option_option)] // the outer one is a fault
    pub fn stamp_if(&mut self, is_there: bool, from: Stamp) -> Option<Option<Stamp>> {
        Some(if is_there {
            Some(self.stamp(from)?)
        } else {
            None
        })
    }

    /// As [`Encoder::bits`].
    pub fn bits<const N: usize>(&mut self) -> Option<[bool; N]> {
        let bits = self.byte()?;
        Some(std::array::from_fn(|at| bits >> at & 1 != 0))
    }

    /// As [`Encoder::socket`].
    pub fn socket(&mut self) -> Option<SocketAddr> {
        let ip: IpAddr = match self.byte()? {
            4 => self.array::<4>()?.into(),
            6 => self.array::<16>()?.into(),
            _ => return None,
        };
        let port = u16::from_le_bytes(self.array()?);
        Some(SocketAddr::new(ip, port))
    }
}

fn nanos(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(frame: u64, nanos: Option<i64>) -> Stamp {
        let time = nanos.map_or(Timestamp::UNKNOWN, self::nanos);
        Stamp { frame, time }
    }

    #[test]
    fn what_is_written_is_read() {
        let numbers = [0, 1, 127, 128, u64::MAX, 1 << 63];
        let signed = [0, -1, 1, i64::MIN, i64::MAX];
        let stamps = [
            stamp(7, Some(5)),
            stamp(1, Some(-5)),
            stamp(u64::MAX, None),
            stamp(3, Some(i64::MAX)),
            stamp(0, Some(i64::MIN + 1)),
        ];
        let ends = ["10.0.0.1:6881", "[2001:db8::1]:1"].map(|end| end.parse().unwrap());
        let mut out = Encoder::default();
        for number in numbers {
            out.number(number);
        }
        for number in signed {
            out.signed(number);
        }
        for from in stamps {
            for to in stamps {
                out.stamp(from, to);
            }
        }
        for end in ends {
            out.socket(end);
        }
        out.optional(None);
        out.optional(Some(9));
        out.bytes("text".as_bytes());
        out.array(&[1, 2]);

        let mut back = Decoder(&out.0);
        assert!(numbers.iter().all(|n| back.number() == Some(*n)));
        assert!(signed.iter().all(|n| back.signed() == Some(*n)));
        for from in stamps {
            for to in stamps {
                assert_eq!(back.stamp(from), Some(to));
            }
        }
        assert!(ends.iter().all(|end| back.socket() == Some(*end)));
        assert_eq!(back.optional(), Some(None));
        assert_eq!(back.optional(), Some(Some(9)));
        assert_eq!(back.text(), Some("text"));
        assert_eq!(back.array(), Some([1, 2]));
        assert_eq!(back.byte(), None);
        for end in 0..out.0.len() {
            let mut cut = Decoder(&out.0[..end]);
            while cut.number().is_some() {}
        }
        assert_eq!(Decoder(&[0xff; 20]).number(), None);
        assert_eq!(Decoder(&[9, 1]).bytes(), None);
    }
}
