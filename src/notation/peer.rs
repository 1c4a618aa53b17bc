//! Messages of the peer wire in words.

use std::fmt::Write as _;

use super::arguments::Arguments;
use super::encoded::Ids;
use super::fault::{Fault, Result};
use super::value::{Kind, Value};
use super::write::{push_field, quote};
use super::{extended, extension_names};
use crate::wire::catalogue::{self, Protocol};
use crate::wire::peer::{
    self, Azmp, Bitfield, Block, FLAGS, Handshake, HashRange, Hashes, Message, MessageId, Reserved,
    types,
};

/// Bytes that are usually asked for.
const BLOCK: u32 = 16 * 1024;

/// A peer id for who does not care.
const PEER_ID: [u8; 20] = *b"-PS0000-000000000000";

/// Whether the peer wire has a message of this name.
pub fn is_name(name: &str) -> bool {
    let message = catalogue::message(Protocol::Peer, name);
    // What is not there has no bytes to make.
    message.is_some_and(|message| message != &types::GAP) || extension_names::is_name(name)
}

/// Makes a message; `None` if there is none of this name.
pub fn encode(name: &str, fields: &mut Arguments<'_>, ids: Ids<'_>) -> Result<Option<Vec<u8>>> {
    if extension_names::is_name(name) {
        return extended::encode(name, fields, ids).map(Some);
    }
    // What messages borrow.
    let (bytes, data);
    let Some(named) = catalogue::message(Protocol::Peer, name) else {
        return Ok(None);
    };
    let message = match named.id.map(MessageId) {
        None if named == &types::HANDSHAKE => Message::Handshake(handshake(fields)?),
        None if named == &types::KEEP_ALIVE => Message::KeepAlive,
        Some(MessageId::CHOKE) => Message::Choke,
        Some(MessageId::UNCHOKE) => Message::Unchoke,
        Some(MessageId::INTERESTED) => Message::Interested,
        Some(MessageId::NOT_INTERESTED) => Message::NotInterested,
        Some(MessageId::HAVE_ALL) => Message::HaveAll,
        Some(MessageId::HAVE_NONE) => Message::HaveNone,
        Some(MessageId::HAVE) => Message::Have(fields.number("piece")?),
        Some(MessageId::SUGGEST_PIECE) => Message::SuggestPiece(fields.number("piece")?),
        Some(MessageId::ALLOWED_FAST) => Message::AllowedFast(fields.number("piece")?),
        Some(MessageId::PORT) => Message::Port(fields.number("port")?),
        Some(MessageId::REQUEST) => Message::Request(block(fields)?),
        Some(MessageId::CANCEL) => Message::Cancel(block(fields)?),
        Some(MessageId::REJECT_REQUEST) => Message::RejectRequest(block(fields)?),
        Some(MessageId::PIECE) => return piece(fields).map(Some),
        Some(MessageId::BITFIELD) => {
            bytes = fields.need("bitfield")?.bytes()?;
            let (bits, pieces) = (&bytes[..], None);
            Message::Bitfield(Bitfield { bits, pieces })
        }
        Some(MessageId::HASH_REQUEST) => Message::HashRequest(range(fields)?),
        Some(MessageId::HASH_REJECT) => Message::HashReject(range(fields)?),
        Some(MessageId::HASHES) => {
            let range = range(fields)?;
            bytes = fields.need("hashes")?.packed(Value::bytes)?;
            let hashes = &bytes[..];
            Message::Hashes(Hashes { range, hashes })
        }
        None if named == &types::AZMP => {
            bytes = fields.need("azmp_id")?.text()?;
            data = fields.bytes("payload")?;
            Message::Azmp(Box::new(Azmp {
                id: &bytes,
                version: fields.number_or("version", 1)?,
                payload: &data,
            }))
        }
        None if named == &types::UNKNOWN => {
            let id = MessageId(fields.number("id")?);
            bytes = fields.bytes("payload")?;
            let payload = &bytes[..];
            Message::Unknown { id, payload }
        }
        _ => return Ok(None),
    };
    let mut out = Vec::new();
    peer::encode(&message, &[], &mut out);
    Ok(Some(out))
}

fn block(fields: &mut Arguments<'_>) -> Result<Block> {
    Ok(Block {
        index: fields.number("index")?,
        begin: fields.number_or("begin", 0)?,
        length: fields.number_or("length", BLOCK)?,
    })
}

/// With its data, or with as many zeros.
fn piece(fields: &mut Arguments<'_>) -> Result<Vec<u8>> {
    /// More zeros are a mistake.
    const MAX_ZEROS: u32 = 1 << 24;
    let (index, begin) = (fields.number("index")?, fields.number_or("begin", 0)?);
    let length = fields.take("length");
    let data = match (fields.take("data"), length) {
        (Some(data), None) => data.bytes()?,
        (Some(data), Some(_)) => return Err(Fault::new(data.at, "`length` or `data`, not both")),
        (None, length) => {
            let number = length.as_ref().map_or(Ok(BLOCK), Value::number::<u32>)?;
            if let Some(length) = length.filter(|_| number > MAX_ZEROS) {
                return Err(Fault::new(length.at, "more than 16 MiB"));
            }
            vec![0; number as usize]
        }
    };
    let block = Block {
        index,
        begin,
        length: data.len() as u32,
    };
    let mut out = Vec::new();
    peer::encode(&Message::Piece(block), &data, &mut out);
    Ok(out)
}

