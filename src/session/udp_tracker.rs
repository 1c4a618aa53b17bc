//! Conversations with UDP trackers: what tells which datagram belongs to one.
//!
//! Only the connect request is known by its bytes. A response is known by the
//! transaction id of a request, a later request by the connection id of a
//! response; a lone announce by its shape, and so is a response with another
//! transaction id than that of the request that is open.

use std::net::{IpAddr, SocketAddr};

use super::recent::Recent;
use crate::packet::{Datagram, Stamp};
use crate::wire::compact::Family;
use crate::wire::udp_tracker::{
    Action, Body, Context, Message, Role, is_connect, is_lone_announce, is_nearly_connect,
    is_shaped_as_answer, is_shaped_as_connect,
};

/// Requests remembered.
const MAX_REQUESTS: usize = 1 << 12;

/// Connection ids remembered.
const MAX_CONNECTIONS: usize = 1 << 12;

/// A request that was not answered for this long will not be (nanoseconds):
/// clients wait 15 seconds times a power of two.
const MAX_REQUEST_AGE: i64 = 300_000_000_000;

/// Connection ids hold for 2 minutes; clients that use them for longer are worth
/// seeing (nanoseconds).
const MAX_CONNECTION_AGE: i64 = 3_600_000_000_000;

/// What answers a request with another transaction id comes within this (nanoseconds).
const MAX_STRAY_AGE: i64 = 15_000_000_000;

/// What is known of all conversations.
#[derive(Debug)]
pub struct UdpTrackers {
    /// By client, tracker and transaction id.
    requests: Recent<(SocketAddr, SocketAddr, u32), Action>,
    /// The last request of a client to a tracker: its action and transaction id; `None`
    /// once it is answered.
    latest: Recent<(SocketAddr, SocketAddr), Option<(Action, u32)>>,
    /// By client, tracker and connection id: a client may use several ports.
    connections: Recent<(IpAddr, SocketAddr, u64), ()>,
    /// Ends that have given a connection id.
    trackers: Recent<SocketAddr, ()>,
}

/// A datagram that belongs to a conversation with a tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recognised {
    /// How to read it.
    pub context: Context,
    /// The packet of the request that a response answers.
    pub request: Option<Stamp>,
    /// It is known by its shape alone, nothing of the conversation before it
    /// being in the capture.
    pub is_guess: bool,
}

impl Default for UdpTrackers {
    fn default() -> Self {
        Self {
            requests: Recent::new(MAX_REQUESTS, MAX_REQUEST_AGE),
            latest: Recent::new(MAX_REQUESTS, MAX_STRAY_AGE),
            connections: Recent::new(MAX_CONNECTIONS, MAX_CONNECTION_AGE),
            trackers: Recent::new(MAX_CONNECTIONS, MAX_CONNECTION_AGE),
        }
    }
}

impl UdpTrackers {
    /// Whether a datagram belongs to a conversation with a tracker.
    pub fn recognise(&mut self, datagram: &Datagram<'_>, at: Stamp) -> Option<Recognised> {
        let payload = datagram.payload;
        let found = |role, request, is_guess| {
            let family = Family::of(datagram.src.ip());
            Some(Recognised {
                context: Context { role, family },
                request,
                is_guess,
            })
        };
        if is_connect(payload) {
            return found(Role::Request, None, false);
        }
        if let Some(request) = self.request_of(datagram, at) {
            return found(Role::Response, Some(request), false);
        }
        if self.is_stray(datagram, at) {
            return found(Role::Response, None, true);
        }
        if is_shaped_as_connect(payload) {
            let is_tracker = self.trackers.get(&datagram.dst, at.time).is_some();
            return if is_tracker || is_nearly_connect(payload) {
                found(Role::Request, None, true)
            } else {
                None
            };
        }
        let action = word(payload, 8)?;
        let is_asking = |action| (Action::ANNOUNCE.0..=Action::SCRAPE.0).contains(&action);
        if !is_asking(action) && !is_asking(action.swap_bytes()) {
            return None;
        }
        let connection = (datagram.src.ip(), datagram.dst, long(payload)?);
        if self.connections.get(&connection, at.time).is_some() {
            return found(Role::Request, None, false);
        }
        if is_lone_announce(payload) {
            return found(Role::Request, None, true);
        }
        None
    }

