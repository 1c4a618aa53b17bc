//! uTP packets as messages of their own, for an observer that asks for them.
//!
//! The first packets of a connection prove nothing: they are held, few of them,
//! and told when a later one has shown that the connection is one.

use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::flow::{Carrier, Side, Standing, UtpTable};
use crate::packet::{Datagram, Stamp};
use crate::session::{Dissection, Heard};
use crate::wire::{Dissected, Layout, Message, Reader, utp};

use super::connection::Connections;

/// Bytes of packets that are held, with [`HELD_OVERHEAD_BYTES`] each; beyond, the oldest go.
const MAX_HELD: usize = 256 << 10;

/// What a held packet costs beside its bytes.
const HELD_OVERHEAD_BYTES: usize = 128;

/// A packet whose connection is not proven yet.
struct Held {
    src: SocketAddr,
    dst: SocketAddr,
    bytes: Box<[u8]>,
    wire_length: u32,
    at: Stamp,
}

impl Held {
    fn cost(&self) -> usize {
        self.bytes.len() + HELD_OVERHEAD_BYTES
    }

    fn datagram(&self) -> Datagram<'_> {
        Datagram {
            src: self.src,
            dst: self.dst,
            payload: &self.bytes,
            wire_length: self.wire_length,
        }
    }
}

/// Tells the packets of uTP connections.
#[derive(Default)]
pub struct UtpPackets {
    held: VecDeque<Held>,
    /// Cost of all that is held.
    cost: usize,
}

impl UtpPackets {
    /// Gives a datagram to the table, and tells it as a packet.
    pub fn take<'o>(
        &mut self,
        datagram: &Datagram<'_>,
        at: Stamp,
        utp: &mut UtpTable<Connections<'o>>,
        shared: &mut Connections<'o>,
    ) {
        // Before the messages that it completes, if it can be.
        let before = utp.standing(datagram, at);
        if let Standing::Connection(stream, from) = before {
            tell(datagram, at, stream, from, shared);
        }
        utp.datagram(datagram, at, shared);
        if matches!(before, Standing::Connection(..)) {
            return;
        }
        match utp.standing(datagram, at) {
            Standing::Connection(stream, from) => {
                self.tell_held(utp, shared);
                tell(datagram, at, stream, from, shared);
            }
            Standing::Open => self.hold(datagram, at),
            Standing::None => {
                if let Standing::Connection(stream, from) = utp.standing_of_broken(datagram) {
                    tell(datagram, at, stream, from, shared);
                }
            }
        }
    }

    /// Tells what is held of connections that are proven by now.
    fn tell_held<'o>(&mut self, utp: &UtpTable<Connections<'o>>, shared: &mut Connections<'o>) {
        let cost = &mut self.cost;
        self.held.retain(|held| {
            let datagram = held.datagram();
            let Standing::Connection(stream, from) = utp.standing(&datagram, held.at) else {
                return true;
            };
            tell(&datagram, held.at, stream, from, shared);
            *cost -= held.cost();
            false
        });
    }

    fn hold(&mut self, datagram: &Datagram<'_>, at: Stamp) {
        let held = Held {
            src: datagram.src,
            dst: datagram.dst,
            bytes: datagram.payload.into(),
            wire_length: datagram.wire_length,
            at,
        };
        self.cost += held.cost();
        self.held.push_back(held);
        while self.cost > MAX_HELD
            && let Some(oldest) = self.held.pop_front()
        {
            self.cost -= oldest.cost();
        }
    }
}

/// The packet; of what breaks the layout, the header and what is wrong with it.
fn read(payload: &[u8], declared: usize) -> Option<Dissected<Message<'_>>> {
    let problem = match utp::dissect(Reader::new(payload, declared, &mut ())) {
        Ok(packet) => return Some(Dissected::sound(Message::Utp(packet))),
        Err(problem) => problem,
    };
    Some(Dissected {
        message: Message::Utp(utp::broken_header(payload)?),
        problem: Some(problem),
    })
}

fn tell(datagram: &Datagram<'_>, at: Stamp, stream: u64, from: Side, shared: &mut Connections<'_>) {
    let declared = datagram.payload.len().max(datagram.wire_length as usize);
    let Some(read) = read(datagram.payload, declared) else {
        return;
    };
    let dissection = Dissection::new(&read, Layout::Utp);
    let heard = Heard {
        carrier: Carrier::Utp,
        length: declared as u64,
        ..Heard::in_datagram(stream, from, datagram, at, dissection.into())
    };
    shared.audience.message(&heard);
}
