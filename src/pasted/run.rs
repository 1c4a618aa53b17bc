//! Messages of the peer wire in a row.

use super::loose;
use super::meaning::Meaning;
use super::misframed;
use super::names::Names;
use super::sample::Sample;
use super::stretch::{Layout, Stretch};
use crate::wire::Message;
use crate::wire::extension::{Body, ExtendedId};
use crate::wire::peer::{self, Framing, MessageId, NearHandshake, PREFIX, handshake_length};

/// A longer message is absurd.
const MAX_MESSAGE: usize = 16 << 20;

/// Bytes of the length prefix.
const LENGTH_PREFIX: usize = 4;

/// A message cut out of a run.
struct Frame<'b> {
    at: usize,
    bytes: &'b [u8],
    /// Its length by its own account; 4 if even the prefix is cut.
    length: usize,
    framing: Framing,
}

impl Frame<'_> {
    fn is_whole(&self) -> bool {
        self.bytes.len() == self.length
    }

    /// Whether its id has a meaning.
    fn is_known(&self) -> bool {
        let id = self.bytes.get(LENGTH_PREFIX);
        id.is_some_and(|id| MessageId(*id).message_type().is_some())
    }

    /// Whether its length is one that its id can have.
    fn fits(&self) -> bool {
        match self.bytes.get(LENGTH_PREFIX) {
            _ if self.framing == Framing::Handshake => true,
            Some(id) => length_fits(MessageId(*id), self.length - LENGTH_PREFIX),
            None => self.length == LENGTH_PREFIX || self.bytes.len() <= LENGTH_PREFIX,
        }
    }
}

/// The messages of a run, up to an absurd length.
fn frames(bytes: &[u8], handshake: bool) -> impl Iterator<Item = Frame<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &bytes[at..];
        let forced = handshake && at == 0;
        let (length, framing) = match rest {
            [] => return None,
            _ if forced || begins_handshake(rest) => (handshake_length(rest), Framing::Handshake),
            [a, b, c, d, ..] => {
                let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
                if length > MAX_MESSAGE {
                    return None;
                }
                (LENGTH_PREFIX + length, Framing::Messages)
            }
            _ => (LENGTH_PREFIX, Framing::Messages),
        };
        let bytes = &rest[..length.min(rest.len())];
        let frame = Frame {
            at,
            bytes,
            length,
            framing,
        };
        at += bytes.len();
        Some(frame)
    })
}

fn begins_handshake(bytes: &[u8]) -> bool {
    let shown = bytes.len().min(PREFIX.len());
    shown >= LENGTH_PREFIX && bytes[..shown] == PREFIX[..shown]
}

/// Whether a body (id included) of this length is one that the id has.
fn length_fits(id: MessageId, length: usize) -> bool {
    let message = id.message_type();
    message.is_some_and(|message| message.lengths.fits(length as u64))
}

/// How well bytes fit a handshake.
pub fn score_handshake(bytes: &[u8]) -> Option<u8> {
    if NearHandshake::of(bytes).is_some() {
        return Some(92);
    }
    begins_handshake(bytes).then_some(100)
}

/// How well bytes fit one message whose length prefix is wrong.
const MISFRAMED: u8 = 72;

/// How well bytes fit a run that begins with a message.
pub fn score(sample: &Sample<'_>) -> Option<u8> {
    if misframed::fault(sample.bytes).is_some() && !sample.is_cut {
        return Some(MISFRAMED);
    }
    // The first byte of a length prefix is 0 but for absurd lengths.
    if begins_handshake(sample.bytes)
        || NearHandshake::of(sample.bytes).is_some()
        || sample.bytes.first() != Some(&0)
    {
        return None;
    }
    let (mut good, mut bad, mut empty) = (0_u32, 0, 0_u32);
    let (mut end, mut cut, mut unknown) = (0, None, false);
    for frame in frames(sample.bytes, false) {
        end = frame.at + frame.bytes.len();
        match (frame.fits(), frame.is_whole()) {
            (true, true) if frame.length == LENGTH_PREFIX => empty += 1,
            (true, true) => good += 1,
            (true, false) => cut = Some(frame.bytes.len()),
            (false, whole) => {
                bad += 1;
                unknown |= !whole || !frame.is_known();
            }
        }
    }
    bad += u32::from(end < sample.bytes.len());
    Some(match (good, bad, empty, cut) {
        // Each is framed well, if not all are as long as they should be.
        (_, 1.., _, None) if !unknown && end == sample.bytes.len() => 70,
        (1.., 1.., _, _) if good >= bad => 35,
        (_, 1.., _, _) => return None,
        // Zeros alone tell nothing.
        (0, _, 1.., Some(shown)) if shown <= LENGTH_PREFIX => return None,
        (1.., _, _, _) => 95,
        // A piece of the handshake of something else would be zeros too.
        (0, _, 1, None) => 60,
        (0, _, 0, Some(shown)) if shown > 2 * LENGTH_PREFIX => 85,
        (0, _, 0, Some(shown)) if shown > LENGTH_PREFIX => 60,
        // Any four bytes may be the length of something.
        (0, _, 0, Some(LENGTH_PREFIX)) if !sample.is_cut => return None,
        _ => 10,
    })
}