fn range(fields: &mut Arguments<'_>) -> Result<HashRange> {
    Ok(HashRange {
        pieces_root: fields.need("pieces_root")?.array()?,
        base_layer: fields.number_or("base_layer", 0)?,
        index: fields.number_or("index", 0)?,
        length: fields.number("length")?,
        proof_layers: fields.number_or("proof_layers", 0)?,
    })
}

fn handshake(fields: &mut Arguments<'_>) -> Result<Handshake> {
    let info_hash = fields.need("info_hash")?.array()?;
    let peer_id = fields.take("peer_id");
    let peer_id = peer_id.map_or(Ok(PEER_ID), |value| id(&value))?;
    let reserved = fields.take("reserved");
    let mut reserved = reserved.map_or(Ok([0; 8]), |value| value.array())?;
    if let Some(extensions) = fields.take("extensions") {
        for name in extensions.items() {
            let flag = FLAGS.iter().find(|flag| name.word() == Some(flag.name));
            let Some(flag) = flag else {
                let names: Vec<_> = FLAGS.iter().map(|flag| flag.name).collect();
                let reason = format!("none of {}", names.join(", "));
                return Err(Fault::new(name.at, reason));
            };
            reserved[flag.byte] |= flag.mask;
        }
    }
    Ok(Handshake {
        reserved: Reserved(reserved),
        info_hash,
        peer_id,
    })
}

/// A peer id: 40 hex digits, or 20 characters.
pub fn id(value: &Value) -> Result<[u8; 20]> {
    match &value.kind {
        Kind::Word(word) => match <[u8; 20]>::try_from(word.as_bytes()) {
            Ok(id) => Ok(id),
            Err(_) => value.array(),
        },
        _ => value.array(),
    }
}

/// Appends a peer id, as text where it is some.
pub fn push_id(out: &mut String, id: [u8; 20]) {
    out.push_str(" peer_id=");
    if id.iter().all(u8::is_ascii_graphic) {
        quote(out, &id);
    } else {
        out.push_str(&hex::encode(id));
    }
}

/// Any message by its id.
pub fn words_by_id(bytes: &[u8]) -> Option<String> {
    let mut text = format!("unknown id={}", bytes.get(4)?);
    push_field(&mut text, "payload", &bytes[5..]);
    Some(text)
}

/// A message that is not extended, in words; `data` is that of a piece. `None`
/// if the peer wire has no such message.
pub fn words(message: &Message<'_>, data: &[u8]) -> Option<String> {
    let mut out = message.name().to_owned();
    match message {
        Message::Handshake(handshake) => {
            push_field(&mut out, "reserved", &handshake.reserved.0);
            push_field(&mut out, "info_hash", &handshake.info_hash);
            push_id(&mut out, handshake.peer_id);
        }
        Message::Have(piece) | Message::SuggestPiece(piece) | Message::AllowedFast(piece) => {
            let _ = write!(out, " piece={piece}");
        }
        Message::Port(port) => {
            let _ = write!(out, " port={port}");
        }
        Message::Bitfield(bitfield) => push_field(&mut out, "bitfield", bitfield.bits),
        Message::Request(block) | Message::Cancel(block) | Message::RejectRequest(block) => {
            push_block(&mut out, block);
            let _ = write!(out, " length={}", block.length);
        }
        Message::Piece(block) => {
            push_block(&mut out, block);
            push_field(&mut out, "data", data);
        }
        Message::HashRequest(range) | Message::HashReject(range) => push_range(&mut out, range),
        Message::Hashes(hashes) => {
            push_range(&mut out, &hashes.range);
            push_field(&mut out, "hashes", hashes.hashes);
        }
        Message::Azmp(azmp) => {
            out.push_str(" azmp_id=");
            quote(&mut out, azmp.id);
            let _ = write!(out, " version={}", azmp.version);
            push_field(&mut out, "payload", azmp.payload);
        }
        Message::Unknown { id, payload } => {
            let _ = write!(out, " id={}", id.0);
            push_field(&mut out, "payload", payload);
        }
        Message::Extended(_) | Message::Broken(..) | Message::HandshakeStart(_) => return None,
        _ => {}
    }
    Some(out)
}

/// A piece without its data.
pub fn block_words(block: &Block) -> String {
    let mut out = types::PIECE.name.to_owned();
    push_block(&mut out, block);
    let _ = write!(out, " length={}", block.length);
    out
}

fn push_block(out: &mut String, block: &Block) {
    let _ = write!(out, " index={} begin={}", block.index, block.begin);
}

fn push_range(out: &mut String, range: &HashRange) {
    push_field(out, "pieces_root", &range.pieces_root);
    let _ = write!(
        out,
        " base_layer={} index={} length={} proof_layers={}",
        range.base_layer, range.index, range.length, range.proof_layers
    );
}