    /// Requests that were forgotten before they were answered.
    pub fn forgotten(&self) -> u64 {
        self.requests.forgotten()
    }

    /// The request that this is a response to, by transaction id and action.
    fn request_of(&mut self, datagram: &Datagram<'_>, at: Stamp) -> Option<Stamp> {
        // Most datagrams of a capture are uTP: no look-up for these.
        let action = Action(word(datagram.payload, 0)?);
        action.name()?;
        let transaction = word(datagram.payload, 4)?;
        let key = (datagram.dst, datagram.src, transaction);
        let (&asked, stamp) = self.requests.get(&key, at.time)?;
        let is_answer = action == asked || action == Action::ERROR;
        if !is_answer {
            return None;
        }
        self.requests.settle(&key);
        let pair = (datagram.dst, datagram.src);
        let latest = self.latest.get(&pair, at.time);
        if latest.is_some_and(|(latest, _)| *latest == Some((asked, transaction))) {
            self.latest.insert(pair, None, at);
        }
        Some(stamp)
    }

    /// Whether it answers the last request of its receiver by its shape, though not by its
    /// transaction id. A response whose request the capture lacks looks the same.
    fn is_stray(&self, datagram: &Datagram<'_>, at: Stamp) -> bool {
        let payload = datagram.payload;
        let is_whole = payload.len() == datagram.wire_length as usize;
        let Some(first) = word(payload, 0).filter(|_| is_whole) else {
            return false;
        };
        let action = Action(first);
        action.name().is_some()
            && is_shaped_as_answer(payload, action)
            && self
                .latest
                .get(&(datagram.dst, datagram.src), at.time)
                .and_then(|(latest, _)| *latest)
                .is_some_and(|(asked, _)| action == asked || action == Action::ERROR)
    }

    /// Remembers what tells the datagrams to come.
    pub fn hear(&mut self, src: SocketAddr, dst: SocketAddr, message: &Message<'_>, at: Stamp) {
        match (message.role, message.action, message.transaction) {
            (Role::Request, Some(action), Some(transaction)) => {
                self.requests.insert((src, dst, transaction), action, at);
                self.latest
                    .insert((src, dst), Some((action, transaction)), at);
                if let Some(connection) = message.connection
                    && action != Action::CONNECT
                    && self.is_new(src, dst, connection, at)
                {
                    self.connections.insert((src.ip(), dst, connection), (), at);
                }
            }
            _ => {
                if let Body::ConnectResponse(connection) = message.body {
                    self.connections.insert((dst.ip(), src, connection), (), at);
                    self.trackers.insert(src, (), at);
                }
            }
        }
    }

    fn is_new(&self, src: SocketAddr, dst: SocketAddr, connection: u64, at: Stamp) -> bool {
        let known = self.connections.get(&(src.ip(), dst, connection), at.time);
        known.is_none()
    }
}

