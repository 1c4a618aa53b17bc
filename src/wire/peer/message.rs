//! One message of the peer wire: dissect, encode, and what it says in a line.

use std::fmt;

use nom::number::complete::{be_u16, be_u32, u8};

use super::anomalies;
use super::azmp::{Azmp, AzmpFrame};
use super::before::Before;
use super::block::{BEGIN, Bitfield, Block, INDEX};
use super::fields::{CUT_FIELD, DATA, ID, LENGTH_PREFIX, MISSING, PAYLOAD, PIECE, PORT, UNCLAIMED};
use super::handshake::{Handshake, HandshakeStart};
use super::hashes::{HashRange, Hashes};
use super::id::MessageId;
use super::near::NearHandshake;
use super::types;
use crate::wire::dissected::Dissected;
use crate::wire::extension::{self, Extended, ExtensionMap};
use crate::wire::message_type::MessageType;
use crate::wire::reader::{Malformed, Problem, Reader};
use crate::wire::sink::{Note, Sink};
use crate::wire::words::Count;

/// Bytes of a piece message before its data: length prefix, id, index, begin.
pub const PIECE_HEADER: usize = 13;

/// What must be known of the conversation to read one message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'c> {
    /// How messages are framed at this point of the stream.
    pub framing: Framing,
    /// The extension ids that the receiver of the message has announced; `None`
    /// while its extended handshake has not been seen.
    pub extensions: Option<&'c ExtensionMap>,
    /// Pieces of the torrent, where known.
    pub pieces: Option<u32>,
    /// What the sender has said before.
    pub before: Before,
}

/// How the next bytes of a stream are framed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Framing {
    /// The 68-byte handshake.
    Handshake,
    /// Length prefix and id.
    #[default]
    Messages,
    /// Azureus messaging protocol: length prefix and a textual id.
    Azmp,
}

/// A message of the peer wire.
#[derive(Debug, Clone, PartialEq)]
pub enum Message<'a> {
    /// The handshake.
    Handshake(Handshake),
    /// A handshake whose peer id is not there.
    HandshakeStart(HandshakeStart),
    /// Length 0.
    KeepAlive,
    /// No requests will be served.
    Choke,
    /// Requests will be served.
    Unchoke,
    /// The sender wants pieces of the receiver.
    Interested,
    /// The sender wants none.
    NotInterested,
    /// The sender has this piece.
    Have(u32),
    /// The pieces that the sender has.
    Bitfield(Bitfield<'a>),
    /// The sender asks for a block.
    Request(Block),
    /// A block; its data is not part of the value.
    Piece(Block),
    /// The sender takes a request back.
    Cancel(Block),
    /// UDP port of the sender's DHT node (BEP 5).
    Port(u16),
    /// The sender suggests to ask for this piece (BEP 6).
    SuggestPiece(u32),
    /// The sender has every piece (BEP 6).
    HaveAll,
    /// The sender has no piece (BEP 6).
    HaveNone,
    /// The sender will not serve this request (BEP 6).
    RejectRequest(Block),
    /// The receiver may ask for this piece while choked (BEP 6).
    AllowedFast(u32),
    /// Extension protocol (BEP 10).
    Extended(Box<Extended<'a>>),
    /// Asks for hashes (BEP 52).
    HashRequest(HashRange),
    /// Brings hashes (BEP 52).
    Hashes(Hashes<'a>),
    /// Refuses to bring hashes (BEP 52).
    HashReject(HashRange),
    /// A message of Azureus' own.
    Azmp(Box<Azmp<'a>>),
    /// An id without a meaning in any BEP.
    Unknown {
        /// The id.
        id: MessageId,
        /// What follows it.
        payload: &'a [u8],
    },
    /// So malformed or cut that it has no value: how it was framed, and the id if
    /// that is there.
    Broken(Framing, Option<MessageId>),
}

/// Dissects one message, its length prefix included.
///
/// `declared` is its whole length on the wire by its own account; `bytes` holds
/// as much of it as there is. The data of a piece may be left out.
pub fn dissect<'i, S: Sink>(
    bytes: &'i [u8],
    declared: usize,
    context: &Context<'_>,
    sink: &mut S,
) -> Dissected<Message<'i>> {
    let mut reader = Reader::new(bytes, declared, sink);
    if context.framing == Framing::Handshake
        && let Some(near) = NearHandshake::of(bytes)
    {
        return nearly(reader, &near);
    }
    let result = match context.framing {
        Framing::Handshake => Handshake::dissect(&mut reader).map(Message::Handshake),
        Framing::Messages => framed(&mut reader, context),
        Framing::Azmp => azmp(&mut reader, context),
    };
    conclude(reader, result, || broken(bytes, context.framing))
}

/// Dissects a message that lost its length prefix, as a program holds it once it
/// has cut its stream: `bytes` begins with the id. The framing of the context is
/// not looked at.
pub fn dissect_bare<'i, S: Sink>(
    bytes: &'i [u8],
    declared: usize,
    context: &Context<'_>,
    sink: &mut S,
) -> Dissected<Message<'i>> {
    let mut reader = Reader::new(bytes, declared, sink);
    let id = reader.field(&ID, u8);
    let result = id.and_then(|id| body(MessageId(id), &mut reader, context));
    conclude(reader, result, || {
        let id = bytes.first().copied().map(MessageId);
        Message::Broken(Framing::Messages, id)
    })
}