/// How well bytes fit one message without its length prefix.
pub fn score_bare(sample: &Sample<'_>) -> Option<u8> {
    let (&id, body) = sample.bytes.split_first()?;
    let id = MessageId(id);
    if !length_fits(id, sample.length()) {
        return None;
    }
    let small = |at: usize| {
        let high = body.get(at..at + 2);
        high.is_some_and(|high| high[0] == 0 && high[1] < 16)
    };
    let is_block = || small(0) && small(4) && small(8);
    Some(match id {
        // Blocks of more than 1 MiB are not asked for.
        MessageId::REQUEST | MessageId::CANCEL | MessageId::REJECT_REQUEST if is_block() => 85,
        MessageId::EXTENDED => match body {
            [_, b'd', b'0'..=b'9' | b'e', ..] => 88,
            _ => 20,
        },
        MessageId::HAVE | MessageId::SUGGEST_PIECE | MessageId::ALLOWED_FAST if small(0) => 60,
        MessageId::HASH_REQUEST | MessageId::HASH_REJECT | MessageId::HASHES => 60,
        MessageId::PIECE if small(0) && small(4) => 45,
        MessageId::BITFIELD if body.iter().all(|byte| *byte == 0xff || *byte == 0) => 50,
        MessageId::PORT => 40,
        // One byte is one of anything.
        _ if body.is_empty() && loose::may_be_carried(sample) => 40,
        _ if body.is_empty() => return None,
        _ => 20,
    })
}

/// Where the fields of a handshake end.
const HANDSHAKE_ENDS: [usize; 4] = [20, 28, 48, 68];

/// Whether `first` is a handshake up to the end of a field, and as many bytes as the
/// next one has follow, or all that is left.
pub fn is_next_field(first: &[u8], next: usize) -> bool {
    let ends_at = HANDSHAKE_ENDS.iter().position(|end| *end == first.len());
    let behind = ends_at.map_or(&[][..], |at| &HANDSHAKE_ENDS[at + 1..]);
    begins_handshake(first) && behind.contains(&(first.len() + next))
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// With the end of a message; every message fits.
    Whole,
    /// Within a message, which lacks so many bytes.
    Lacking(usize),
    /// It is none.
    Wrong,
}

/// How bytes end if they are a run.
pub fn state(bytes: &[u8]) -> State {
    let (mut end, mut lacking) = (0, 0);
    for frame in frames(bytes, false) {
        if !frame.fits() {
            return State::Wrong;
        }
        end = frame.at + frame.bytes.len();
        lacking = frame.length - frame.bytes.len();
    }
    match (end == bytes.len(), lacking) {
        (false, _) => State::Wrong,
        (true, 0) => State::Whole,
        (true, lacking) => State::Lacking(lacking),
    }
}

/// The messages of a run.
pub fn stretches<'b>(sample: &Sample<'b>, handshake: bool, names: &mut Names) -> Vec<Stretch<'b>> {
    if let Some(fault) = misframed::fault(sample.bytes).filter(|_| !handshake && !sample.is_cut) {
        return vec![Stretch::of(sample, Layout::Misframed(fault))];
    }
    let mut stretches = Vec::new();
    let mut end = 0;
    for frame in frames(sample.bytes, handshake) {
        end = frame.at + frame.bytes.len();
        let payload = frame.bytes.get(LENGTH_PREFIX..).unwrap_or_default();
        let map = match payload {
            [20, id, body @ ..] if frame.framing == Framing::Messages => {
                let length = frame.length - LENGTH_PREFIX - 2;
                names.map(ExtendedId(*id), body, length)
            }
            _ => None,
        };
        let stretch = Stretch {
            at: frame.at,
            bytes: frame.bytes,
            length: frame.length,
            is_cut: false,
            layout: match NearHandshake::of(frame.bytes) {
                Some(near) if frame.framing == Framing::Handshake => Layout::NearHandshake(near),
                _ => Layout::Framed(frame.framing, map),
            },
        };
        learn(&stretch, names);
        stretches.push(stretch);
    }
    if end < sample.bytes.len() {
        let rest = Sample {
            bytes: &sample.bytes[end..],
            ..*sample
        };
        let mut stretch = loose::out_of_step(&rest);
        stretch.at = end;
        stretches.push(stretch);
    }
    if let Some(last) = stretches.last_mut() {
        last.is_cut = sample.is_cut;
    }
    stretches
}

/// A message without its length prefix.
pub fn bare<'b>(sample: &Sample<'b>, names: &mut Names) -> Stretch<'b> {
    let map = match sample.bytes {
        [20, id, body @ ..] => names.map(ExtendedId(*id), body, sample.length() - 2),
        _ => None,
    };
    let stretch = Stretch::of(sample, Layout::Bare(map));
    learn(&stretch, names);
    stretch
}

/// Takes the ids from an extended handshake.
fn learn(stretch: &Stretch<'_>, names: &mut Names) {
    if let Meaning::Message(Message::Peer(message)) = &stretch.dissect(&mut ()).message
        && let peer::Message::Extended(extended) = message
        && let Body::Handshake(handshake) = &extended.body
    {
        names.hear(handshake);
    }
}
