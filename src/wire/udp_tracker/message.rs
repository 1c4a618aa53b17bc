//! A message of a UDP tracker, read and written.

use std::fmt;

use nom::number::complete::{be_u32, be_u64};

use super::action::{Action, action_name};
use super::announce::{self, ANNOUNCE_SIZE, AnnounceRequest, AnnounceResponse};
use super::anomalies;
use super::scrape::{self, ScrapeRequest, ScrapeResponse};
use crate::wire::compact::Family;
use crate::wire::dissected::Dissected;
use crate::wire::field::{Field, Kind, QUERY_FRAME, Unit};
use crate::wire::message_type::{Lengths, Member, MessageType, Topic};
use crate::wire::protocol::Protocol;
use crate::wire::reader::{Malformed, Problem, Reader};
use crate::wire::sink::{Note, Sink};

/// What a connect request begins with, instead of a connection id.
pub const PROTOCOL_ID: u64 = 0x0000_0417_2710_1980;

/// Bytes of the action and the transaction id of a response.
const RESPONSE_HEAD_SIZE: usize = 8;

/// Bytes of the interval and the two counts before the peers of a response.
const ANNOUNCE_COUNTS_SIZE: usize = 12;

static CONNECTION_ID: Field = Field::new(
    "connection_id",
    Kind::Bytes,
    "Id that the tracker gave to the client.",
);

static MAGIC: Field = Field::new("protocol_id", Kind::Framing, "The number 0x41727101980.");

static ACTION: Field = Field::new(
    "action",
    Kind::Enum(action_name),
    "What it is about: 0 connect, 1 announce, 2 scrape, 3 error.",
);

static TRANSACTION_ID: Field = Field::new(
    "transaction_id",
    Kind::Uint(Unit::None),
    "Chosen by the client, given back in the answer.",
);

static TEXT: Field = Field::new("message", Kind::Text, "Why the tracker refuses.");

static TRAILING: Field = Field::new(
    "trailing_bytes",
    Kind::Unclaimed,
    "Bytes after the end of the layout.",
);

/// What every request begins with.
static REQUEST_HEAD: &[Member] = &[
    Member::Field(&CONNECTION_ID),
    Member::Field(&ACTION),
    Member::Field(&TRANSACTION_ID),
];

/// What every answer begins with.
static RESPONSE_HEAD: &[Member] = &[
    Member::Field(&ACTION),
    Member::Field(&TRANSACTION_ID),
    Member::Fact(&QUERY_FRAME),
];

const fn message(name: &'static str, topic: Topic, shortest: usize) -> MessageType {
    MessageType::new(Protocol::UdpTracker, name, topic)
        .bep(15)
        .lengths(Lengths::AtLeast(shortest as u32))
}

/// Asks for a connection id.
pub static CONNECT_REQUEST: MessageType =
    message("connect_request", Topic::Discovery, CONNECT_SIZE).members(&[
        Member::Field(&MAGIC),
        Member::Field(&ACTION),
        Member::Field(&TRANSACTION_ID),
    ]);

/// Brings one.
pub static CONNECT_RESPONSE: MessageType =
    message("connect_response", Topic::Discovery, CONNECT_SIZE)
        .members(&[Member::Shared(RESPONSE_HEAD), Member::Field(&CONNECTION_ID)]);

/// Announces a peer.
pub static ANNOUNCE_REQUEST: MessageType =
    message("announce_request", Topic::Discovery, ANNOUNCE_SIZE).members(&[
        Member::Shared(REQUEST_HEAD),
        Member::Shared(announce::REQUEST_MEMBERS),
    ]);

/// Brings peers.
pub static ANNOUNCE_RESPONSE: MessageType = message("announce_response", Topic::Discovery, 20)
    .members(&[
        Member::Shared(RESPONSE_HEAD),
        Member::Shared(announce::RESPONSE_MEMBERS),
    ]);

/// Asks for counts.
pub static SCRAPE_REQUEST: MessageType = message("scrape_request", Topic::Discovery, 16 + 20)
    .members(&[
        Member::Shared(REQUEST_HEAD),
        Member::Shared(scrape::REQUEST_MEMBERS),
    ]);

/// Brings them.
pub static SCRAPE_RESPONSE: MessageType =
    message("scrape_response", Topic::Discovery, 8).members(&[
        Member::Shared(RESPONSE_HEAD),
        Member::Shared(scrape::RESPONSE_MEMBERS),
    ]);

/// A refusal.
pub static ERROR: MessageType = message("error", Topic::Refusal, 8)
    .members(&[Member::Shared(RESPONSE_HEAD), Member::Field(&TEXT)]);

/// A datagram of no known action.
pub static UNKNOWN: MessageType =
    message("unknown", Topic::Unknown, 0).members(&[Member::Shared(REQUEST_HEAD)]);

/// What is left over of a message.
pub(in crate::wire) static ANYWHERE: &[Member] = &[Member::Field(&TRAILING)];

