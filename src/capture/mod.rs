//! Where packets come from and go to: pcap, pcapng, gzip and zstd of either,
//! standard input, a live interface, and a writer.

#[cfg(feature = "live")]
mod bpf;
mod buffer;
mod classic;
mod create;
mod file;
mod foreign;
mod identity;
mod input;
#[cfg(all(unix, feature = "live"))]
mod live;
mod order;
mod packet;
mod pcapng;
mod pipes;
mod reader;
mod recorder;
mod secrets;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod upper_pdu;
mod writer;
mod zstd;

#[cfg(feature = "live")]
pub use bpf::PacketFilter;
pub use create::{Existing, OutputFile, create};
pub use file::{FileSource, each_secret, from_reader, open, open_readable};
pub use identity::FileIdentity;
#[cfg(all(unix, feature = "live"))]
pub use live::{Interface, LinkState, Live, LiveOptions, Traffic, default_interface, interfaces};
use packet::MAX_PACKET;
pub use packet::{
    CaptureError, Lack, Limit, LinkType, MAX_WIRESHARK_PACKET, Packet, Source, Timestamp,
};
pub use pipes::Pipes;
pub use recorder::{Recorder, Ring};
pub use secrets::{Secret, Secrets};
pub use upper_pdu::{UPPER_PDU, UpperPdu};
pub use writer::{PcapWriter, PcapngWriter, Precision};
