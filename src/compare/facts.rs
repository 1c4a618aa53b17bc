//! What is told of two sessions side by side, apart from their messages.

use super::category::Category;
use super::depth::Depth;
use super::habits::HaveHabit;
use super::options::Options;
use super::order::Pattern;
use super::role::Role;
use super::session::{Peer, Session};
use super::value::Value;
use crate::flow::{Carrier, Close, Side};
use crate::packet::Stamp;
use crate::wire::client::Client;

/// Depths closer than this are equal, whatever their ratio.
const DEPTH_SLACK: u64 = 8;

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The connection.
    Session,
    /// One of the peers.
    Peer(Role),
}

/// A fact of both sessions.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// What it is about.
    pub group: Group,
    /// Its name, as JSON has it; for an entry of the extended handshake its key,
    /// which is text of the capture.
    pub name: String,
    /// What a difference would be one of; `None` for what is only told.
    pub category: Option<Category>,
    /// In the first and the second session.
    pub values: [Value; 2],
    /// Whether the two differ, by the measure of the category.
    pub differs: bool,
}

/// Collects facts.
pub struct Facts<'s> {
    sessions: [&'s Session; 2],
    options: &'s Options,
    group: Group,
    found: Vec<Fact>,
}

impl<'s> Facts<'s> {
    /// All facts of two sessions; `sides` gives for each role which end of each
    /// session has it.
    pub fn all(
        sessions: [&'s Session; 2],
        sides: [[Side; 2]; 2],
        options: &'s Options,
    ) -> Vec<Fact> {
        let mut facts = Self {
            sessions,
            options,
            group: Group::Session,
            found: Vec::new(),
        };
        facts.connection(sides);
        for role in Role::ALL {
            facts.group = Group::Peer(role);
            facts.peer(sides[role as usize]);
        }
        facts.found
    }

    /// Adds a fact, unless neither session has it.
    fn push(&mut self, name: &str, category: Option<Category>, values: [Value; 2], differs: bool) {
        if values.iter().all(Value::is_absent) {
            return;
        }
        self.found.push(Fact {
            group: self.group,
            name: name.to_owned(),
            category,
            values,
            differs: differs && category.is_some(),
        });
    }

    /// A fact that is told and not compared.
    fn tell(&mut self, name: &str, values: [Value; 2]) {
        self.push(name, None, values, false);
    }

    /// A fact that must be the same.
    fn same(&mut self, name: &str, category: Category, values: [Value; 2]) {
        let differs = values[0] != values[1];
        self.push(name, Some(category), values, differs);
    }

    /// A fact that must be the same where both sessions show it.
    fn same_if_seen(&mut self, name: &str, category: Category, values: [Value; 2]) {
        let seen = !values.iter().any(Value::is_absent);
        let differs = seen && values[0] != values[1];
        self.push(name, Some(category), values, differs);
    }

    fn connection(&mut self, sides: [[Side; 2]; 2]) {
        let sessions = self.sessions;
        let carriers = sessions.map(|session| match session.carrier {
            Carrier::Tcp => "tcp",
            Carrier::Utp | Carrier::Udp => "utp",
        });
        self.same(
            "transport",
            Category::Transport,
            carriers.map(|name| Value::Text(name.to_owned())),
        );
        self.same(
            "encryption",
            Category::Transport,
            sessions.map(|session| Value::Text(session.encryption.name().to_owned())),
        );
        let role = |at: usize, side: Side| Role::of(sides, at, side).name();
        let openers = [0, 1].map(|at| {
            let seen = sessions[at].from_start;
            Value::text(seen.then(|| role(at, Side::Initiator)))
        });
        self.same_if_seen("opened_by", Category::Transport, openers);
        self.tell(
            "info_hash",
            sessions.map(|session| {
                let mut hashes = session.peers.iter().filter_map(Peer::greeting);
                Value::text(hashes.next().map(|one| hex::encode(one.info_hash)))
            }),
        );
        self.tell(
            "piece_data",
            sessions.map(|session| Value::Bytes(session.payload_bytes())),
        );
        self.tell("lasted", sessions.map(|one| Value::Nanos(one.lasted())));
        self.end(sides);
    }

    fn end(&mut self, sides: [[Side; 2]; 2]) {
        let sessions = self.sessions;
        let role = |at: usize, side: Side| Role::of(sides, at, side).name();
        let endings = [0, 1].map(|at| Value::Text(ending(sessions[at], |side| role(at, side))));
        self.same("end", Category::End, endings);
        let closers = [0, 1].map(|at| {
            let first = sessions[at].first_finish();
            Value::text(first.map(|(side, _)| role(at, side)))
        });
        self.tell("closed_first", closers);
    }

    fn peer(&mut self, sides: [Side; 2]) {
        let [one, other] = self.sessions;
        let peers = [one.peer(sides[0]), other.peer(sides[1])];
        let ends = [0, 1].map(|at| self.sessions[at].ends[sides[at].index()]);
        self.tell("address", ends.map(|end| Value::Text(end.to_string())));
        self.tell("client", peers.map(client));
        self.tell("messages", peers.map(|peer| Value::Count(peer.messages)));
        self.tell(
            "gaps",
            peers.map(|peer| match peer.gaps {
                0 => Value::Absent,
                gaps => Value::Count(gaps),
            }),
        );
        self.same_if_seen("reserved", Category::Reserved, peers.map(reserved));
        self.reserved_rest(peers);
        self.extensions(peers);
        self.time("interested", peers.map(|peer| peer.interested));
        self.time("unchoke", peers.map(|peer| peer.unchoke));
        self.time("first_request", peers.map(|peer| peer.request));
        self.time("first_block", peers.map(|peer| peer.block));
        self.requests(peers);
        self.habits(peers);
        self.tell(
            "last_message",
            peers.map(|peer| Value::text(peer.last_message)),
        );
    }

    /// Bits that no specification names.
    fn reserved_rest(&mut self, peers: [&Peer; 2]) {
        let rests = peers.map(|peer| peer.greeting().map(|one| one.reserved.unknown().0));
        if rests.iter().flatten().any(|rest| *rest != [0; 8]) {
            let values = rests.map(|rest| Value::text(rest.map(hex::encode)));
            self.same_if_seen("reserved_other_bits", Category::Reserved, values);
        }
    }

    fn extensions(&mut self, peers: [&Peer; 2]) {
        let announced = peers.map(|peer| peer.announced.as_ref());
        let [Some(one), Some(other)] = announced else {
            let values = announced.map(|one| {
                let word = if one.is_some() { "sent" } else { "none" };
                Value::Text(word.to_owned())
            });
            return self.same("extended_handshake", Category::Extensions, values);
        };
        let keys = one.entries().iter().chain(other.entries());
        let mut keys: Vec<&str> = keys.map(|entry| &entry.key[..]).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let entries = [one.get(key), other.get(key)];
            let differs = match entries {
                [Some(one), Some(other)] => one.compared() != other.compared(),
                _ => true,
            };
            let values = entries.map(|entry| Value::text(entry.map(|entry| &entry.value[..])));
            self.push(key, Some(Category::Extensions), values, differs);
        }
    }

