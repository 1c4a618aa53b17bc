//! Captures made packet by packet: a pcap of bare IP packets, for the situations
//! and attacks that no recording has.
#![allow(dead_code)] // each test that uses it needs a part of it

pub mod attacks;
pub mod parallel;
mod records;

use std::net::{Ipv4Addr, SocketAddrV4};

pub use records::Records;

/// Link type of bare IP packets.
const RAW_IP: u32 = 101;

/// Protocols, as the header of IP has them.
const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// What ICMP says before the packet that it quotes.
const PORT_UNREACHABLE: [u8; 8] = [3, 3, 0, 0, 0, 0, 0, 0];

/// Time from one packet to the next, in microseconds.
const STEP: u64 = 10;

/// The largest segment.
pub const MSS: usize = 1400;

/// A segment as large as a packet can be.
pub const JUMBO: usize = 60_000;

/// A capture that grows.
pub struct Capture {
    bytes: Vec<u8>,
    micros: u64,
}

impl Capture {
    /// No packet yet.
    pub fn new() -> Self {
        let mut bytes = Vec::new();
        for word in [0xa1b2_c3d4_u32, 4 << 16 | 2, 0, 0, 1 << 18, RAW_IP] {
            bytes.extend(word.to_le_bytes());
        }
        Self {
            bytes,
            micros: 1_600_000_000_000_000,
        }
    }

    /// The file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Time goes by before the next packet.
    pub fn wait(&mut self, micros: u64) {
        self.micros += micros;
    }

    /// A UDP datagram.
    pub fn datagram(&mut self, src: SocketAddrV4, dst: SocketAddrV4, payload: &[u8]) {
        self.packet(*src.ip(), *dst.ip(), UDP, &udp(src, dst, payload));
    }

    /// The destination says that a datagram did not arrive: port unreachable.
    pub fn refuse(&mut self, src: SocketAddrV4, dst: SocketAddrV4, payload: &[u8]) {
        let udp = udp(src, dst, payload);
        let mut icmp = PORT_UNREACHABLE.to_vec();
        icmp.extend(ipv4(*src.ip(), *dst.ip(), UDP, udp.len()));
        icmp.extend(udp);
        self.packet(*dst.ip(), *src.ip(), ICMP, &icmp);
    }

    fn packet(&mut self, src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, payload: &[u8]) {
        self.micros += STEP;
        let header = ipv4(src, dst, protocol, payload.len());
        let length = header.len() + payload.len();
        let words = [
            (self.micros / 1_000_000) as u32,
            (self.micros % 1_000_000) as u32,
            length as u32,
            length as u32,
        ];
        for word in words {
            self.bytes.extend(word.to_le_bytes());
        }
        self.bytes.extend(header);
        self.bytes.extend(payload);
    }
}

/// The header of a packet with so many bytes of payload.
fn ipv4(src: Ipv4Addr, dst: Ipv4Addr, protocol: u8, payload: usize) -> Vec<u8> {
    let mut header = vec![0x45, 0];
    header.extend(((20 + payload) as u16).to_be_bytes());
    header.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
    header.extend(src.octets());
    header.extend(dst.octets());
    header
}

/// A datagram with its header, without a checksum.
fn udp(src: SocketAddrV4, dst: SocketAddrV4, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::with_capacity(8 + payload.len());
    datagram.extend(src.port().to_be_bytes());
    datagram.extend(dst.port().to_be_bytes());
    datagram.extend((payload.len() as u16 + 8).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    datagram
}

impl Capture {
    /// Bytes of the file so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Reads it from the beginning, without a file.
    pub fn source(&self) -> Records<'_> {
        Records::new(&self.bytes)
    }
}

/// A TCP connection: initiator and acceptor.
pub struct Talk {
    ends: [SocketAddrV4; 2],
    sequences: [u32; 2],
    /// What a side has acknowledged, where it acknowledges nothing more.
    deaf: [Option<u32>; 2],
    windows: [u16; 2],
}

const SYN: u8 = 0x02;
const SYN_ACK: u8 = 0x12;
const ACK: u8 = 0x10;
const PSH_ACK: u8 = 0x18;
const FIN_ACK: u8 = 0x11;
const RST_ACK: u8 = 0x14;