/// Bytes of a connect request, and of its answer.
const CONNECT_SIZE: usize = 16;

/// Which end sent a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The client.
    Request,
    /// The tracker.
    Response,
}

/// What must be known to read a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Who sent it.
    pub role: Role,
    /// The IP version of the datagram: how long its peers are.
    pub family: Family,
}

/// A message between client and tracker.
#[derive(Debug, Clone, PartialEq)]
pub struct Message<'i> {
    /// Who sent it.
    pub role: Role,
    /// The connection id of a request; a connect request has the protocol id.
    pub connection: Option<u64>,
    /// What it is about; `None` when it is cut before that.
    pub action: Option<Action>,
    /// Pairs a response with its request.
    pub transaction: Option<u32>,
    /// What follows these.
    pub body: Body<'i>,
}

/// What follows the header.
#[derive(Debug, Clone, PartialEq)]
pub enum Body<'i> {
    /// Nothing: a connect request.
    ConnectRequest,
    /// The connection id to use from now on.
    ConnectResponse(u64),
    /// The client announces itself.
    AnnounceRequest(Box<AnnounceRequest<'i>>),
    /// Peers.
    AnnounceResponse(AnnounceResponse<'i>),
    /// The client asks for counts.
    ScrapeRequest(ScrapeRequest<'i>),
    /// Counts.
    ScrapeResponse(ScrapeResponse<'i>),
    /// Why the tracker refuses.
    Error(&'i [u8]),
    /// An unknown action, or a message too short for its layout.
    Broken,
}

/// Whether a payload begins as a connect request does.
pub fn is_connect(payload: &[u8]) -> bool {
    payload.len() >= 16
        && payload[..8] == PROTOCOL_ID.to_be_bytes()
        && payload[8..12] == Action::CONNECT.0.to_be_bytes()
}

/// Whether a payload has the shape of a connect request, whatever its protocol id.
pub fn is_shaped_as_connect(payload: &[u8]) -> bool {
    payload.len() == CONNECT_SIZE && payload[8..12] == Action::CONNECT.0.to_be_bytes()
}

/// Whether a payload has the shape of a response about `action`: its length, but for an
/// error, whose text is one.
pub fn is_shaped_as_answer(payload: &[u8], action: Action) -> bool {
    let Some(body) = payload.get(RESPONSE_HEAD_SIZE..) else {
        return false;
    };
    let is_list = |head: usize, entry: usize| {
        let list = body.len().checked_sub(head);
        list.is_some_and(|list| list.is_multiple_of(entry))
    };
    match action {
        Action::CONNECT => payload.len() == CONNECT_SIZE,
        Action::ANNOUNCE => [Family::V4, Family::V6]
            .into_iter()
            .any(|family| is_list(ANNOUNCE_COUNTS_SIZE, family.size())),
        Action::SCRAPE => is_list(0, scrape::ENTRY),
        Action::ERROR => {
            let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | 0);
            !body.is_empty() && body.iter().all(is_text)
        }
        _ => false,
    }
}

/// Whether a payload is a connect request whose protocol id is in the wrong order of
/// bytes.
pub fn is_connect_backwards(payload: &[u8]) -> bool {
    is_shaped_as_connect(payload) && payload[..8] == PROTOCOL_ID.to_le_bytes()
}

/// Bytes of a protocol id that has to be right, so that it is nothing else.
const LIKE_ENOUGH: usize = 6;

/// Whether a payload is a connect request whose protocol id is nearly right, or is right
/// from its last byte to its first.
pub fn is_nearly_connect(payload: &[u8]) -> bool {
    let magic = PROTOCOL_ID.to_be_bytes();
    let same = payload.iter().zip(magic).filter(|(own, due)| *own == due);
    let is_like = is_shaped_as_connect(payload) && same.count() >= LIKE_ENOUGH;
    is_like || is_connect_backwards(payload)
}

/// Dissects one datagram of `declared` bytes, of which `bytes` were captured.
pub fn dissect<'i, S: Sink>(
    bytes: &'i [u8],
    declared: usize,
    context: Context,
    sink: &mut S,
) -> Dissected<Message<'i>> {
    let mut reader = Reader::new(bytes, declared, sink);
    let mut message = Message {
        role: context.role,
        connection: None,
        action: None,
        transaction: None,
        body: Body::Broken,
    };
    let problem = read(&mut reader, context, &mut message).err();
    let problem = problem.map(|problem| problem.short_by(&anomalies::TOO_SHORT));
    let at = reader.at();
    let is_open = matches!(
        message.body,
        Body::ConnectRequest | Body::ConnectResponse(_)
    );
    if reader.finish(&TRAILING) == 0 {
        return Dissected { message, problem };
    }
    // BEP 15 lets later versions append to a datagram of fixed layout.
    let problem = problem.or_else(|| {
        let partial = Malformed::new(at, &anomalies::PARTIAL_ENTRY);
        (!is_open).then_some(Problem::Malformed(partial))
    });
    match problem {
        Some(Problem::Malformed(malformed)) => sink.note(Note::Malformed(malformed.anomaly)),
        Some(Problem::Cut) => sink.note(Note::Cut((declared - bytes.len()) as u64)),
        None => {}
    }
    Dissected { message, problem }
}

fn read<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    context: Context,
    message: &mut Message<'i>,
) -> Result<(), Problem> {
    if context.role == Role::Request {
        let is_magic = reader.rest().starts_with(&PROTOCOL_ID.to_be_bytes());
        let is_connect = is_magic || is_shaped_as_connect(reader.rest());
        if is_connect && !is_magic {
            reader.anomaly(&anomalies::PROTOCOL_ID);
        }
        let field = if is_connect { &MAGIC } else { &CONNECTION_ID };
        message.connection = Some(identifier(reader, field)?);
    }
    let action = Action(reader.field(&ACTION, be_u32)?);
    message.action = Some(action);
    message.transaction = Some(reader.field(&TRANSACTION_ID, be_u32)?);
    message.body = match (context.role, action) {
        (Role::Request, Action::CONNECT) => Body::ConnectRequest,
        (Role::Request, Action::ANNOUNCE) => {
            Body::AnnounceRequest(Box::new(AnnounceRequest::dissect(reader)?))
        }
        (Role::Request, Action::SCRAPE) => Body::ScrapeRequest(ScrapeRequest::dissect(reader)?),
        (Role::Response, Action::CONNECT) => {
            Body::ConnectResponse(identifier(reader, &CONNECTION_ID)?)
        }
        (Role::Response, Action::ANNOUNCE) => {
            Body::AnnounceResponse(AnnounceResponse::dissect(reader, context.family)?)
        }
        (Role::Response, Action::SCRAPE) => Body::ScrapeResponse(ScrapeResponse::dissect(reader)?),
        (Role::Response, Action::ERROR) => Body::Error(reader.remainder(&TEXT)),
        _ => return Err(reader.malformed(&anomalies::UNKNOWN_ACTION)),
    };
    Ok(())
}

