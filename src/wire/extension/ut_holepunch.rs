//! `ut_holepunch` (BEP 55): two peers behind NAT meet through a common one.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nom::Parser;
use nom::bytes::complete::take;
use nom::number::complete::be_u16;

use super::anomalies;
use super::head::{HEAD, message};
use super::input::Input;
use crate::wire::{Field, Kind, Member, MessageType, Problem, Sink, Topic, Unit};

static MSG_TYPE: Field = Field::new(
    "msg_type",
    Kind::Enum(HolepunchType::name_of),
    "0 asks for a meeting, 1 says to connect, 2 is an error.",
);
static ADDR_TYPE: Field = Field::new(
    "addr_type",
    Kind::Enum(address_family),
    "0 for an IPv4 address, 1 for an IPv6 address.",
);
static ADDR: Field = Field::new("addr", Kind::Address, "IP address of the peer to meet.");
static PORT: Field = Field::new("port", Kind::Uint(Unit::None), "Port of the peer to meet.");
static ERR_CODE: Field = Field::new(
    "err_code",
    Kind::Enum(HolepunchError::name_of),
    "Why there is no meeting.",
);

/// A meeting of two peers behind NAT through a common one.
pub static UT_HOLEPUNCH: MessageType =
    message("ut_holepunch", Topic::Discovery).bep(55).members(&[
        Member::Shared(HEAD),
        Member::Field(&MSG_TYPE),
        Member::Field(&ADDR_TYPE),
        Member::Field(&ADDR),
        Member::Field(&PORT),
        Member::Field(&ERR_CODE),
    ]);

fn address_family(value: u64) -> Option<&'static str> {
    match value {
        0 => Some("IPv4"),
        1 => Some("IPv6"),
        _ => None,
    }
}

/// What a `ut_holepunch` message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HolepunchType(pub u8);

impl HolepunchType {
    /// To the relay: connect me with this peer.
    pub const RENDEZVOUS: Self = Self(0);
    /// From the relay: open a uTP connection to this peer.
    pub const CONNECT: Self = Self(1);
    /// From the relay: it cannot.
    pub const ERROR: Self = Self(2);

    /// The name in BEP 55, if there is one.
    pub fn name(self) -> Option<&'static str> {
        Self::name_of(self.0.into())
    }

    fn name_of(value: u64) -> Option<&'static str> {
        match value {
            0 => Some("rendezvous"),
            1 => Some("connect"),
            2 => Some("error"),
            _ => None,
        }
    }
}

/// Why a relay cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HolepunchError(pub u32);

impl HolepunchError {
    /// No error: what other messages than errors carry.
    pub const NONE: Self = Self(0);
    /// The address is not valid.
    pub const NO_SUCH_PEER: Self = Self(1);
    /// The relay is not connected to the target.
    pub const NOT_CONNECTED: Self = Self(2);
    /// The target does not support the extension.
    pub const NO_SUPPORT: Self = Self(3);
    /// The target is the relay.
    pub const NO_SELF: Self = Self(4);

    /// The name in BEP 55, if there is one.
    pub fn name(self) -> Option<&'static str> {
        Self::name_of(self.0.into())
    }

    fn name_of(value: u64) -> Option<&'static str> {
        match value {
            0 => Some("none"),
            1 => Some("NoSuchPeer"),
            2 => Some("NotConnected"),
            3 => Some("NoSupport"),
            4 => Some("NoSelf"),
            _ => None,
        }
    }
}

/// A `ut_holepunch` message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtHolepunch {
    /// Rendezvous, connect or error.
    pub msg_type: HolepunchType,
    /// The other peer.
    pub addr: SocketAddr,
    /// The error; libtorrent leaves it out of the other types.
    pub err_code: Option<HolepunchError>,
}

pub(super) fn dissect<S: Sink>(input: &mut Input<'_, '_, '_, S>) -> Result<UtHolepunch, Problem> {
    let msg_type = HolepunchType(input.byte(&MSG_TYPE)?);
    if msg_type.name().is_none() {
        input.anomaly(&anomalies::HOLEPUNCH_TYPE);
    }
    let ip = match input.byte(&ADDR_TYPE)? {
        0 => IpAddr::from(input.reader.field(&ADDR, array::<4>)?),
        1 => IpAddr::from(input.reader.field(&ADDR, array::<16>)?),
        _ => return Err(input.reader.malformed(&anomalies::HOLEPUNCH_FAMILY)),
    };
    let port = input.reader.field(&PORT, be_u16)?;
    let err_code = if input.reader.left() > 0 {
        let code = HolepunchError(input.word(&ERR_CODE)?);
        if code.name().is_none() {
            input.anomaly(anomalies::HOLEPUNCH_CODE.with(code.0));
        }
        Some(code)
    } else {
        None
    };
    if msg_type == HolepunchType::ERROR && err_code.is_none() {
        input.anomaly(&anomalies::HOLEPUNCH_NO_CODE);
    }
    input.end_by(&anomalies::HOLEPUNCH_LONG);
    Ok(UtHolepunch {
        msg_type,
        addr: SocketAddr::new(ip, port),
        err_code,
    })
}

fn array<const N: usize>(input: &[u8]) -> nom::IResult<&[u8], [u8; N]> {
    take(N)
        .map(|bytes: &[u8]| std::array::from_fn(|index| bytes[index]))
        .parse(input)
}

/// Whether `length` bytes that begin like this fit the layout.
pub(super) fn fits(body: &[u8], length: usize) -> bool {
    matches!(
        (body, length),
        ([0..=2, 0, ..], 8 | 12) | ([0..=2, 1, ..], 20 | 24)
    )
}

impl UtHolepunch {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.msg_type.0);
        match self.addr.ip() {
            IpAddr::V4(ip) => push_address(out, 0, &Ipv4Addr::octets(&ip)),
            IpAddr::V6(ip) => push_address(out, 1, &Ipv6Addr::octets(&ip)),
        }
        out.extend(self.addr.port().to_be_bytes());
        out.extend(self.err_code.iter().flat_map(|code| code.0.to_be_bytes()));
    }
}

fn push_address(out: &mut Vec<u8>, family: u8, octets: &[u8]) {
    out.push(family);
    out.extend_from_slice(octets);
}

impl fmt::Display for UtHolepunch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.msg_type.name() {
            Some(name) => write!(f, "ut_holepunch {name} {}", self.addr)?,
            None => write!(f, "ut_holepunch type {} {}", self.msg_type.0, self.addr)?,
        }
        match self.err_code.filter(|&code| code != HolepunchError::NONE) {
            Some(code) => match code.name() {
                Some(name) => write!(f, ", {name}"),
                None => write!(f, ", error {}", code.0),
            },
            None => Ok(()),
        }
    }
}
