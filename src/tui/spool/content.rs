//! What a message is, as it lies in the spool: the protocol, and what its dissector
//! must be told to read the bytes as it read them before.

use super::code::{Decoder, Encoder};
use crate::flow::GapCause;
use crate::packet::Stamp;
use crate::session::dht::AnsweredQuery;
use crate::session::{Content, Dissection, Heard, Hole};
use crate::wire::compact::Family;
use crate::wire::dht::Method;
use crate::wire::extension::{ExtendedHandshake, ExtendedId, ExtensionMap, ExtensionName};
use crate::wire::http_tracker::Purpose;
use crate::wire::peer::{self, Before, Context, Framing};
use crate::wire::udp_tracker::Role;
use crate::wire::{Dissected, Layout, Message, Problem, Reader, mse, udp_tracker};

/// Names that one extended id is remembered to stand for. (Two are a conflict.)
const MAX_NAMES: usize = 4;

/// Bits beside the framing: what the sender had said before (of a bitfield) or an
/// extended id follows.
const HAS_BEFORE: u8 = 8;
const HAS_ID: u8 = 4;

/// The protocols, as a byte.
mod kind {
    pub const PEER: u8 = 0;
    pub const MSE: u8 = 1;
    pub const DHT: u8 = 2;
    pub const UDP_TRACKER: u8 = 3;
    pub const HTTP_REQUEST: u8 = 4;
    pub const HTTP_RESPONSE: u8 = 5;
    pub const LSD: u8 = 6;
    pub const GAP: u8 = 7;
    pub const UTP: u8 = 8;
}

/// Writes what is needed beside the bytes of a message.
pub fn encode(out: &mut Encoder, heard: &Heard<'_>) {
    let at = heard.last;
    let dissection = match &heard.content {
        Content::Message(dissection) => dissection,
        Content::Gap(hole) => {
            out.byte(kind::GAP);
            out.optional(hole.missing);
            out.number(hole.skipped);
            out.byte(match hole.cause {
                None => 0,
                Some(GapCause::Lost) => 1,
                Some(GapCause::Snaplen) => 2,
            });
            return out.bits(&[hole.within_message, hole.at_end]);
        }
    };
    match &dissection.layout {
        Layout::Peer(context) => {
            out.byte(kind::PEER);
            encode_peer(out, heard.peer_message(), context);
        }
        Layout::Mse(message) => {
            out.byte(kind::MSE);
            encode_mse(out, message);
        }
        Layout::Dht => {
            let asked = dissection.asked();
            out.byte(kind::DHT);
            out.byte(u8::from(asked.is_some()));
            if let Some(AnsweredQuery { method, stamp }) = asked {
                out.bytes(method.0);
                out.stamp(at, stamp);
            }
        }
        Layout::UdpTracker(context) => {
            out.byte(kind::UDP_TRACKER);
            out.bits(&[
                context.role == Role::Response,
                context.family == Family::V6,
                dissection.is_guess,
                dissection.query.is_some(),
            ]);
            if let Some(query) = dissection.query {
                out.stamp(at, query);
            }
        }
        Layout::HttpRequest => out.byte(kind::HTTP_REQUEST),
        Layout::HttpResponse(purpose) => {
            out.byte(kind::HTTP_RESPONSE);
            out.bits(&[*purpose == Purpose::Scrape, dissection.query.is_some()]);
            if let Some(query) = dissection.query {
                out.stamp(at, query);
            }
        }
        Layout::Lsd => out.byte(kind::LSD),
        Layout::Utp => out.byte(kind::UTP),
    }
}

fn encode_peer(out: &mut Encoder, message: Option<&peer::Message<'_>>, context: &Context<'_>) {
    let framing = match context.framing {
        Framing::Handshake => 0,
        Framing::Messages => 1,
        Framing::Azmp => 2,
    };
    if matches!(message, Some(peer::Message::Bitfield(_))) {
        out.byte(framing | HAS_BEFORE);
        out.byte(u8::from(context.before.has_stated));
        return out.number(context.before.messages.into());
    }
    let Some(peer::Message::Extended(extended)) = message else {
        return out.byte(framing);
    };
    // Of the receiver's map only what it has on this id.
    out.byte(framing | HAS_ID);
    let id = extended.id;
    out.byte(id.0);
    out.byte(u8::from(context.extensions.is_some()));
    let names = context.extensions.into_iter().flat_map(|map| map.names(id));
    let names: Vec<&ExtensionName> = names.take(MAX_NAMES).collect();
    out.number(names.len() as u64);
    for name in names {
        out.bytes(name.as_bytes());
    }
    let retired = context.extensions.and_then(|map| map.retired(id));
    out.bytes(retired.map_or(&[], ExtensionName::as_bytes));
}

