//! What can be asked of any message: the keys of its record, what its
//! conversation knows, what the ledger says.

use crate::session::{Conversation, Heard, Speaker, Transition};
use crate::wire::Problem;
use crate::wire::client::Client;
use crate::wire::peer::Message;
use crate::wire::{Kind, Unit};

use super::condition::Sample;

/// A fact about a message that is not one of its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    Time,
    Frame,
    FirstFrame,
    Stream,
    Transport,
    Src,
    Dst,
    SrcPort,
    DstPort,
    Protocol,
    Message,
    WireLength,
    Malformed,
    Missing,
    Unsent,
    Certainty,
    Inferred,
    Client,
    InfoHash,
    Latency,
    Queue,
    Anomaly,
    Unanswered,
}

/// What the values of a fact are.
#[derive(Debug, Clone, Copy)]
pub enum Sort {
    /// As those of a field of this kind.
    Kind(Kind),
    /// Spans of time.
    Span,
    /// Moments.
    Moment,
}

impl Fact {
    /// Every fact.
    pub const ALL: [Self; 23] = [
        Self::Time,
        Self::Frame,
        Self::FirstFrame,
        Self::Stream,
        Self::Transport,
        Self::Src,
        Self::Dst,
        Self::SrcPort,
        Self::DstPort,
        Self::Protocol,
        Self::Message,
        Self::WireLength,
        Self::Malformed,
        Self::Missing,
        Self::Unsent,
        Self::Certainty,
        Self::Inferred,
        Self::Client,
        Self::InfoHash,
        Self::Latency,
        Self::Queue,
        Self::Anomaly,
        Self::Unanswered,
    ];

    /// Its name in an expression; the key of the record where it is one.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Frame => "frame",
            Self::FirstFrame => "first_frame",
            Self::Stream => "stream",
            Self::Transport => "transport",
            Self::Src => "src",
            Self::Dst => "dst",
            Self::SrcPort => "src_port",
            Self::DstPort => "dst_port",
            Self::Protocol => "protocol",
            Self::Message => "message",
            Self::WireLength => "wire_length",
            Self::Malformed => "malformed",
            Self::Missing => "missing",
            Self::Unsent => "unsent",
            Self::Certainty => "certainty",
            Self::Inferred => "inferred",
            Self::Client => "client",
            Self::InfoHash => "info_hash",
            Self::Latency => "latency",
            Self::Queue => "queue",
            Self::Anomaly => "anomaly",
            Self::Unanswered => "unanswered",
        }
    }

    /// The fact of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }

    /// What its values are.
    pub const fn sort(self) -> Sort {
        match self {
            Self::Time => Sort::Moment,
            Self::Latency => Sort::Span,
            Self::Src | Self::Dst => Sort::Kind(Kind::Address),
            Self::InfoHash => Sort::Kind(Kind::Hash),
            Self::WireLength | Self::Missing | Self::Unsent => Sort::Kind(Kind::Uint(Unit::Bytes)),
            Self::Frame
            | Self::FirstFrame
            | Self::Stream
            | Self::SrcPort
            | Self::DstPort
            | Self::Queue => Sort::Kind(Kind::Uint(Unit::None)),
            Self::Inferred | Self::Unanswered => Sort::Kind(Kind::Bool),
            Self::Transport
            | Self::Protocol
            | Self::Message
            | Self::Malformed
            | Self::Certainty
            | Self::Client
            | Self::Anomaly => Sort::Kind(Kind::Text),
        }
    }

    /// The fact whose value a field of the message takes the place of, where it
    /// has one of this name.
    pub fn behind(field: &str) -> Option<Self> {
        (field == "length").then_some(Self::WireLength)
    }

    /// Whether any of its values, as far as they lie in the message and in what
    /// was heard before, passes `test`. [`Fact::Time`], [`Fact::Anomaly`] and
    /// [`Fact::Unanswered`] need more than that.
    pub fn any(self, heard: &Heard<'_>, test: impl Fn(Sample<'_>) -> bool) -> bool {
        const PLAIN: Kind = Kind::Uint(Unit::None);
        const BYTES: Kind = Kind::Uint(Unit::Bytes);
        let number = |number: u64, kind| test(Sample::Number(number.into(), kind));
        match self {
            Self::Time | Self::Anomaly | Self::Unanswered => false,
            Self::Frame => number(heard.last.frame, PLAIN),
            Self::FirstFrame => number(heard.first.frame, PLAIN),
            Self::Stream => number(heard.stream, PLAIN),
            Self::Transport => test(Sample::Text(heard.carrier.name())),
            Self::Src => test(Sample::Socket(heard.src)),
            Self::Dst => test(Sample::Socket(heard.dst)),
            Self::SrcPort => number(heard.src.port().into(), PLAIN),
            Self::DstPort => number(heard.dst.port().into(), PLAIN),
            Self::Protocol => test(Sample::Text(heard.protocol())),
            Self::Message => test(Sample::Text(heard.message_name())),
            Self::WireLength => number(heard.length, BYTES),
            Self::Malformed => match heard.problem() {
                Some(Problem::Malformed(malformed)) => test(Sample::Text(malformed.reason())),
                _ => false,
            },
            Self::Missing => heard.missing > 0 && number(heard.missing, BYTES),
            Self::Unsent => heard.unsent > 0 && number(heard.unsent, BYTES),
            Self::Certainty => test(Sample::Text(heard.certainty().name())),
            Self::Inferred => heard.is_inferred() && number(1, Kind::Bool),
            Self::Client => client(heard).is_some_and(|client| test(Sample::Text(&client))),
            Self::InfoHash => info_hashes(heard, |hash| test(Sample::Bytes(hash, Kind::Hash))),
            Self::Latency => latency(heard).is_some_and(|nanos| test(Sample::Span(nanos))),
            Self::Queue => {
                let queue = heard.transition.and_then(Transition::queue);
                queue.is_some_and(|queue| number(queue.into(), PLAIN))
            }
        }
    }
}

/// The client of the sender, by its handshake: this message, or one before.
fn client(heard: &Heard<'_>) -> Option<String> {
    let handshake = match heard.peer_message() {
        Some(Message::Handshake(handshake)) => *handshake,
        _ => heard.conversation?.speaker(heard.from).handshake?,
    };
    let client = Client::from_peer_id(&handshake.peer_id)?;
    Some(client.to_string())
}

/// The info-hashes of the connection: of the handshakes of both sides. (Those in
/// the message are its fields.)
fn info_hashes(heard: &Heard<'_>, test: impl Fn(&[u8]) -> bool) -> bool {
    let speakers = heard
        .conversation
        .map(|conversation: &Conversation| &conversation.speakers);
    let hashes = speakers.into_iter().flatten();
    hashes
        .filter_map(Speaker::info_hash)
        .any(|hash| test(&hash))
}

/// Nanoseconds from what it answers to the message.
fn latency(heard: &Heard<'_>) -> Option<i128> {
    let answered = heard.transition.and_then(Transition::answered);
    let asked = answered.or(heard.query())?;
    let (from, to) = (asked.time.nanos()?, heard.last.time.nanos()?);
    Some(i128::from(to) - i128::from(from))
}