/// Dissects a handshake that is nearly one.
fn nearly<S: Sink>(
    mut reader: Reader<'_, '_, S>,
    near: &NearHandshake,
) -> Dissected<Message<'static>> {
    let (meant, malformed) = near.dissect(&mut reader);
    let problem = Some(Problem::Malformed(malformed));
    if reader.left() > 0 {
        claim_rest(&mut reader, problem);
    }
    Dissected {
        message: meant.map_or(
            Message::Broken(Framing::Handshake, None),
            Message::Handshake,
        ),
        problem,
    }
}

/// Claims what is left of a message, and says what is wrong with it; `broken`
/// stands for one without a value.
#[inline]
fn conclude<'i, S: Sink>(
    reader: Reader<'i, '_, S>,
    result: Result<Message<'i>, Problem>,
    broken: impl FnOnce() -> Message<'i>,
) -> Dissected<Message<'i>> {
    match result {
        // Nearly all messages end here.
        Ok(message) if reader.left() == 0 => Dissected {
            problem: extension_problem(&message),
            message,
        },
        Ok(message) => conclude_faulty(reader, message, None),
        Err(problem) => conclude_faulty(reader, broken(), Some(problem)),
    }
}

#[cold]
fn conclude_faulty<'i, S: Sink>(
    mut reader: Reader<'i, '_, S>,
    message: Message<'i>,
    problem: Option<Problem>,
) -> Dissected<Message<'i>> {
    let at = reader.at();
    let trailing = reader.left();
    let is_handshake = matches!(
        message,
        Message::Broken(Framing::Handshake, _) | Message::HandshakeStart(_)
    );
    let problem = match problem {
        Some(problem) if is_handshake => Some(problem.short_by(&anomalies::NOT_A_HANDSHAKE)),
        Some(problem) => Some(problem),
        None if trailing > 0 => Some(Problem::Malformed(Malformed::new(at, &anomalies::TOO_LONG))),
        None => extension_problem(&message),
    };
    if trailing > 0 {
        claim_rest(&mut reader, problem);
    }
    Dissected { message, problem }
}

/// Claims what no field did: bytes after a fault, and bytes that the capture
/// does not hold.
fn claim_rest<S: Sink>(reader: &mut Reader<'_, '_, S>, problem: Option<Problem>) {
    let here = reader.rest().len();
    if here > 0 {
        let is_cut = problem == Some(Problem::Cut);
        reader.bulk(if is_cut { &CUT_FIELD } else { &UNCLAIMED }, here);
        if let Some(Problem::Malformed(malformed)) = problem {
            reader.note(Note::Malformed(malformed.anomaly));
        }
    }
    let absent = reader.left();
    if absent > 0 {
        reader.remainder(&MISSING);
        reader.note(Note::Cut(absent as u64));
    }
}

/// What stands for a message that cannot be read to its end.
fn broken(bytes: &[u8], framing: Framing) -> Message<'static> {
    let id = match framing {
        Framing::Messages => bytes.get(4).copied().map(MessageId),
        Framing::Handshake => match HandshakeStart::of(bytes) {
            Some(start) => return Message::HandshakeStart(start),
            None => None,
        },
        Framing::Azmp => None,
    };
    Message::Broken(framing, id)
}

fn extension_problem(message: &Message<'_>) -> Option<Problem> {
    match message {
        Message::Extended(extended) => extended.malformed.map(Problem::Malformed),
        _ => None,
    }
}

fn framed<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    context: &Context<'_>,
) -> Result<Message<'i>, Problem> {
    let length = reader.field(&LENGTH_PREFIX, be_u32)?;
    if length == 0 {
        return Ok(Message::KeepAlive);
    }
    let id = MessageId(reader.field(&ID, u8)?);
    body(id, reader, context)
}

fn azmp<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    context: &Context<'_>,
) -> Result<Message<'i>, Problem> {
    Ok(match AzmpFrame::dissect(reader)? {
        AzmpFrame::KeepAlive => Message::KeepAlive,
        AzmpFrame::Wrapped(id) => return body(id, reader, context),
        AzmpFrame::Own(azmp) => Message::Azmp(Box::new(azmp)),
    })
}