fn encode_mse(out: &mut Encoder, message: &mse::Message) {
    match message {
        mse::Message::PublicKey { pad } => {
            out.byte(0);
            out.number(*pad);
        }
        mse::Message::Negotiation { bytes, flaw } => {
            out.byte(1);
            out.number(*bytes);
            let place = mse::Flaw::ALL
                .iter()
                .position(|known| Some(*known) == *flaw);
            out.byte(place.map_or(0, |place| place as u8 + 1));
        }
        mse::Message::Offer(_) => out.byte(2),
        mse::Message::Choice(_) => out.byte(3),
        mse::Message::Encrypted {
            bytes,
            packets,
            astray,
        } => {
            out.byte(4);
            out.number(*bytes);
            out.number(*packets);
            out.byte(u8::from(*astray));
        }
    }
}

/// What was written, read again.
#[derive(Debug)]
pub enum Kept<'r> {
    /// The peer wire: what the sender had said before a bitfield, and what the
    /// receiver's map has on the id of the message.
    Peer(Framing, Before, Option<ExtensionMap>),
    /// MSE: all but the offer and the choice, which are read of their bytes.
    Mse(KeptMse),
    /// Another protocol.
    Other(Described<'r>),
    /// A hole.
    Gap(Hole),
}

/// How a message is read, and what is known of it beyond its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Described<'r> {
    layout: Layout<'static>,
    query: Option<Stamp>,
    method: Option<Method<'r>>,
    is_guess: bool,
}

impl<'r> Described<'r> {
    /// It, with what came of reading its bytes.
    fn dissection<'a>(self, read: &'a Dissected<Message<'a>>) -> Dissection<'a>
    where
        'r: 'a,
    {
        Dissection {
            query: self.query,
            method: self.method,
            is_guess: self.is_guess,
            ..Dissection::new(read, self.layout)
        }
    }
}

impl From<Layout<'static>> for Described<'_> {
    fn from(layout: Layout<'static>) -> Self {
        Self {
            layout,
            query: None,
            method: None,
            is_guess: false,
        }
    }
}

/// A stretch of MSE.
#[derive(Debug, Clone, Copy)]
pub enum KeptMse {
    /// As it was told.
    Whole(mse::Message),
    /// To be read again.
    Offer,
    /// To be read again.
    Choice,
}

impl<'r> Kept<'r> {
    /// Reads it.
    pub fn decode(input: &mut Decoder<'r>, at: Stamp) -> Option<Self> {
        Some(match input.byte()? {
            kind::PEER => decode_peer(input)?,
            kind::MSE => Self::Mse(decode_mse(input)?),
            kind::DHT => {
                let (method, query) = match input.byte()? {
                    0 => (None, None),
                    _ => (Some(Method(input.bytes()?)), Some(input.stamp(at)?)),
                };
                Self::Other(Described {
                    query,
                    method,
                    ..Layout::Dht.into()
                })
            }
            kind::UDP_TRACKER => {
                let [is_response, is_v6, is_guess, has_query] = input.bits()?;
                let role = if is_response {
                    Role::Response
                } else {
                    Role::Request
                };
                let family = if is_v6 { Family::V6 } else { Family::V4 };
                Self::Other(Described {
                    is_guess,
                    query: input.stamp_if(has_query, at)?,
                    ..Layout::UdpTracker(udp_tracker::Context { role, family }).into()
                })
            }
            kind::HTTP_REQUEST => Self::Other(Layout::HttpRequest.into()),
            kind::HTTP_RESPONSE => {
                let [is_scrape, has_query] = input.bits()?;
                let purpose = if is_scrape {
                    Purpose::Scrape
                } else {
                    Purpose::Announce
                };
                Self::Other(Described {
                    query: input.stamp_if(has_query, at)?,
                    ..Layout::HttpResponse(purpose).into()
                })
            }
            kind::LSD => Self::Other(Layout::Lsd.into()),
            kind::UTP => Self::Other(Layout::Utp.into()),
            kind::GAP => {
                let missing = input.optional()?;
                let skipped = input.number()?;
                let cause = match input.byte()? {
                    0 => None,
                    1 => Some(GapCause::Lost),
                    _ => Some(GapCause::Snaplen),
                };
                let [within_message, at_end] = input.bits()?;
                Self::Gap(Hole {
                    missing,
                    skipped,
                    cause,
                    within_message,
                    at_end,
                })
            }
            _ => return None,
        })
    }