impl Talk {
    /// Opens the connection of this number.
    pub fn open(capture: &mut Capture, number: u32) -> Self {
        let (host, port) = (number / 50_000, number % 50_000);
        let [_, high, middle, low] = host.to_be_bytes();
        let from = Ipv4Addr::new(10, high, middle, low.wrapping_add(1));
        let to = Ipv4Addr::new(10, 255, 0, 2);
        let ends = [(from, port as u16 + 1000), (to, 6881)];
        Self::between(capture, ends.map(|(ip, port)| SocketAddrV4::new(ip, port)))
    }

    /// Opens a connection between these two.
    pub fn between(capture: &mut Capture, ends: [SocketAddrV4; 2]) -> Self {
        let sequences = [1000, 5000];
        let mut talk = Self::of(ends, sequences);
        talk.segment(capture, 0, SYN, &[]);
        talk.sequences[0] += 1;
        talk.segment(capture, 1, SYN_ACK, &[]);
        talk.sequences[1] += 1;
        talk.segment(capture, 0, ACK, &[]);
        talk
    }

    /// A connection whose beginning is not in the capture.
    pub fn late(ends: [SocketAddrV4; 2]) -> Self {
        Self::of(ends, [1000, 5000])
    }

    fn of(ends: [SocketAddrV4; 2], sequences: [u32; 2]) -> Self {
        Self {
            ends,
            sequences,
            deaf: [None; 2],
            windows: [u16::MAX; 2],
        }
    }

    /// Asks for a connection, and nothing more.
    pub fn dial(capture: &mut Capture, ends: [SocketAddrV4; 2]) -> Self {
        let sequences = [1000, 5000];
        let mut talk = Self::of(ends, sequences);
        talk.segment(capture, 0, SYN, &[]);
        talk.sequences[0] += 1;
        talk
    }

    /// A side resets the connection.
    pub fn reset(&mut self, capture: &mut Capture, side: usize) {
        self.segment(capture, side, RST_ACK, &[]);
    }

    /// A router says that the SYN did not arrive: port unreachable.
    pub fn unreachable(&self, capture: &mut Capture) {
        let [_, to] = self.ends;
        self.bounce(capture, (0, 1), PORT_UNREACHABLE, *to.ip());
    }

    /// A router says of the last `bytes` that a side sent that they did not arrive; `says` is
    /// what ICMP says before the packet that it quotes.
    pub fn bounce(
        &self,
        capture: &mut Capture,
        (side, bytes): (usize, u32),
        says: [u8; 8],
        router: Ipv4Addr,
    ) {
        let [from, to] = [self.ends[side], self.ends[1 - side]];
        let mut icmp = says.to_vec();
        // Of the segment that it quotes, the beginning.
        icmp.extend(ipv4(*from.ip(), *to.ip(), TCP, 20));
        icmp.extend(from.port().to_be_bytes());
        icmp.extend(to.port().to_be_bytes());
        icmp.extend((self.sequences[side].wrapping_sub(bytes)).to_be_bytes());
        capture.packet(router, *from.ip(), ICMP, &icmp);
    }

    /// A side acknowledges nothing of what comes from now on, or all again.
    pub fn set_deaf(&mut self, side: usize, is_deaf: bool) {
        self.deaf[side] = is_deaf.then_some(self.sequences[1 - side]);
    }

    /// A side has room for so many bytes.
    pub fn set_window(&mut self, capture: &mut Capture, side: usize, window: u16) {
        self.windows[side] = window;
        self.segment(capture, side, ACK, &[]);
    }

    /// A side asks whether the other one is still there.
    pub fn probe(&mut self, capture: &mut Capture, side: usize) {
        let before = self.sequences[side];
        self.sequences[side] = before.wrapping_sub(1);
        self.segment(capture, side, ACK, &[]);
        self.sequences[side] = before;
    }

    /// The initiator says this.
    pub fn ask(&mut self, capture: &mut Capture, bytes: &[u8]) {
        self.say(capture, 0, bytes, MSS);
    }

