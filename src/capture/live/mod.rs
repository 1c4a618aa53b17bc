//! Packets as they go by on an interface, through libpcap.

mod interfaces;
mod sniffer;

pub use interfaces::{Interface, LinkState, default_interface, interfaces};
pub use sniffer::{Live, LiveOptions, Traffic};
