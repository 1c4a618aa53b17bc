//! The header of uTP packets (BEP 29): a datagram each.

pub mod anomalies;
mod extension;
mod packet;
#[cfg(test)]
mod tests;

pub use extension::{CloseReason, Extension, Extensions, is_selected, selectively_acknowledged};
pub use packet::{
    DATA, FIN, HEADER_LENGTH, Packet, PacketType, RESET, STATE, SYN, UNKNOWN, VERSION,
    broken_header, dissect, is_after,
};