fn word(payload: &[u8], at: usize) -> Option<u32> {
    let bytes = payload.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn long(payload: &[u8]) -> Option<u64> {
    let (bytes, _) = payload.split_first_chunk()?;
    Some(u64::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;
    use crate::wire::udp_tracker::dissect;

    const CONNECT: &str = "00000417271019800000000011223344";
    const CONNECTED: &str = "00000000112233440123456789abcdef";
    const ANNOUNCE: &str = "0123456789abcdef0000000155667788\
        5d533b039577ed667b5dd6406ce54565f01bf7d72d5353303030312d414141414141414141414141\
        0000000000000000000000000000c350000000000000000000000002\
        00000000deadbeefffffffff1ae1";
    const ANNOUNCED: &str = "0000000155667788000007080000000100000002c00002011ae1";
    const SCRAPE: &str = "0123456789abcdef0000000299aabbcc5d533b039577ed667b5dd6406ce54565f01bf7d7";
    const ERROR: &str = "0000000399aabbcc6e6f";

    struct Line {
        trackers: UdpTrackers,
        frame: u64,
    }

    impl Line {
        /// What a datagram is taken for: role, frame of the request, guess.
        fn hear(&mut self, text: &str, is_up: bool) -> Option<(Role, Option<u64>, bool)> {
            let [client, tracker]: [SocketAddr; 2] =
                ["10.0.0.1:6881", "10.0.0.9:6969"].map(|end| end.parse().unwrap());
            let (src, dst) = if is_up {
                (client, tracker)
            } else {
                (tracker, client)
            };
            let payload = hex::decode(text).unwrap();
            let datagram = Datagram {
                src,
                dst,
                payload: &payload,
                wire_length: payload.len() as u32,
            };
            self.frame += 1;
            let at = Stamp {
                frame: self.frame,
                time: Timestamp::from_nanos(0),
            };
            let seen = self.trackers.recognise(&datagram, at)?;
            let read = dissect(&payload, payload.len(), seen.context, &mut ());
            self.trackers.hear(src, dst, &read.message, at);
            let request = seen.request.map(|stamp| stamp.frame);
            Some((seen.context.role, request, seen.is_guess))
        }
    }

    fn line() -> Line {
        Line {
            trackers: UdpTrackers::default(),
            frame: 0,
        }
    }

    #[test]
    fn a_whole_conversation() {
        let mut line = line();
        let request = Some((Role::Request, None, false));
        let response = |frame| Some((Role::Response, Some(frame), false));
        assert_eq!(line.hear(CONNECT, true), request);
        assert_eq!(line.hear(CONNECTED, false), response(1));
        assert_eq!(line.hear(ANNOUNCE, true), request);
        assert_eq!(line.hear(ANNOUNCED, false), response(3));
        assert_eq!(line.hear(SCRAPE, true), request);
        assert_eq!(line.hear(ERROR, false), response(5));
    }

    #[test]
    fn a_lone_announce_and_what_follows() {
        let mut line = line();
        assert_eq!(line.hear(SCRAPE, true), None);
        assert_eq!(line.hear(ANNOUNCED, false), None);
        assert_eq!(line.hear(ANNOUNCE, true), Some((Role::Request, None, true)));
        assert_eq!(
            line.hear(ANNOUNCED, false),
            Some((Role::Response, Some(3), false))
        );
        assert_eq!(line.hear(SCRAPE, true), Some((Role::Request, None, false)));
    }

    #[test]
    fn a_response_with_another_transaction_is_known_by_its_shape() {
        let mut line = line();
        line.hear(CONNECT, true);
        let stray = "00000000112233450123456789abcdef";
        let guess = Some((Role::Response, None, true));
        assert_eq!(line.hear(stray, false), guess);
        assert_eq!(line.hear(&stray[..30], false), None);
        assert_eq!(line.hear(&format!("{stray}00"), false), None);
        // The request is answered: whatever it is, it is no answer to that.
        line.hear(CONNECTED, false);
        assert_eq!(line.hear(stray, false), None);
        line.hear(ANNOUNCE, true);
        let announced = ANNOUNCED.replace("55667788", "55667789");
        assert_eq!(line.hear(stray, false), None);
        assert_eq!(line.hear(&announced, false), guess);
    }

    #[test]
    fn a_request_with_its_action_backwards_is_known_by_its_connection() {
        let mut line = line();
        let backwards = ANNOUNCE.replace("0000000155667788", "0100000055667788");
        assert_eq!(line.hear(&backwards, true), None);
        line.hear(CONNECT, true);
        line.hear(CONNECTED, false);
        assert_eq!(
            line.hear(&backwards, true),
            Some((Role::Request, None, false))
        );
    }

    #[test]
    fn strangers_are_not_recognised() {
        let mut line = line();
        line.hear(CONNECT, true);
        // The right transaction id with another action, or the wrong way round.
        assert_eq!(line.hear("00000001112233440000000000000000", false), None);
        assert_eq!(line.hear(CONNECTED, true), None);
        for length in 0..16 {
            assert_eq!(line.hear(&"00".repeat(length), true), None);
            assert_eq!(line.hear(&"00".repeat(length), false), None);
        }
    }
}
