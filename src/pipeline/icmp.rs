//! ICMP errors: which packet of BitTorrent did not arrive.

use crate::flow::{Carrier, TcpTable, Unreachable, UtpTable};
use crate::packet::{IcmpError, QuotedProtocol, Stamp};
use crate::session::{Actor, ConnectionChange, ConnectionEvent};

use super::connection::Connections;

/// How a message of the DHT begins, with a key of one letter (BEP 5), and a
/// request to connect to a UDP tracker (BEP 15).
const DHT: &[u8] = b"d1:";
const TRACKER: [u8; 8] = [0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80];

/// Takes in an error: of TCP and of uTP it says why an attempt fails; of another
/// datagram it is told for itself, if that was one to a peer, the DHT or a tracker.
pub fn hear<'o>(
    error: &IcmpError<'_>,
    stamp: Stamp,
    tcp: &mut TcpTable<Connections<'o>>,
    utp: &mut UtpTable<Connections<'o>>,
    shared: &mut Connections<'o>,
) {
    let ends = [error.src, error.dst];
    let unreachable = Unreachable {
        router: error.router,
        stamp,
        reason: error.reason,
    };
    match error.protocol {
        QuotedProtocol::Tcp => tcp.unreachable(ends, unreachable),
        QuotedProtocol::Udp => {
            let is_attempt = utp.unreachable(ends, error.payload, unreachable);
            let is_told = !is_attempt && !error.reason.is_too_big();
            if is_told && shared.attempts.are_wanted() {
                hear_of_datagram(error, stamp, shared);
            }
        }
    }
}

fn hear_of_datagram(error: &IcmpError<'_>, stamp: Stamp, shared: &mut Connections<'_>) {
    let event = ConnectionEvent {
        change: ConnectionChange::Unreachable(error.reason),
        by: Some(Actor::Router(error.router)),
        stream: None,
        carrier: Carrier::Udp,
        ends: [error.src, error.dst],
        first: stamp,
        stamp,
        syns: 0,
        bytes: [0; 2],
        open_requests: [0; 2],
        answer: None,
        last_message: None,
        looks_encrypted: false,
        is_mse: false,
        negotiation: None,
        named: shared.audience.ends.named(error.dst),
        then: None,
        is_late: false,
    };
    let is_query = error.payload.starts_with(DHT) || error.payload.starts_with(&TRACKER);
    if is_query || event.named.is_some() {
        shared.audience.connection(&event);
    } else {
        shared.attempts.hold(event);
    }
}
