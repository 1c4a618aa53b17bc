//! uTP packets in words: `utp syn connection_id=1 seq_nr=1`.

use std::fmt::Write as _;

use super::arguments::Arguments;
use super::fault::{Fault, Result};
use super::write::push_field;
use crate::wire::utp::{Extensions, Packet, PacketType};

const TYPES: [PacketType; 5] = [
    PacketType::DATA,
    PacketType::FIN,
    PacketType::STATE,
    PacketType::RESET,
    PacketType::SYN,
];

/// What a client that nothing hinders is ready to take.
const WINDOW: u32 = 1 << 20;

/// Makes a packet; `None` if there is none of this name.
pub fn encode(name: &str, fields: &mut Arguments<'_>) -> Result<Option<Vec<u8>>> {
    let named = TYPES.into_iter().find(|known| known.name() == Some(name));
    let packet_type = match named {
        Some(known) => known,
        None if name == "unknown" => PacketType(fields.number("type")?),
        None => return Ok(None),
    };
    let first = fields.number_or("extension", 0)?;
    let chain = fields.bytes("extensions")?;
    let extensions = Extensions::new(first, &chain).ok_or_else(|| {
        let reason = "`extension` is the type of the first one, `extensions` their bytes";
        Fault::new(0, reason)
    })?;
    let payload = fields.bytes("payload")?;
    let packet = Packet {
        packet_type,
        connection_id: fields.number("connection_id")?,
        timestamp: fields.number_or("timestamp_microseconds", 0)?,
        timestamp_difference: fields.number_or("timestamp_difference_microseconds", 0)?,
        wnd_size: fields.number_or("wnd_size", WINDOW)?,
        seq_nr: fields.number_or("seq_nr", 1)?,
        ack_nr: fields.number_or("ack_nr", 0)?,
        extensions,
        payload_length: payload.len(),
        payload: &payload,
    };
    if packet_type.0 > 0x0f {
        return Err(Fault::new(0, "`type` has four bits"));
    }
    let mut out = Vec::new();
    packet.encode(&mut out);
    Ok(Some(out))
}

/// A packet in words.
pub fn words(packet: &Packet<'_>) -> String {
    let mut text = String::from("utp ");
    let _ = match packet.packet_type.name() {
        Some(name) => write!(text, "{name}"),
        None => write!(text, "unknown type={}", packet.packet_type.0),
    };
    let _ = write!(
        text,
        " connection_id={} timestamp_microseconds={} timestamp_difference_microseconds={} \
         wnd_size={} seq_nr={} ack_nr={}",
        packet.connection_id,
        packet.timestamp,
        packet.timestamp_difference,
        packet.wnd_size,
        packet.seq_nr,
        packet.ack_nr
    );
    if packet.extensions.first() != 0 {
        let _ = write!(text, " extension={}", packet.extensions.first());
        push_field(&mut text, "extensions", packet.extensions.bytes());
    }
    if !packet.payload.is_empty() {
        push_field(&mut text, "payload", packet.payload);
    }
    text
}
