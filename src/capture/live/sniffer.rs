//! Packets as they go by on an interface.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::PathBuf;

use pcap::{Active, Capture, Error, Linktype};

use super::interfaces::{self, ANY};
use crate::capture::bpf::{in_words, link_type};
use crate::capture::{CaptureError, LinkType, Packet, Timestamp};

/// How long the kernel may collect packets before it hands them over, in
/// milliseconds. A partly filled block is handed over after one to two of
/// these: far below what an eye notices, and rarely enough that a slow network
/// does not use up the blocks of the buffer. Never 0, which waits for ever.
const TIME_OUT: i32 = 20;

/// The longest packet that is captured whole: more than an offloaded frame has.
const SNAPLEN: i32 = 256 << 10;

/// Only Linux gives nanoseconds on every interface, and libpcap has no way to
/// ask for them that the crate would pass on.
const HAS_NANOS: bool = cfg!(target_os = "linux");

/// What to sniff, and how.
#[derive(Debug, Clone)]
pub struct LiveOptions {
    /// Name of the interface.
    pub interface: String,
    /// A packet filter in the language of libpcap; empty lets everything by.
    pub filter: String,
    /// Size of the kernel's buffer in bytes.
    pub buffer: u32,
    /// Whether to receive packets that are not for this machine.
    pub promiscuous: bool,
}

/// What became of the packets of an interface so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Packets that were handed to us.
    pub packets: u64,
    /// Their captured bytes.
    pub bytes: u64,
    /// Packets that passed the filter in the kernel. Linux passes each packet of
    /// the loopback interface twice, as it is sent and as it arrives; libpcap
    /// gives us the second.
    pub received: u64,
    /// Packets lost because the kernel's buffer was full.
    pub dropped: u64,
    /// Packets lost by the interface or its driver.
    pub interface_dropped: u64,
}

/// An interface that is being sniffed on. Ready to read ([`AsFd`]) when packets
/// are at hand.
pub struct Live {
    capture: Capture<Active>,
    interface: String,
    link: LinkType,
    traffic: Traffic,
    /// The last counts of libpcap, which wrap.
    counts: pcap::Stat,
}

impl Live {
    /// Begins to sniff.
    ///
    /// # Errors
    ///
    /// One line each that says what to do: missing privilege, an unknown
    /// interface (the known ones are named), a filter that does not compile.
    pub fn open(options: &LiveOptions) -> Result<Self, CaptureError> {
        let name = &options.interface;
        interfaces::check(name)?;
        let mut capture = activate(options).map_err(|error| failed(name, &error))?;
        prefer_cooked_v2(&mut capture);
        if !options.filter.is_empty() {
            capture
                .filter(&options.filter, true)
                .map_err(|error| wrong_filter(name, &options.filter, &error))?;
        }
        let capture = capture
            .setnonblock()
            .map_err(|error| failed(name, &error))?;
        Ok(Self {
            link: link_type(capture.get_datalink()),
            interface: name.clone(),
            capture,
            traffic: Traffic::default(),
            counts: pcap::Stat {
                received: 0,
                dropped: 0,
                if_dropped: 0,
            },
        })
    }

    /// How its packets begin.
    pub fn link(&self) -> LinkType {
        self.link
    }

    /// Name of the interface.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// Gives `each` the packets that are at hand, at most one block of the
    /// kernel's buffer, without waiting and without copying. Tells how many
    /// there were; 0 means that it is time to wait until [`Live::as_fd`] is
    /// ready to read.
    pub fn dispatch(&mut self, mut each: impl FnMut(&Packet<'_>)) -> Result<usize, CaptureError> {
        let (traffic, link) = (&mut self.traffic, self.link);
        let result = self.capture.dispatch(None, |packet| {
            traffic.packets += 1;
            traffic.bytes += packet.data.len() as u64;
            each(&Packet {
                frame: traffic.packets,
                time: time(packet.header.ts.tv_sec, packet.header.ts.tv_usec),
                interface: 0,
                link,
                data: packet.data,
                original_length: packet.header.len,
            });
        });
        result.map_err(|error| failed(&self.interface, &error))
    }

    /// What became of the packets so far. To be asked at least once in four
    /// thousand million packets, where libpcap's counts wrap.
    pub fn traffic(&mut self) -> Traffic {
        if let Ok(now) = self.capture.stats() {
            let grown = |now: u32, before: u32| u64::from(now.wrapping_sub(before));
            let (traffic, before) = (&mut self.traffic, self.counts);
            traffic.received += grown(now.received, before.received);
            traffic.dropped += grown(now.dropped, before.dropped);
            traffic.interface_dropped += grown(now.if_dropped, before.if_dropped);
            self.counts = now;
        }
        self.traffic
    }
}

impl AsFd for Live {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.capture.as_fd()
    }
}

fn activate(options: &LiveOptions) -> Result<Capture<Active>, Error> {
    // `any` has no promiscuous mode, and libpcap's warning of that counts as an
    // error in the crate.
    if options.promiscuous && options.interface != ANY {
        match prepare(options)?.promisc(true).open() {
            Err(error) if !is_permission(&error) => {}
            result => return result,
        }
    }
    prepare(options)?.open()
}

fn prepare(options: &LiveOptions) -> Result<Capture<pcap::Inactive>, Error> {
    let capture = Capture::from_device(options.interface.as_str())?
        .snaplen(SNAPLEN)
        .timeout(TIME_OUT)
        .buffer_size(i32::try_from(options.buffer).unwrap_or(i32::MAX));
    Ok(if HAS_NANOS {
        capture.precision(pcap::Precision::Nano)
    } else {
        capture
    })
}

/// The second version of the cooked header names the interface of a packet.
fn prefer_cooked_v2(capture: &mut Capture<Active>) {
    if capture.get_datalink() == Linktype::LINUX_SLL {
        // Where it is not offered, the first version does.
        let _ = capture.set_datalink(Linktype::LINUX_SLL2);
    }
}

fn time<S: Into<i64>, F: Into<i64>>(seconds: S, fraction: F) -> Timestamp {
    let unit = if HAS_NANOS { 1 } else { 1000 };
    let seconds = i128::from(seconds.into());
    let fraction = i128::from(fraction.into());
    Timestamp::from_nanos(seconds * 1_000_000_000 + fraction * unit)
}

fn is_permission(error: &Error) -> bool {
    let text = error.to_string().to_lowercase();
    ["permission", "permitted", "cap_net_raw"]
        .iter()
        .any(|word| text.contains(word))
}

fn failed(interface: &str, error: &Error) -> CaptureError {
    let reason = if is_permission(error) {
        NO_PRIVILEGE.to_owned()
    } else {
        in_words(error)
    };
    CaptureError::new(&PathBuf::from(interface), None, reason)
}

/// What to do without privilege, on one line.
const NO_PRIVILEGE: &str = if cfg!(target_os = "linux") {
    "no permission to sniff: run as root, or once \
     `sudo setcap cap_net_raw,cap_net_admin=eip $(command -v peerscope)`"
} else {
    "no permission to sniff: run as root, or let your group read /dev/bpf*"
};

fn wrong_filter(interface: &str, filter: &str, error: &Error) -> CaptureError {
    let reason = format!("packet filter \"{filter}\": {}", in_words(error));
    CaptureError::new(&PathBuf::from(interface), None, reason)
}
