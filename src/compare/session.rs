//! What is kept of one connection.

use std::collections::HashMap;
use std::net::SocketAddr;

use foldhash::fast::RandomState;

use super::depth::Depth;
use super::habits::{HaveHabit, KeepAlives};
use super::order::Order;
use super::steps::{Step, Steps};
use crate::capture::Timestamp;
use crate::flow::{Carrier, Close, Side};
use crate::packet::Stamp;
use crate::session::{Announced, Encryption, Ended, Finish, Heard, Transition};
use crate::wire::extension::Body;
use crate::wire::peer::{Block, Framing, Handshake, HandshakeStart, Message};

/// Pieces that are told apart when they arrive.
const MAX_PIECES: usize = 1 << 17;

/// One end of a session, by what it sent.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// Its handshake.
    pub handshake: Option<Handshake>,
    /// What there is of it, where its peer id is not.
    pub handshake_start: Option<HandshakeStart>,
    /// Its first extended handshake.
    pub announced: Option<Announced>,
    /// Its messages.
    pub steps: Steps,
    /// Messages that it sent.
    pub messages: u64,
    /// Data of the pieces that it sent, in bytes.
    pub payload_bytes: u64,
    /// Holes in what the capture has of its stream.
    pub gaps: u64,
    /// When it first said so.
    pub interested: Option<Stamp>,
    /// When it first unchoked the other.
    pub unchoke: Option<Stamp>,
    /// Its first request.
    pub request: Option<Stamp>,
    /// The first block that it sent.
    pub block: Option<Stamp>,
    /// How many requests it had out.
    pub depth: Depth,
    /// What it asked for.
    pub order: Order,
    /// `have` messages after the first block came to it.
    pub haves: u64,
    /// Pieces that came to it up to the last one that it told of.
    told: u64,
    /// `bitfield` and `have_all` after the first block came to it.
    pub bitfields: u64,
    /// Its keep-alives.
    pub keep_alives: KeepAlives,
    /// The name of its last message.
    pub last_message: Option<&'static str>,
    /// Bytes that `announced` takes: it does not change.
    announced_cost: usize,
    /// Pieces of which blocks came to it, numbered from 1 as they came.
    received: HashMap<u32, u32, RandomState>,
}

impl Peer {
    /// Pieces of which blocks came to it.
    pub fn received(&self) -> u64 {
        self.received.len() as u64
    }

    /// How it tells what it has got; `None` if it got too little to tell.
    pub fn have_habit(&self) -> Option<HaveHabit> {
        const MIN_PIECES: u64 = 4;
        let pieces = self.received();
        // Those after the last one that it told of may have come too late for a
        // `have`: the session ended.
        let due = if self.haves > 0 { self.told } else { pieces };
        (pieces >= MIN_PIECES).then(|| HaveHabit::of(self.haves, self.bitfields, due))
    }

    /// Its handshake but for the peer id, which not every capture shows.
    pub fn greeting(&self) -> Option<HandshakeStart> {
        let start = self.handshake.map(HandshakeStart::from);
        start.or(self.handshake_start)
    }

    fn say(&mut self, message: &Message<'_>, at: Stamp) {
        match message {
            Message::Handshake(handshake) => {
                self.handshake.get_or_insert(*handshake);
            }
            Message::HandshakeStart(start) => {
                self.handshake_start.get_or_insert(*start);
            }
            Message::Extended(extended) => {
                if let Body::Handshake(handshake) = &extended.body
                    && self.announced.is_none()
                {
                    let announced = Announced::new(handshake);
                    self.announced_cost = announced.cost();
                    self.announced = Some(announced);
                }
            }
            Message::Interested => {
                self.interested.get_or_insert(at);
            }
            Message::Unchoke => {
                self.unchoke.get_or_insert(at);
            }
            Message::Request(block) => {
                self.request.get_or_insert(at);
                self.order.request(*block);
            }
            Message::Piece(block) => {
                self.block.get_or_insert(at);
                self.payload_bytes += u64::from(block.length);
            }
            Message::Have(piece) if self.received() > 0 => {
                self.haves += 1;
                let number = self.received.get(piece).copied();
                self.told = self.told.max(number.unwrap_or(0).into());
            }
            Message::Bitfield(_) | Message::HaveAll if self.received() > 0 => self.bitfields += 1,
            _ => {}
        }
    }

