//! Records a session as a capture: its own bytes, in well-formed packets with
//! the times at which they were sent and received.
//!
//! The addresses, the bytes, the times and who ended a connection are real. The packets
//! are made up: the system does not say how it has cut the streams into packets.

use std::fs::File;
use std::io::{self, BufWriter};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader, TcpOptionElement};

use crate::active::machine::Role;
use crate::capture::{Existing, LinkType, Packet, PcapngWriter, Timestamp, create};
use crate::wire::mse::{KeyLine, SECRETS_TYPE};

/// Raw IP, version 4 or 6.
const RAW_IP: LinkType = LinkType(101);

/// Data of one packet, in bytes: it fits into IP of either version.
const SEGMENT_BYTES: usize = 65_000;

/// The scale of the receive windows: whatever is in flight fits into them.
const WINDOW_SCALE: u8 = 14;

/// Writes a recording.
#[derive(Debug)]
pub struct Recorder {
    writer: PcapngWriter<BufWriter<File>>,
    interface: u32,
    began: Instant,
    /// When it began, since 1970.
    epoch: Duration,
    /// The first error; nothing is written after it.
    error: Option<io::Error>,
    packet: Vec<u8>,
}

/// One connection in a recording: its ends, and how far their streams are.
#[derive(Debug)]
pub struct Flow {
    ends: [End; 2],
}

#[derive(Debug, Clone, Copy)]
struct End {
    address: SocketAddr,
    sequence: u32,
}

/// We, and the peer, among the ends of a [`Flow`].
const LOCAL: usize = 0;
const REMOTE: usize = 1;

/// How a connection ended, as far as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ending {
    /// We have closed it.
    #[default]
    Ours,
    /// The peer has closed it.
    Theirs,
    /// The peer has reset it.
    Reset,
}

/// What a packet says beside its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flags {
    Syn,
    SynAck,
    Ack,
    FinAck,
    RstAck,
}

impl Recorder {
    /// Begins a recording, in a file for its owner alone.
    pub fn create(path: &Path) -> io::Result<Self> {
        let file = create(path, Existing::Replace)?.into_file();
        let file = BufWriter::with_capacity(1 << 20, file);
        let mut writer = PcapngWriter::new(file)?;
        let interface = writer.interface(RAW_IP, "peerscope")?;
        // A full disk is reported before the session, not after it.
        writer.flush()?;
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        Ok(Self {
            writer,
            interface,
            began: Instant::now(),
            epoch: epoch.unwrap_or_default(),
            error: None,
            packet: Vec::new(),
        })
    }

    /// A connection has been made: the TCP handshake.
    pub fn begin(&mut self, local: SocketAddr, remote: SocketAddr, role: Role) -> Flow {
        // The initial sequence numbers follow from the ports, so that recordings can be
        // compared.
        let end = |address: SocketAddr| End {
            address,
            sequence: u32::from(address.port()) << 16,
        };
        let mut flow = Flow {
            ends: [end(local), end(remote)],
        };
        let (dialler, other) = match role {
            Role::Initiator => (LOCAL, REMOTE),
            Role::Acceptor => (REMOTE, LOCAL),
        };
        self.write(&mut flow, dialler, Flags::Syn, &[]);
        flow.advance(dialler, 1);
        self.write(&mut flow, other, Flags::SynAck, &[]);
        flow.advance(other, 1);
        self.write(&mut flow, dialler, Flags::Ack, &[]);
        flow
    }

    /// We have sent these bytes.
    pub fn sent(&mut self, flow: &mut Flow, bytes: &[u8]) {
        self.data(flow, LOCAL, bytes);
    }

    /// We have received these bytes.
    pub fn received(&mut self, flow: &mut Flow, bytes: &[u8]) {
        self.data(flow, REMOTE, bytes);
    }

    fn data(&mut self, flow: &mut Flow, from: usize, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        for segment in bytes.chunks(SEGMENT_BYTES) {
            self.write(flow, from, Flags::Ack, segment);
            flow.advance(from, segment.len());
        }
        self.write(flow, 1 - from, Flags::Ack, &[]);
    }

    /// The keys of an encrypted connection are known: from here on the recording
    /// can be decrypted.
    pub fn keys(&mut self, keys: &KeyLine) {
        if self.error.is_none() {
            let line = format!("{keys}\n");
            self.error = self.writer.secrets(SECRETS_TYPE, line.as_bytes()).err();
        }
    }

    /// The connection is over.
    pub fn end(&mut self, mut flow: Flow, ending: Ending) {
        let first = match ending {
            Ending::Ours => LOCAL,
            Ending::Theirs => REMOTE,
            Ending::Reset => return self.write(&mut flow, REMOTE, Flags::RstAck, &[]),
        };
        for from in [first, 1 - first] {
            self.write(&mut flow, from, Flags::FinAck, &[]);
            flow.advance(from, 1);
        }
        self.write(&mut flow, first, Flags::Ack, &[]);
    }

    /// Ends the recording; says what went wrong, if anything did.
    pub fn finish(mut self) -> io::Result<()> {
        match self.error.take() {
            Some(error) => Err(error),
            None => self.writer.flush(),
        }
    }

    fn write(&mut self, flow: &mut Flow, from: usize, flags: Flags, data: &[u8]) {
        if self.error.is_some() {
            return;
        }
        let (source, target) = (flow.ends[from], flow.ends[1 - from]);
        self.packet.clear();
        let builder = tcp(source, target, flags);
        if let Err(error) = builder.write(&mut self.packet, data) {
            self.error = Some(io::Error::other(error.to_string()));
            return;
        }
        let nanos = (self.epoch + self.began.elapsed()).as_nanos();
        let packet = Packet {
            frame: 0,
            time: Timestamp::from_nanos(i128::try_from(nanos).unwrap_or(i128::MAX)),
            interface: self.interface,
            link: RAW_IP,
            data: &self.packet,
            original_length: self.packet.len() as u32,
        };
        self.error = self.writer.packet(&packet, None).err();
    }
}

impl Flow {
    fn advance(&mut self, end: usize, bytes: usize) {
        let sequence = &mut self.ends[end].sequence;
        *sequence = sequence.wrapping_add(bytes as u32);
    }
}

fn tcp(source: End, target: End, flags: Flags) -> PacketBuilderStep<TcpHeader> {
    let options = [
        TcpOptionElement::MaximumSegmentSize(SEGMENT_BYTES as u16),
        TcpOptionElement::Noop,
        TcpOptionElement::WindowScale(WINDOW_SCALE),
    ];
    let plain = || match flags {
        Flags::Syn => header(source, target).syn(),
        Flags::SynAck => header(source, target).syn().ack(target.sequence),
        Flags::Ack => header(source, target).ack(target.sequence),
        Flags::FinAck => header(source, target).fin().ack(target.sequence),
        Flags::RstAck => header(source, target).rst().ack(target.sequence),
    };
    match flags {
        Flags::Syn | Flags::SynAck => plain().options(&options).unwrap_or_else(|_| plain()),
        Flags::Ack | Flags::FinAck | Flags::RstAck => plain(),
    }
}

fn header(source: End, target: End) -> PacketBuilderStep<TcpHeader> {
    let ip = match (
        source.address.ip().to_canonical(),
        target.address.ip().to_canonical(),
    ) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), 64),
        (from, to) => PacketBuilder::ipv6(v6(from), v6(to), 64),
    };
    let ports = (source.address.port(), target.address.port());
    ip.tcp(ports.0, ports.1, source.sequence, u16::MAX)
}

fn v6(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}
