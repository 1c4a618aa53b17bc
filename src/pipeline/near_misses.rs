//! What is nearly BitTorrent, and no more: for those who find nothing in their capture.

use crate::flow::Connection;
use crate::packet::{Datagram, Stamp};
use crate::wire::http_tracker::header_of;
use crate::wire::peer::PREFIX;
use crate::wire::utp::{HEADER_LENGTH, PacketType, VERSION};

/// Bytes of a datagram in which words are looked for.
const LOOKED_AT: usize = 512;

/// What may have been meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NearMiss {
    /// A SYN of uTP, of which no connection came.
    UtpSyn,
    /// The same with another version than 1.
    UtpVersion(u8),
    /// The same with the type in the place of the version.
    UtpSwapped,
    /// A message of the DHT in JSON.
    JsonDht,
    /// A connection that becomes a WebSocket, as those to trackers of WebTorrent do.
    WebSocket,
    /// An announce to a tracker by POST.
    Post,
}

/// How often there was one.
#[derive(Debug, Clone, Copy)]
pub struct CountedNearMiss {
    /// What it is.
    pub near_miss: NearMiss,
    /// The first packet.
    pub first: u64,
    /// How many there are.
    pub count: u64,
}

/// All of a capture: at most one of each kind.
#[derive(Debug, Clone, Default)]
pub struct NearMisses(Vec<CountedNearMiss>);

impl NearMisses {
    /// What there was, in the order of the first packets.
    pub fn iter(&self) -> impl Iterator<Item = &CountedNearMiss> {
        self.0.iter()
    }

    fn add(&mut self, near_miss: NearMiss, first: u64) {
        let mut known = self.0.iter_mut();
        match known.find(|known| known.near_miss == near_miss) {
            Some(known) => known.count += 1,
            None => self.0.push(CountedNearMiss {
                near_miss,
                first,
                count: 1,
            }),
        }
    }

    /// A datagram that is nothing known.
    #[inline]
    pub(super) fn datagram(&mut self, datagram: &Datagram<'_>, at: Stamp) {
        if let Some(near_miss) = of_datagram(datagram.payload) {
            self.add(near_miss, at.frame);
        }
    }

    /// A connection begins with a request of HTTP.
    pub(super) fn request(&mut self, connection: &Connection, bytes: &[u8]) {
        let is_upgrade = header_of(bytes, "upgrade")
            .is_some_and(|protocol| protocol.eq_ignore_ascii_case(b"websocket"));
        let line = bytes
            .split(|byte| *byte == b'\n')
            .next()
            .unwrap_or_default();
        if is_upgrade {
            self.add(NearMiss::WebSocket, connection.first.frame);
        } else if line.starts_with(b"POST ") && has(line, b"info_hash=") {
            self.add(NearMiss::Post, connection.first.frame);
        }
    }
}

fn of_datagram(payload: &[u8]) -> Option<NearMiss> {
    match *payload.first()? {
        b'{' => {
            let head = &payload[..payload.len().min(LOOKED_AT)];
            let is_query = has(head, b"\"y\"") && has(head, b"\"q\"");
            (is_query || has(head, b"\"info_hash\"")).then_some(NearMiss::JsonDht)
        }
        first if is_shaped_as_syn(payload) => match (first >> 4, first & 0x0f) {
            (kind, VERSION) if kind == PacketType::SYN.0 => Some(NearMiss::UtpSyn),
            (VERSION, kind) if kind == PacketType::SYN.0 => Some(NearMiss::UtpSwapped),
            (kind, version) if kind == PacketType::SYN.0 => Some(NearMiss::UtpVersion(version)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is a header of uTP alone, or with a handshake behind it, without extensions
/// and acknowledging nothing.
fn is_shaped_as_syn(payload: &[u8]) -> bool {
    let Some((header, rest)) = payload.split_at_checked(HEADER_LENGTH) else {
        return false;
    };
    let is_alone = rest.is_empty() || rest.starts_with(PREFIX);
    is_alone && header[1] == 0 && header.ends_with(&[0, 0])
}

fn has(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|window| window == words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_known_by_their_shape() {
        let syn = |first: u8, ack: u8| [&[first, 0, 1, 2][..], &[7; 14], &[0, ack]].concat();
        for (payload, expected) in [
            (syn(0x41, 0), Some(NearMiss::UtpSyn)),
            ([&syn(0x41, 0)[..], PREFIX].concat(), Some(NearMiss::UtpSyn)),
            (syn(0x40, 0), Some(NearMiss::UtpVersion(0))),
            (syn(0x14, 0), Some(NearMiss::UtpSwapped)),
            (syn(0x41, 1), None),
            (syn(0x51, 0), None),
            ([&syn(0x41, 0)[..], b"x"].concat(), None),
            (
                br#"{"t":"aa","y":"q","q":"ping"}"#.to_vec(),
                Some(NearMiss::JsonDht),
            ),
            (br#"{"t":"aa"}"#.to_vec(), None),
            (Vec::new(), None),
        ] {
            assert_eq!(of_datagram(&payload), expected, "{payload:?}");
        }
    }
}