    fn receive(&mut self, block: Block) {
        if self.received.len() < MAX_PIECES {
            let number = self.received.len() as u32 + 1;
            self.received.entry(block.index).or_insert(number);
        }
    }

    fn cost(&self) -> usize {
        let received = self.received.capacity() * 11;
        let habits = self.keep_alives.cost() + self.announced_cost;
        self.steps.cost() + self.depth.cost() + self.order.cost() + received + habits
    }
}

/// One connection.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its number in the capture.
    pub stream: u64,
    /// TCP or uTP.
    pub carrier: Carrier,
    /// Addresses: initiator, acceptor.
    pub ends: [SocketAddr; 2],
    /// How it is encrypted.
    pub encryption: Encryption,
    /// Whether its beginning is in the capture.
    pub from_start: bool,
    /// How it ended.
    pub close: Close,
    /// How each end stopped sending.
    pub finishes: [Option<Finish>; 2],
    /// First and last packet.
    pub packets: [Stamp; 2],
    /// The first message: times count from here.
    pub zero: Option<Stamp>,
    /// Initiator and acceptor.
    pub peers: [Peer; 2],
    /// Messages of both.
    pub messages: u64,
}

impl Session {
    /// A session of which the first message is heard.
    pub(super) fn new(heard: &Heard<'_>) -> Self {
        let ends = match heard.from {
            Side::Initiator => [heard.src, heard.dst],
            Side::Acceptor => [heard.dst, heard.src],
        };
        Self {
            stream: heard.stream,
            carrier: heard.carrier,
            ends,
            encryption: Encryption::None,
            from_start: true,
            close: Close::Open,
            finishes: [None; 2],
            packets: [heard.first, heard.last],
            zero: None,
            peers: Default::default(),
            messages: 0,
        }
    }

    /// One end.
    pub fn peer(&self, side: Side) -> &Peer {
        &self.peers[side.index()]
    }

    /// Data of pieces, both ways, in bytes.
    pub fn payload_bytes(&self) -> u64 {
        self.peers.iter().map(|peer| peer.payload_bytes).sum()
    }

    /// The end that got more data; without data the one that was interested or
    /// asked, else the initiator.
    pub fn downloader(&self) -> Side {
        let [initiator, acceptor] = &self.peers;
        let sent = initiator.payload_bytes.cmp(&acceptor.payload_bytes);
        let wants = |peer: &Peer| peer.interested.is_some() || peer.request.is_some();
        let is_acceptor = match sent {
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => wants(acceptor) && !wants(initiator),
        };
        if is_acceptor {
            Side::Acceptor
        } else {
            Side::Initiator
        }
    }

    /// Whether the last thing that an end says is a choke of the other, which has
    /// lost interest by then. Both are done: whether it still goes out before they
    /// close is a matter of chance.
    pub(super) fn ends_with_idle_choke(&self, side: Side) -> bool {
        let stance = |step: &&Step| matches!(&step.key[..], "interested" | "not_interested");
        let mut others = self.peer(side.other()).steps.all().iter();
        let last = self.peer(side).steps.all().last();
        match (last, others.rfind(stance)) {
            (Some(choke), Some(stance)) => {
                choke.key == "choke"
                    && stance.key == "not_interested"
                    && stance.last.number < choke.first.number
            }
            _ => false,
        }
    }

    /// The end that stopped sending first, and how.
    pub fn first_finish(&self) -> Option<(Side, Finish)> {
        self.in_order().next()
    }