/// Dissects what follows the id.
fn body<'i, S: Sink>(
    id: MessageId,
    reader: &mut Reader<'i, '_, S>,
    context: &Context<'_>,
) -> Result<Message<'i>, Problem> {
    Ok(match id {
        MessageId::CHOKE => Message::Choke,
        MessageId::UNCHOKE => Message::Unchoke,
        MessageId::INTERESTED => Message::Interested,
        MessageId::NOT_INTERESTED => Message::NotInterested,
        MessageId::HAVE => have(reader, context.pieces)?,
        MessageId::BITFIELD => {
            Message::Bitfield(Bitfield::dissect(reader, context.pieces, context.before)?)
        }
        MessageId::REQUEST => Message::Request(Block::dissect_request(reader, context.pieces)?),
        MessageId::PIECE => piece(reader)?,
        MessageId::CANCEL => Message::Cancel(Block::dissect(reader)?),
        MessageId::PORT => {
            let port = reader.field(&PORT, be_u16)?;
            if port == 0 {
                reader.anomaly(&anomalies::PORT_ZERO);
            }
            Message::Port(port)
        }
        MessageId::SUGGEST_PIECE => Message::SuggestPiece(reader.field(&PIECE, be_u32)?),
        MessageId::HAVE_ALL => Message::HaveAll,
        MessageId::HAVE_NONE => Message::HaveNone,
        MessageId::REJECT_REQUEST => Message::RejectRequest(Block::dissect(reader)?),
        MessageId::ALLOWED_FAST => Message::AllowedFast(reader.field(&PIECE, be_u32)?),
        MessageId::EXTENDED => {
            Message::Extended(Box::new(extension::dissect(reader, context.extensions)?))
        }
        MessageId::HASH_REQUEST => Message::HashRequest(HashRange::dissect(reader)?),
        MessageId::HASHES => Message::Hashes(Hashes::dissect(reader)?),
        MessageId::HASH_REJECT => Message::HashReject(HashRange::dissect(reader)?),
        _ => {
            reader.anomaly(anomalies::UNKNOWN_ID.with(u32::from(id.0)));
            let payload = reader.remainder(&PAYLOAD);
            Message::Unknown { id, payload }
        }
    })
}

fn have<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    pieces: Option<u32>,
) -> Result<Message<'i>, Problem> {
    let piece = reader.field(&PIECE, be_u32)?;
    if let Some(pieces) = pieces.filter(|pieces| piece >= *pieces) {
        reader.anomaly(anomalies::HAVE_BEYOND.with_both(piece, pieces));
    }
    Ok(Message::Have(piece))
}

fn piece<'i, S: Sink>(reader: &mut Reader<'i, '_, S>) -> Result<Message<'i>, Problem> {
    let index = reader.field(&INDEX, be_u32)?;
    let begin = reader.field(&BEGIN, be_u32)?;
    let length = reader.left() as u32;
    reader.remainder(&DATA);
    if length == 0 {
        reader.anomaly(&anomalies::EMPTY_PIECE);
    }
    Ok(Message::Piece(Block {
        index,
        begin,
        length,
    }))
}

impl Message<'_> {
    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match self {
            Self::Handshake(_) | Self::HandshakeStart(_) | Self::Broken(Framing::Handshake, _) => {
                &types::HANDSHAKE
            }
            Self::KeepAlive => &types::KEEP_ALIVE,
            Self::Extended(extended) => extended.message_type(),
            Self::Azmp(_) | Self::Broken(Framing::Azmp, _) => &types::AZMP,
            Self::Choke => &types::CHOKE,
            Self::Unchoke => &types::UNCHOKE,
            Self::Interested => &types::INTERESTED,
            Self::NotInterested => &types::NOT_INTERESTED,
            Self::Have(_) => &types::HAVE,
            Self::Bitfield(_) => &types::BITFIELD,
            Self::Request(_) => &types::REQUEST,
            Self::Piece(_) => &types::PIECE,
            Self::Cancel(_) => &types::CANCEL,
            Self::Port(_) => &types::PORT,
            Self::SuggestPiece(_) => &types::SUGGEST_PIECE,
            Self::HaveAll => &types::HAVE_ALL,
            Self::HaveNone => &types::HAVE_NONE,
            Self::RejectRequest(_) => &types::REJECT_REQUEST,
            Self::AllowedFast(_) => &types::ALLOWED_FAST,
            Self::HashRequest(_) => &types::HASH_REQUEST,
            Self::Hashes(_) => &types::HASHES,
            Self::HashReject(_) => &types::HASH_REJECT,
            Self::Unknown { id, .. } => id.message_type().unwrap_or(&types::UNKNOWN),
            Self::Broken(Framing::Messages, id) => {
                let known = id.and_then(MessageId::message_type);
                known.unwrap_or(&types::UNKNOWN)
            }
        }
    }

    /// The name, as JSON has it (`docs/json.md`).
    pub fn name(&self) -> &'static str {
        self.message_type().name
    }

    /// Whether its meaning is a guess by its content.
    pub fn is_inferred(&self) -> bool {
        matches!(self, Self::Extended(extended) if extended.inferred)
    }

    /// The id byte; `None` for the handshake, keep-alive and AZMP's own.
    pub fn id(&self) -> Option<MessageId> {
        match self {
            Self::Extended(_) => Some(MessageId::EXTENDED),
            Self::Unknown { id, .. } => Some(*id),
            Self::Broken(_, id) => *id,
            _ => self.message_type().id.map(MessageId),
        }
    }
}