    /// The acceptor says this.
    pub fn answer(&mut self, capture: &mut Capture, bytes: &[u8]) {
        self.say(capture, 1, bytes, MSS);
    }

    /// A side (0 or 1) says this, in segments of `mss` bytes.
    pub fn say(&mut self, capture: &mut Capture, side: usize, bytes: &[u8], mss: usize) {
        for segment in bytes.chunks(mss) {
            self.segment(capture, side, PSH_ACK, segment);
            self.advance(side, segment.len());
        }
    }

    /// A side says this, in the place of the last that it said, which was as long.
    pub fn say_again(&mut self, capture: &mut Capture, side: usize, bytes: &[u8]) {
        self.sequences[side] = self.sequences[side].wrapping_sub(bytes.len() as u32);
        self.say(capture, side, bytes, MSS);
    }

    /// So many bytes of a side are not in the capture.
    pub fn lose(&mut self, side: usize, bytes: usize) {
        self.advance(side, bytes);
    }

    /// A side says this, but the capture has only the first `kept` bytes of it.
    pub fn say_cut(&mut self, capture: &mut Capture, side: usize, bytes: &[u8], kept: usize) {
        let start = capture.bytes.len();
        self.say(capture, side, bytes, bytes.len());
        let cut = bytes.len() - kept;
        capture.bytes.truncate(capture.bytes.len() - cut);
        let left = (capture.bytes.len() - start - 16) as u32;
        capture.bytes[start + 8..start + 12].copy_from_slice(&left.to_le_bytes());
    }

    /// A side has had all that the other said.
    pub fn acknowledge(&mut self, capture: &mut Capture, side: usize) {
        self.segment(capture, side, ACK, &[]);
    }

    /// A side sends no more.
    pub fn close(&mut self, capture: &mut Capture, side: usize) {
        self.segment(capture, side, FIN_ACK, &[]);
        self.advance(side, 1);
    }

    fn advance(&mut self, side: usize, bytes: usize) {
        self.sequences[side] = self.sequences[side].wrapping_add(bytes as u32);
    }

    fn segment(&self, capture: &mut Capture, side: usize, flags: u8, payload: &[u8]) {
        let [from, to] = [self.ends[side], self.ends[1 - side]];
        let mut tcp = Vec::with_capacity(20 + payload.len());
        tcp.extend(from.port().to_be_bytes());
        tcp.extend(to.port().to_be_bytes());
        tcp.extend(self.sequences[side].to_be_bytes());
        let is_first = flags == SYN;
        let acknowledged = match self.deaf[side] {
            _ if is_first => 0,
            Some(acknowledged) => acknowledged,
            None => self.sequences[1 - side],
        };
        tcp.extend(acknowledged.to_be_bytes());
        tcp.extend([0x50, flags]);
        tcp.extend(self.windows[side].to_be_bytes());
        tcp.extend([0; 4]);
        tcp.extend(payload);
        capture.packet(*from.ip(), *to.ip(), TCP, &tcp);
    }
}

/// A handshake with the extension protocol.
pub fn handshake(info_hash: [u8; 20]) -> Vec<u8> {
    [
        b"\x13BitTorrent protocol\0\0\0\0\0\x10\0\x05",
        &info_hash[..],
        b"-LT2110-abcdefghijkl",
    ]
    .concat()
}

/// A packet of uTP (BEP 29) without payload; the type is that of its first byte.
pub fn utp(kind: u8, id: u16, seq: u16, ack: u16) -> Vec<u8> {
    let mut packet = vec![kind << 4 | 1, 0];
    packet.extend(id.to_be_bytes());
    packet.extend([0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0, 0, 0x10, 0, 0]);
    packet.extend(seq.to_be_bytes());
    packet.extend(ack.to_be_bytes());
    packet
}

/// A message of the peer wire.
pub fn message(id: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32 + 1).to_be_bytes();
    [&length, &[id][..], payload].concat()
}

/// A message of the extension protocol.
pub fn extended(id: u8, payload: &[u8]) -> Vec<u8> {
    message(20, &[&[id], payload].concat())
}

/// Noise, the same on every run.
pub fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}