    /// The end that reset the connection first.
    pub fn first_reset(&self) -> Option<(Side, Finish)> {
        self.in_order().find(|(_, finish)| finish.reset)
    }

    /// How the ends stopped sending, the first one first.
    fn in_order(&self) -> impl Iterator<Item = (Side, Finish)> {
        let mut sides = Side::BOTH;
        let frame = |side: &Side| self.finishes[side.index()].map(|finish| finish.stamp.frame);
        sides.sort_by_key(frame);
        let finish = |side: Side| Some((side, self.finishes[side.index()]?));
        sides.into_iter().filter_map(finish)
    }

    /// Nanoseconds from the first message to `stamp`; `None` where a time is
    /// unknown.
    pub fn since_zero(&self, stamp: Stamp) -> Option<i64> {
        let zero = self.zero?.time.nanos()?;
        Some(stamp.time.nanos()?.saturating_sub(zero))
    }

    /// How long it lasted, in nanoseconds, from the first packet to the last.
    pub fn lasted(&self) -> i64 {
        let [first, last] = self.packets.map(|stamp| stamp.time);
        last.since(first)
    }

    /// When its first packet came.
    pub fn start(&self) -> Timestamp {
        self.packets[0].time
    }

    /// Takes in a message or a gap.
    pub(super) fn hear(&mut self, heard: &Heard<'_>) {
        let from = heard.from.index();
        let Some(message) = heard.peer_message() else {
            // What MSE hides is told by the encryption.
            self.peers[from].gaps += u64::from(heard.is_gap());
            return;
        };
        if matches!(message, Message::Broken(Framing::Messages, None)) {
            // The capture cut it before its id.
            self.peers[from].gaps += 1;
            return;
        }
        self.zero.get_or_insert(heard.last);
        let opening = self.peers.iter().all(|peer| peer.block.is_none())
            && !matches!(message, Message::Piece(_));
        self.follow_queue(heard, message);
        let [one, other] = &mut self.peers;
        let (peer, other) = match heard.from {
            Side::Initiator => (one, other),
            Side::Acceptor => (other, one),
        };
        peer.steps.push(heard, self.messages, opening);
        peer.messages += 1;
        peer.last_message = Some(message.name());
        let is_keep_alive = matches!(message, Message::KeepAlive);
        peer.keep_alives.message(heard.last.time, is_keep_alive);
        peer.say(message, heard.last);
        if let Message::Piece(block) = message {
            other.receive(*block);
        }
        self.messages += 1;
    }

    /// Follows the request queues, which the ledgers of the conversation keep.
    fn follow_queue(&mut self, heard: &Heard<'_>, message: &Message<'_>) {
        let Some(transition) = heard.transition else {
            return;
        };
        let Some(queue) = transition.queue() else {
            return;
        };
        let is_askers = matches!(message, Message::Request(_) | Message::Cancel(_));
        let asker = if is_askers {
            heard.from
        } else {
            heard.from.other()
        };
        let depth = &mut self.peers[asker.index()].depth;
        let queue = queue as usize;
        if let (Message::Piece(_), Transition::Answered { closed: None, .. }) =
            (message, transition)
        {
            depth.block(queue + 1);
        }
        depth.change(queue, heard.last.time);
    }

    /// Takes in the end of the connection.
    pub(super) fn end(&mut self, ended: &Ended<'_>) {
        let connection = ended.connection;
        self.encryption = ended.encryption;
        self.from_start = connection.from_start;
        self.close = ended.how;
        self.finishes = ended.finishes;
        self.packets = [connection.first, connection.last];
    }

    /// Bytes of memory, about.
    pub(super) fn cost(&self) -> usize {
        let peers: usize = self.peers.iter().map(Peer::cost).sum();
        // Its place in a tree of sessions, which are half full at worst.
        2 * size_of::<Self>() + peers
    }
}