/// Reads 8 bytes that are a number to the tracker alone.
fn identifier<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    field: &'static Field,
) -> Result<u64, Problem> {
    let bytes = reader.field(field, nom::bytes::complete::take(8_usize))?;
    let number = be_u64::<_, nom::error::Error<&[u8]>>(bytes).map(|(_, number)| number);
    Ok(number.unwrap_or_default())
}

/// Writes a message as one datagram. A broken body is left out.
pub fn encode(message: &Message<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    if let Some(connection) = message.connection {
        out.extend_from_slice(&connection.to_be_bytes());
    }
    if let Some(action) = message.action {
        out.extend_from_slice(&action.0.to_be_bytes());
    }
    if let Some(transaction) = message.transaction {
        out.extend_from_slice(&transaction.to_be_bytes());
    }
    match &message.body {
        Body::ConnectRequest | Body::Broken => {}
        Body::ConnectResponse(connection) => out.extend_from_slice(&connection.to_be_bytes()),
        Body::AnnounceRequest(request) => request.encode(&mut out),
        Body::AnnounceResponse(response) => response.encode(&mut out),
        Body::ScrapeRequest(request) => out.extend_from_slice(request.info_hashes),
        Body::ScrapeResponse(response) => out.extend_from_slice(response.bytes),
        Body::Error(text) => out.extend_from_slice(text),
    }
    out
}

impl Message<'_> {
    /// The name, as JSON has it.
    pub fn name(&self) -> &'static str {
        self.message_type().name
    }

    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match (self.role, self.action) {
            (Role::Request, Some(Action::CONNECT)) => &CONNECT_REQUEST,
            (Role::Request, Some(Action::ANNOUNCE)) => &ANNOUNCE_REQUEST,
            (Role::Request, Some(Action::SCRAPE)) => &SCRAPE_REQUEST,
            (Role::Response, Some(Action::CONNECT)) => &CONNECT_RESPONSE,
            (Role::Response, Some(Action::ANNOUNCE)) => &ANNOUNCE_RESPONSE,
            (Role::Response, Some(Action::SCRAPE)) => &SCRAPE_RESPONSE,
            (Role::Response, Some(Action::ERROR)) => &ERROR,
            _ => &UNKNOWN,
        }
    }
}

impl fmt::Display for Message<'_> {
    /// Holds text of the capture as it is (the tracker's error text).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::ConnectRequest => f.write_str("connect request"),
            Body::ConnectResponse(id) => write!(f, "connect response, connection id {id:016x}"),
            Body::AnnounceRequest(request) => request.fmt(f),
            Body::AnnounceResponse(response) => response.fmt(f),
            Body::ScrapeRequest(request) => request.fmt(f),
            Body::ScrapeResponse(response) => response.fmt(f),
            Body::Error(text) => write!(f, "error: {}", String::from_utf8_lossy(text)),
            Body::Broken => f.write_str(&self.name().replace('_', " ")),
        }
    }
}
