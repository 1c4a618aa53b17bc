//! A message as it lies in the spool: its bytes, and what else it takes to dissect
//! them again as they were dissected when they went by.
//!
//! A record is what [`Heard`] says, with the conversation replaced by the distance
//! to its [`Setting`](super::setting::Setting). Data of pieces is not kept.

use std::net::SocketAddr;

use super::code::{Decoder, Encoder};
use super::content;
use super::setting::{Setting, carrier_code, carrier_of};
use super::transition;
use crate::flow::{Carrier, Side};
use crate::packet::Stamp;
use crate::session::{Acked, Conversation, Heard, Transition};

/// What a record begins with.
mod flag {
    pub const ACCEPTOR: u8 = 1;
    pub const SETTING: u8 = 2;
    pub const FIRST: u8 = 4;
    pub const LACKS: u8 = 8;
    pub const TRANSITION: u8 = 16;
    pub const EVENT: u8 = 32;
}

/// Whether a record is of an event, not of a message.
pub fn is_event(record: &[u8]) -> bool {
    record.first().is_some_and(|flags| flags & flag::EVENT != 0)
}

/// Writes the record of a message. `setting` is where its setting lies, counted
/// back from the record; `None` for a datagram without a conversation. Times are
/// written as seen from `origin`.
pub fn encode(out: &mut Encoder, heard: &Heard<'_>, setting: Option<u64>, origin: Stamp) {
    let lacks = heard.missing > 0 || heard.unsent > 0;
    let mut flags = 0;
    for (flag, is_set) in [
        (flag::ACCEPTOR, heard.from == Side::Acceptor),
        (flag::SETTING, setting.is_some()),
        (flag::FIRST, heard.first != heard.last),
        (flag::LACKS, lacks),
        (flag::TRANSITION, heard.transition.is_some()),
    ] {
        flags |= if is_set { flag } else { 0 };
    }
    out.byte(flags);
    if let Some(distance) = setting {
        out.number(distance);
    } else {
        out.number(heard.stream);
        out.byte(carrier_code(heard.carrier));
        out.socket(heard.src);
        out.socket(heard.dst);
    }
    out.stamp(origin, heard.last);
    if heard.first != heard.last {
        out.stamp(heard.last, heard.first);
    }
    out.number(heard.offset);
    out.number(heard.length);
    if lacks {
        out.number(heard.missing);
        out.number(heard.unsent);
    }
    if let Some(change) = heard.transition {
        transition::encode(out, change, heard.last);
    }
    content::encode(out, heard);
    out.bytes(heard.bytes);
}

/// The beginning of a record: what there is beside the content.
#[derive(Debug, Clone, Copy)]
pub struct Head<'r> {
    /// Distance back to the setting; without one the ends stand here.
    pub setting: Result<u64, Loose>,
    from: Side,
    last: Stamp,
    first: Stamp,
    offset: u64,
    length: u64,
    missing: u64,
    unsent: u64,
    transition: Option<Transition>,
    rest: Decoder<'r>,
}

/// A datagram without a conversation.
#[derive(Debug, Clone, Copy)]
pub struct Loose {
    stream: u64,
    carrier: Carrier,
    src: SocketAddr,
    dst: SocketAddr,
}

impl<'r> Head<'r> {
    /// Reads it.
    pub fn decode(record: &'r [u8], origin: Stamp) -> Option<Self> {
        let mut input = Decoder(record);
        let flags = input.byte()?;
        let has = |flag: u8| flags & flag != 0;
        let setting = if has(flag::SETTING) {
            Ok(input.number()?)
        } else {
            Err(Loose {
                stream: input.number()?,
                carrier: carrier_of(input.byte()?)?,
                src: input.socket()?,
                dst: input.socket()?,
            })
        };
        let last = input.stamp(origin)?;
        let first = if has(flag::FIRST) {
            input.stamp(last)?
        } else {
            last
        };
        let (offset, length) = (input.number()?, input.number()?);
        let (missing, unsent) = if has(flag::LACKS) {
            (input.number()?, input.number()?)
        } else {
            (0, 0)
        };
        let transition = if has(flag::TRANSITION) {
            Some(transition::decode(&mut input, last)?)
        } else {
            None
        };
        Some(Self {
            setting,
            from: if has(flag::ACCEPTOR) {
                Side::Acceptor
            } else {
                Side::Initiator
            },
            last,
            first,
            offset,
            length,
            missing,
            unsent,
            transition,
            rest: input,
        })
    }

    /// Gives `show` the message, dissected again. `setting` and the conversation
    /// that was made of it are those that the head asks for.
    pub fn show<R>(
        &self,
        setting: Option<(&Setting, &Conversation)>,
        show: impl FnOnce(&Heard<'_>) -> R,
    ) -> Option<R> {
        let (stream, carrier, src, dst) = match (self.setting, setting) {
            (Ok(_), Some((setting, _))) => {
                let [initiator, acceptor] = setting.ends;
                let (src, dst) = match self.from {
                    Side::Initiator => (initiator, acceptor),
                    Side::Acceptor => (acceptor, initiator),
                };
                (setting.stream, setting.carrier, src, dst)
            }
            (Err(loose), _) => (loose.stream, loose.carrier, loose.src, loose.dst),
            (Ok(_), None) => return None,
        };
        let mut input = self.rest;
        let kept = content::Kept::decode(&mut input, self.last)?;
        let bytes = input.bytes()?;
        let pieces = setting.and_then(|(setting, _)| setting.pieces);
        kept.show(bytes, self.length, pieces, |content| {
            show(&Heard {
                stream,
                carrier,
                src,
                dst,
                from: self.from,
                conversation: setting.map(|(_, conversation)| conversation),
                transition: self.transition,
                acked: Acked::NOTHING,
                offset: self.offset,
                length: self.length,
                bytes,
                missing: self.missing,
                unsent: self.unsent,
                first: self.first,
                last: self.last,
                content,
                fields: None,
            })
        })
    }
}

/// What happened to a connection, in the words that are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Happened<'r> {
    /// Number of the connection; `None` for a datagram.
    pub stream: Option<u64>,
    /// Who made it happen, and the other end.
    pub ends: [SocketAddr; 2],
    /// The packet that shows it.
    pub stamp: Stamp,
    /// The initiator did it, or nobody.
    pub by_initiator: bool,
    /// It is an attempt that failed.
    pub is_failure: bool,
    /// In words; may hold text of the capture.
    pub words: &'r str,
    /// As JSON has it.
    pub json: &'r str,
}

impl<'r> Happened<'r> {
    /// Writes it.
    pub fn encode(&self, out: &mut Encoder, origin: Stamp) {
        let acceptor = if self.by_initiator { 0 } else { flag::ACCEPTOR };
        out.byte(flag::EVENT | acceptor);
        out.optional(self.stream);
        self.ends.iter().for_each(|end| out.socket(*end));
        out.stamp(origin, self.stamp);
        out.byte(u8::from(self.is_failure));
        out.bytes(self.words.as_bytes());
        out.bytes(self.json.as_bytes());
    }

    /// Reads it.
    pub fn decode(record: &'r [u8], origin: Stamp) -> Option<Self> {
        let mut input = Decoder(record);
        let flags = input.byte()?;
        Some(Self {
            stream: input.optional()?,
            ends: [input.socket()?, input.socket()?],
            stamp: input.stamp(origin)?,
            by_initiator: flags & flag::ACCEPTOR == 0,
            is_failure: input.byte()? != 0,
            words: input.text()?,
            json: input.text()?,
        })
    }
}