    /// Dissects `bytes` again, and gives `show` what they are.
    pub fn show<R>(
        self,
        bytes: &[u8],
        length: u64,
        pieces: Option<u32>,
        show: impl FnOnce(Content<'_>) -> R,
    ) -> Option<R> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let map;
        let described = match self {
            Self::Gap(hole) => return Some(show(Content::Gap(hole))),
            Self::Mse(kept) => Layout::Mse(kept.read(bytes, length)?).into(),
            Self::Other(described) => described,
            Self::Peer(framing, before, extensions) => {
                map = extensions;
                let context = Context {
                    framing,
                    extensions: map.as_ref(),
                    pieces,
                    before,
                };
                let read = Layout::Peer(context).dissect(bytes, length, &mut ())?;
                let dissection = Dissection::new(&read, Layout::Peer(context));
                return Some(show(dissection.into()));
            }
        };
        let mut read = described.layout.dissect(bytes, length, &mut ())?;
        if let Message::Dht(message) = read.message {
            read.message = Message::Dht(Box::new(message.answering(described.method)));
        }
        Some(show(described.dissection(&read).into()))
    }
}

impl KeptMse {
    fn read(self, bytes: &[u8], length: usize) -> Option<mse::Message> {
        let mut nothing = ();
        let mut reader = Reader::new(bytes, length, &mut nothing);
        let read: Result<mse::Message, Problem> = match self {
            Self::Whole(message) => Ok(message),
            Self::Offer => mse::Offer::dissect(&mut reader).map(mse::Message::Offer),
            Self::Choice => mse::Choice::dissect(&mut reader).map(mse::Message::Choice),
        };
        read.ok()
    }
}

fn decode_peer<'r>(input: &mut Decoder<'r>) -> Option<Kept<'r>> {
    let bits = input.byte()?;
    let framing = match bits & 3 {
        0 => Framing::Handshake,
        1 => Framing::Messages,
        _ => Framing::Azmp,
    };
    if bits & HAS_BEFORE != 0 {
        let before = Before {
            has_stated: input.byte()? != 0,
            messages: input.number()?.try_into().unwrap_or(u32::MAX),
        };
        return Some(Kept::Peer(framing, before, None));
    }
    let before = Before::default();
    if bits & HAS_ID == 0 {
        return Some(Kept::Peer(framing, before, None));
    }
    let id = ExtendedId(input.byte()?);
    let has_map = input.byte()? != 0;
    let names = input.number()?;
    let mut map = ExtensionMap::new();
    for _ in 0..names.min(MAX_NAMES as u64) {
        announce(&mut map, input.bytes()?, id.0.into());
    }
    let retired = input.bytes()?;
    if !retired.is_empty() {
        announce(&mut map, retired, id.0.into());
        announce(&mut map, retired, 0);
    }
    Some(Kept::Peer(framing, before, has_map.then_some(map)))
}

fn announce(map: &mut ExtensionMap, name: &[u8], id: i64) {
    map.update(&ExtendedHandshake {
        m: vec![(name, id)],
        ..ExtendedHandshake::default()
    });
}

fn decode_mse(input: &mut Decoder<'_>) -> Option<KeptMse> {
    Some(match input.byte()? {
        0 => KeptMse::Whole(mse::Message::PublicKey {
            pad: input.number()?,
        }),
        1 => KeptMse::Whole(mse::Message::Negotiation {
            bytes: input.number()?,
            flaw: match input.byte()? {
                0 => None,
                place => Some(*mse::Flaw::ALL.get(usize::from(place) - 1)?),
            },
        }),
        2 => KeptMse::Offer,
        3 => KeptMse::Choice,
        4 => KeptMse::Whole(mse::Message::Encrypted {
            bytes: input.number()?,
            packets: input.number()?,
            astray: input.byte()? != 0,
        }),
        _ => return None,
    })
}