    /// A moment, counted from the first message.
    fn time(&mut self, name: &str, stamps: [Option<Stamp>; 2]) {
        let times = [0, 1].map(|at| self.sessions[at].since_zero(stamps[at]?));
        let differs = match times {
            [Some(one), Some(other)] => self.options.times_differ(one, other),
            // A message that one session lacks is told by the alignment.
            _ => false,
        };
        self.push(
            name,
            Some(Category::Timing),
            times.map(Value::nanos),
            differs,
        );
    }

    fn requests(&mut self, peers: [&Peer; 2]) {
        let requests = peers.map(|peer| asked(peer, peer.order.requests));
        self.tell("requests", requests);
        let usual = peers.map(|peer| Value::bytes(peer.order.usual_size()));
        self.same_if_seen("request_size", Category::Requests, usual);
        let largest = peers.map(|peer| Value::bytes(peer.order.largest()));
        self.same_if_seen("largest_request", Category::Requests, largest);
        self.queue(peers.map(|peer| &peer.depth));
        self.order(peers);
    }

    fn queue(&mut self, depths: [&Depth; 2]) {
        self.depth("queue_max", depths.map(Depth::max));
        self.depth("queue_median", depths.map(Depth::median));
        let near = depths.map(|depth| Value::share(depth.share_near_max()));
        self.tell("queue_near_max", near);
        let empty = depths.map(|depth| Value::nanos(depth.empty()));
        self.tell("queue_empty", empty);
        let courses = depths.map(|depth| match depth.course() {
            course if course.is_empty() => Value::Absent,
            course => Value::Series(course),
        });
        self.tell("queue", courses);
    }