/// Writes a message as it stands on the wire, `data` being a piece's data (for
/// the others it is not read). What is broken or not whole has no bytes to write.
pub fn encode(message: &Message<'_>, data: &[u8], out: &mut Vec<u8>) {
    match message {
        Message::Handshake(handshake) => return handshake.encode(out),
        Message::Azmp(azmp) => return azmp.encode(out),
        Message::Broken(..) | Message::HandshakeStart(_) => return,
        _ => {}
    }
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    if let Some(id) = message.id() {
        out.push(id.0);
    }
    encode_body(message, data, out);
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

fn encode_body(message: &Message<'_>, data: &[u8], out: &mut Vec<u8>) {
    match message {
        Message::Have(piece) | Message::SuggestPiece(piece) | Message::AllowedFast(piece) => {
            out.extend_from_slice(&piece.to_be_bytes());
        }
        Message::Bitfield(bitfield) => out.extend_from_slice(bitfield.bits),
        Message::Request(block) | Message::Cancel(block) | Message::RejectRequest(block) => {
            block.encode(out);
        }
        Message::Piece(block) => {
            out.extend_from_slice(&block.index.to_be_bytes());
            out.extend_from_slice(&block.begin.to_be_bytes());
            out.extend_from_slice(data);
        }
        Message::Port(port) => out.extend_from_slice(&port.to_be_bytes()),
        Message::Extended(extended) => out.extend_from_slice(&extended.encode()),
        Message::HashRequest(range) | Message::HashReject(range) => range.encode(out),
        Message::Hashes(hashes) => hashes.encode(out),
        Message::Unknown { payload, .. } => out.extend_from_slice(payload),
        _ => {}
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshake(handshake) => handshake.fmt(f),
            Self::HandshakeStart(start) => start.fmt(f),
            Self::KeepAlive => f.write_str("keep-alive"),
            Self::Choke => f.write_str("choke"),
            Self::Unchoke => f.write_str("unchoke"),
            Self::Interested => f.write_str("interested"),
            Self::NotInterested => f.write_str("not interested"),
            Self::Have(piece) => write!(f, "have piece {piece}"),
            Self::Bitfield(bitfield) => bitfield.fmt(f),
            Self::Request(block) => write!(f, "request {block}"),
            // The block already begins with the word.
            Self::Piece(block) => block.fmt(f),
            Self::Cancel(block) => write!(f, "cancel {block}"),
            Self::Port(port) => write!(f, "port {port} of the DHT node"),
            Self::SuggestPiece(piece) => write!(f, "suggest piece {piece}"),
            Self::HaveAll => f.write_str("have all"),
            Self::HaveNone => f.write_str("have none"),
            Self::RejectRequest(block) => write!(f, "reject request {block}"),
            Self::AllowedFast(piece) => write!(f, "allowed fast piece {piece}"),
            Self::Extended(extended) => extended.fmt(f),
            Self::HashRequest(range) => write!(f, "hash request {range}"),
            Self::Hashes(hashes) => write!(f, "hashes {}", hashes.range),
            Self::HashReject(range) => write!(f, "hash reject {range}"),
            Self::Azmp(azmp) => azmp.fmt(f),
            Self::Unknown { id, payload } => unknown(*id, payload, f),
            Self::Broken(Framing::Messages, Some(id)) => match id.name() {
                Some(name) => f.write_str(&name.replace('_', " ")),
                None => write!(f, "unknown id {}", id.0),
            },
            Self::Broken(Framing::Messages, None) => f.write_str("message"),
            Self::Broken(..) => f.write_str(self.name()),
        }
    }
}

fn unknown(id: MessageId, payload: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match id.legacy_name() {
        Some(name) => write!(f, "legacy private id {}, {name}", id.0),
        None => write!(f, "unknown id {}", id.0),
    }?;
    match payload {
        [] => Ok(()),
        bytes if bytes.len() <= 16 => write!(f, ", {}", hex::encode(bytes)),
        bytes => write!(f, ", {}", Count(bytes.len() as u64, "byte")),
    }
}
