//! Where the messages of a packet are. The index has the packet that completed each
//! message, nearly in order: what waited for bytes or for keys comes later.

use super::watch::Watch;
use crate::tui::spool::{Entry, Item, Reader};

/// Messages of one packet that are looked through for one of a name, and messages behind a
/// packet for one that it is within.
const MAX_LOOKED_AT: u64 = 1 << 12;

/// Messages on either side of where a packet should be that are looked at before all are.
const NEAR: u64 = 1 << 14;

/// The first message that a packet completed, on a connection if one is named; of these
/// the one called `message`, if there is one.
pub(super) fn completed(
    reader: &mut Reader,
    frame: u64,
    stream: Option<u64>,
    message: &str,
    watch: &Watch<'_>,
) -> Option<u64> {
    let stream = stream.map(|stream| u32::try_from(stream).unwrap_or(Entry::NO_STREAM));
    let is_of_it = |entry: Entry| {
        entry.frame == frame as u32 && stream.is_none_or(|stream| stream == entry.stream)
    };
    let first = first(reader, frame, is_of_it, watch)?;
    if message.is_empty() {
        return Some(first);
    }
    let of_packet = first..reader.spool().len().min(first + MAX_LOOKED_AT);
    let named = of_packet.into_iter().find(|number| {
        let is_called = |item: Item<'_>| matches!(item, Item::Message(heard) if heard.message_name() == message);
        reader.entry(*number).is_ok_and(is_of_it)
            && reader.with(*number, is_called).unwrap_or(false)
    });
    Some(named.unwrap_or(first))
}

/// The first message that a packet completed; else one that it may be within, else the
/// next one.
pub(super) fn around(reader: &mut Reader, frame: u64, watch: &Watch<'_>) -> Option<u64> {
    let sought = frame as u32;
    let len = reader.spool().len();
    let mut next: Option<(u32, u64)> = None;
    for number in near_first(reader, frame, len) {
        if !watch.goes_on(len - number) {
            return None;
        }
        let Ok(entry) = reader.entry(number) else {
            continue;
        };
        if entry.frame == sought {
            return Some(number);
        }
        let place = (entry.frame, number);
        if entry.frame > sought && next.is_none_or(|next| place < next) {
            next = Some(place);
        }
    }
    let (_, next) = next?;
    let mut behind = next..len.min(next + MAX_LOOKED_AT);
    let holds = behind.find(|number| {
        let holds = |item: Item<'_>| match item {
            Item::Message(heard) => (heard.first.frame..=heard.last.frame).contains(&frame),
            Item::Event(_) => false,
        };
        reader.with(*number, holds).unwrap_or(false)
    });
    Some(holds.unwrap_or(next))
}

/// The first message with such an entry: near where the packet should be, else anywhere.
fn first(
    reader: &mut Reader,
    frame: u64,
    is_it: impl Fn(Entry) -> bool,
    watch: &Watch<'_>,
) -> Option<u64> {
    let len = reader.spool().len();
    near_first(reader, frame, len).find_map(|number| {
        if !watch.goes_on(len - number) {
            return Some(None);
        }
        let is_it = reader.entry(number).is_ok_and(&is_it);
        is_it.then_some(Some(number))
    })?
}

/// All messages, those near where the packet should be before, too.
fn near_first(reader: &mut Reader, frame: u64, len: u64) -> impl Iterator<Item = u64> + use<> {
    let guess = guess(reader, frame as u32, len);
    let near = guess.saturating_sub(NEAR)..len.min(guess + NEAR);
    near.chain(0..len)
}

/// Where the messages of a packet begin, if all were in order.
fn guess(reader: &mut Reader, frame: u32, len: u64) -> u64 {
    let (mut from, mut to) = (0, len);
    while from < to {
        let middle = from + (to - from) / 2;
        if reader.entry(middle).is_ok_and(|entry| entry.frame < frame) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    from
}