    fn order(&mut self, peers: [&Peer; 2]) {
        let patterns = peers.map(|peer| Value::text(peer.order.pattern().map(Pattern::name)));
        self.same_if_seen("order", Category::Order, patterns);
        let shares = peers.map(|peer| Value::share(peer.order.in_sequence()));
        self.tell("in_sequence", shares);
        let first = peers.map(|peer| match &peer.order.first[..] {
            [] => Value::Absent,
            first => Value::Pieces(first.to_vec()),
        });
        self.tell("first_pieces", first);
        // One in a hundred may be repeated by accident: a timeout, an end game.
        let often = |peer: &Peer| 100 * peer.order.duplicates > peer.order.requests;
        let differs = often(peers[0]) != often(peers[1]);
        let values = peers.map(|peer| asked(peer, peer.order.duplicates));
        self.push("duplicate_requests", Some(Category::Order), values, differs);
    }

    /// Depths differ if one is more than three times the other: loss halves them.
    fn depth(&mut self, name: &str, depths: [Option<u64>; 2]) {
        let differs = match depths {
            [Some(one), Some(other)] => {
                let (low, high) = (one.min(other), one.max(other));
                high - low > DEPTH_SLACK && high > 3 * low
            }
            _ => false,
        };
        self.push(
            name,
            Some(Category::Queue),
            depths.map(Value::count),
            differs,
        );
    }

    fn habits(&mut self, peers: [&Peer; 2]) {
        let habits = peers.map(|peer| Value::text(peer.have_habit().map(HaveHabit::name)));
        self.same_if_seen("have", Category::Have, habits);
        let got = |peer: &Peer, value: u64| match peer.received() {
            0 => Value::Absent,
            _ => Value::Count(value),
        };
        self.tell("haves", peers.map(|peer| got(peer, peer.haves)));
        self.tell(
            "pieces_received",
            peers.map(|peer| got(peer, peer.received())),
        );
        let differs = peers[0].keep_alives.differs(&peers[1].keep_alives);
        let periods = peers.map(|peer| Value::nanos(peer.keep_alives.period()));
        let category = Some(Category::KeepAlive);
        self.push("keep_alive_period", category, periods, differs);
    }
}

/// A count of something about requests, where there are any.
fn asked(peer: &Peer, count: u64) -> Value {
    match peer.order.requests {
        0 => Value::Absent,
        _ => Value::Count(count),
    }
}

/// How a session ended. Who sends the first FIN is not part of it: two clients
/// that are done close at the same moment, now the one first, now the other.
fn ending(session: &Session, role: impl Fn(Side) -> &'static str) -> String {
    let by = |(side, _): (Side, _)| format!("reset by {}", role(side));
    match session.close {
        Close::Fin => "fin".to_owned(),
        Close::Reset => session.first_reset().map_or("reset".to_owned(), by),
        Close::Replaced | Close::Evicted | Close::Open => "open".to_owned(),
    }
}

fn client(peer: &Peer) -> Value {
    let id = peer.handshake.map(|handshake| handshake.peer_id);
    let by_id = id.and_then(|id| Client::from_peer_id(&id));
    if let Some(client) = by_id {
        return Value::Text(client.to_string());
    }
    let announced = peer.announced.as_ref().and_then(|all| all.get("v"));
    Value::text(announced.map(|entry| &entry.value[..]))
}

fn reserved(peer: &Peer) -> Value {
    let Some(greeting) = peer.greeting() else {
        return Value::Absent;
    };
    let known = greeting.reserved.known();
    Value::Names(known.map(|flag| flag.name).collect())
}
