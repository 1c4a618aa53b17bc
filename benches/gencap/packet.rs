//! Ethernet, IPv4 and TCP headers with right checksums.

/// One end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint {
    /// IPv4 address.
    pub ip: [u8; 4],
    /// TCP port.
    pub port: u16,
}

/// TCP flags.
pub mod flag {
    pub const FIN: u8 = 0x01;
    pub const SYN: u8 = 0x02;
    pub const PSH: u8 = 0x08;
    pub const ACK: u8 = 0x10;
}

/// Bytes of payload in a full segment: MTU 1500, time stamp option.
pub const SEGMENT: usize = 1448;

const ETHERNET: usize = 14;
const IP: usize = 20;
/// With the time stamp option (10 bytes, padded to 12).
const TCP: usize = 32;

/// A TCP packet before it has bytes.
#[derive(Debug)]
pub struct TcpPacket<'a> {
    /// Sender.
    pub from: Endpoint,
    /// Receiver.
    pub to: Endpoint,
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Flags, see [`flag`].
    pub flags: u8,
    /// Payload.
    pub payload: &'a [u8],
}

impl TcpPacket<'_> {
    /// The frame as it is on the wire; `serial` numbers the packets of a
    /// connection (IP identification, TCP time stamp).
    pub fn encode(&self, serial: u32, frame: &mut Vec<u8>) {
        frame.clear();
        self.ethernet(frame);
        self.ip(serial as u16, frame);
        self.tcp(serial, frame);
        frame.extend_from_slice(self.payload);
        self.checksums(frame);
    }

    fn ethernet(&self, frame: &mut Vec<u8>) {
        for end in [self.to, self.from] {
            frame.extend_from_slice(&[0x02, 0]);
            frame.extend_from_slice(&end.ip);
        }
        frame.extend_from_slice(&[0x08, 0x00]);
    }

    fn ip(&self, ident: u16, frame: &mut Vec<u8>) {
        let total = (IP + TCP + self.payload.len()) as u16;
        frame.extend_from_slice(&[0x45, 0]);
        frame.extend_from_slice(&total.to_be_bytes());
        frame.extend_from_slice(&ident.to_be_bytes());
        frame.extend_from_slice(&[0x40, 0, 64, 6, 0, 0]);
        frame.extend_from_slice(&self.from.ip);
        frame.extend_from_slice(&self.to.ip);
    }

    fn tcp(&self, serial: u32, frame: &mut Vec<u8>) {
        frame.extend_from_slice(&self.from.port.to_be_bytes());
        frame.extend_from_slice(&self.to.port.to_be_bytes());
        frame.extend_from_slice(&self.seq.to_be_bytes());
        frame.extend_from_slice(&self.ack.to_be_bytes());
        frame.extend_from_slice(&[(TCP as u8 / 4) << 4, self.flags, 0x20, 0]);
        frame.extend_from_slice(&[0, 0, 0, 0]); // checksum, urgent pointer
        frame.extend_from_slice(&[1, 1, 8, 10]); // two NOPs, time stamp option
        frame.extend_from_slice(&serial.to_be_bytes());
        frame.extend_from_slice(&serial.to_be_bytes());
    }

    fn checksums(&self, frame: &mut [u8]) {
        let ip = checksum(0, &frame[ETHERNET..ETHERNET + IP]);
        frame[ETHERNET + 10..ETHERNET + 12].copy_from_slice(&ip.to_be_bytes());
        let length = (TCP + self.payload.len()) as u64;
        let addresses = sum(&self.from.ip) + sum(&self.to.ip);
        let tcp = checksum(addresses + 6 + length, &frame[ETHERNET + IP..]);
        let at = ETHERNET + IP + 16;
        frame[at..at + 2].copy_from_slice(&tcp.to_be_bytes());
    }
}

/// The Internet checksum (RFC 1071) of `bytes` and what `seed` has summed up.
fn checksum(seed: u64, bytes: &[u8]) -> u16 {
    let mut total = seed + sum(bytes);
    while total >> 16 != 0 {
        total = (total & 0xffff) + (total >> 16);
    }
    !(total as u16)
}

/// Sum of big-endian 16-bit words, the last one padded.
fn sum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(2);
    let odd = words
        .remainder()
        .first()
        .map_or(0, |&last| u64::from(last) << 8);
    words
        .map(|word| u64::from(u16::from_be_bytes([word[0], word[1]])))
        .sum::<u64>()
        + odd
}
