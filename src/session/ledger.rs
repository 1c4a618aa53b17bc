//! The ledger of one side's requests: when each was made, and what became of it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::budget::{Budget, Charge};
use super::early::EarlyAnswers;
use super::latency::Latencies;
use super::notice::Acked;
use crate::packet::Stamp;
use crate::wire::peer::Block;

/// Requests that are remembered of one side; clients queue 2000 at most. Where
/// there are more, those that are closed are forgotten first, then all of them,
/// and [`Ledger::forgotten`] says how many were open.
pub const MAX_REMEMBERED: usize = 4096;

/// What an entry of the map costs, its slack included.
const REQUEST_COST_BYTES: usize = 2 * size_of::<(Block, Request)>();

/// How a request was closed without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Its sender cancelled it. An answer may be on its way.
    Cancelled,
    /// The other side choked its sender, without the Fast extension: that drops
    /// all requests (BEP 3). An answer may be on its way.
    ChokedAway,
}

/// What a message changed in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// A request was made.
    Asked {
        /// The same request, still open, that it repeats.
        repeats: Option<Stamp>,
        /// Requests of its sender that are open now, this one included.
        queue: u32,
    },
    /// A request was made whose answer the capture told before it.
    AskedBefore {
        /// The packet of the answer.
        answer: Stamp,
        /// A piece, or else a reject.
        is_piece: bool,
        /// Requests of its sender that are open now, without this one.
        queue: u32,
    },
    /// A piece or a reject answers a request.
    Answered {
        /// The packet that completed the request.
        request: Stamp,
        /// How the request had been closed, if it had.
        closed: Option<Closing>,
        /// Requests of the asker that are still open.
        queue: u32,
    },
    /// A piece or a reject that no request in the ledger asked for. That proves
    /// nothing where the capture lacks something, or where the ledger has
    /// forgotten something: see [`Ledger::is_whole`].
    Unasked,
    /// A cancel closes a request.
    Cancelled {
        /// The packet that completed the request.
        request: Stamp,
        /// Requests of its sender that are still open.
        queue: u32,
    },
    /// A cancel of nothing: answered already, or never asked for.
    CancelledNothing,
    /// A choke drops the open requests of the other side; an unchoke shows that those of
    /// the time between were dropped too.
    DroppedAll {
        /// How many there were.
        requests: u32,
    },
}

impl Transition {
    /// The packet of the request that the message answers or cancels.
    pub fn request(self) -> Option<Stamp> {
        match self {
            Self::Answered { request, .. } | Self::Cancelled { request, .. } => Some(request),
            _ => None,
        }
    }

    /// The packet of the request that the message answers.
    pub fn answered(self) -> Option<Stamp> {
        match self {
            Self::Answered { request, .. } => Some(request),
            _ => None,
        }
    }

    /// Open requests of the asker after the message.
    pub fn queue(self) -> Option<u32> {
        match self {
            Self::Asked { queue, .. }
            | Self::AskedBefore { queue, .. }
            | Self::Answered { queue, .. }
            | Self::Cancelled { queue, .. } => Some(queue),
            Self::DroppedAll { .. } => Some(0),
            Self::Unasked | Self::CancelledNothing => None,
        }
    }
}

/// How many requests met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fates {
    /// Requests that were made, repeated ones included.
    pub asked: u64,
    /// Of these: made while the same one was open.
    pub repeated: u64,
    /// Answered by a piece.
    pub answered: u64,
    /// Answered by a reject (BEP 6).
    pub rejected: u64,
    /// Cancelled, and never answered so far.
    pub cancelled: u64,
    /// Dropped by a choke, and never answered so far.
    pub choked_away: u64,
    /// Pieces that no request asked for.
    pub unasked_pieces: u64,
    /// Their data, in bytes: came for nothing, for the most part twice.
    pub unasked_bytes: u64,
    /// Rejects that no request asked for.
    pub unasked_rejects: u64,
}

#[derive(Debug, Clone, Copy)]
struct Request {
    asked: Stamp,
    /// Chokes that had dropped all requests when it was made.
    chokes: u32,
    is_cancelled: bool,
}

/// The requests of one side.
#[derive(Debug)]
pub struct Ledger {
    /// All that are not answered, the closed ones included.
    requests: HashMap<Block, Request, RandomState>,
    /// Requests that are open.
    open: usize,
    /// Chokes that dropped all open requests.
    chokes: u32,
    /// What became of them; nothing until the first one, as most connections of a
    /// large capture transfer nothing.
    history: Option<Box<History>>,
    is_whole: bool,
    charge: Charge,
}

/// What became of the requests of one side.
#[derive(Debug)]
struct History {
    fates: Fates,
    latencies: Latencies,
    early: EarlyAnswers,
    deepest: usize,
    forgotten: u64,
    latest: Option<Stamp>,
}

impl Ledger {
    /// Nothing was asked for yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            requests: HashMap::default(),
            open: 0,
            chokes: 0,
            history: None,
            is_whole: true,
            charge: budget.charge(),
        }
    }

    /// Requests that are open: neither answered, cancelled nor choked away.
    pub fn open(&self) -> usize {
        self.open
    }

    /// Whether `block` was asked for and has not come; it may have been cancelled
    /// or choked away since.
    pub fn awaits(&self, block: Block) -> bool {
        self.requests.contains_key(&block)
    }

    /// What became of the requests. Those that are open are in none of the fates.
    pub fn fates(&self) -> Fates {
        let history = self.history.as_ref();
        history.map_or(Fates::default(), |history| history.fates)
    }

    /// Times from a request to its piece; `None` before the first request.
    pub fn latencies(&self) -> Option<&Latencies> {
        Some(&self.history.as_ref()?.latencies)
    }

    /// The most requests that were open at once.
    pub fn deepest(&self) -> usize {
        self.history.as_ref().map_or(0, |history| history.deepest)
    }

    /// The packet of the last request.
    pub fn latest(&self) -> Option<Stamp> {
        self.history.as_ref()?.latest
    }

    /// Open requests that were forgotten to keep the bounds: their fate is not
    /// known.
    pub fn forgotten(&self) -> u64 {
        self.history.as_ref().map_or(0, |history| history.forgotten)
    }

    /// Whether nothing was forgotten, open or closed: only then a piece that no
    /// request asked for was not asked for.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// The open requests, each with the packet that completed it, in no order.
    pub fn open_requests(&self) -> impl Iterator<Item = (Block, Stamp)> + '_ {
        let open = self
            .requests
            .iter()
            .filter(|(_, request)| self.is_open(request));
        open.map(|(block, request)| (*block, request.asked))
    }

    /// The history, begun if need be.
    #[inline]
    fn history(&mut self) -> &mut History {
        let charge = &self.charge;
        self.history.get_or_insert_with(|| {
            Box::new(History {
                fates: Fates::default(),
                latencies: Latencies::new(charge.budget()),
                early: EarlyAnswers::new(charge.budget()),
                deepest: 0,
                forgotten: 0,
                latest: None,
            })
        })
    }

    fn is_open(&self, request: &Request) -> bool {
        !request.is_cancelled && request.chokes == self.chokes
    }

    /// The side asks for `block`, by a message that ends at `end` of its stream.
    pub(super) fn ask(&mut self, block: Block, asked: Stamp, end: u64) -> Transition {
        let history = self.history();
        history.fates.asked += 1;
        history.latest = Some(asked);
        if let Some(answer) = history.early.take(block, end) {
            if answer.is_piece {
                history.fates.answered += 1;
                history.fates.unasked_pieces -= 1;
                history.fates.unasked_bytes -= u64::from(block.length);
                let latency = answer.stamp.time.since(asked.time);
                history.latencies.record(latency.max(0));
            } else {
                history.fates.rejected += 1;
                history.fates.unasked_rejects -= 1;
            }
            return Transition::AskedBefore {
                answer: answer.stamp,
                is_piece: answer.is_piece,
                queue: self.queue(),
            };
        }
        let request = Request {
            asked,
            chokes: self.chokes,
            is_cancelled: false,
        };
        let before = if self.make_room() {
            self.requests.insert(block, request)
        } else {
            self.history().forgotten += 1;
            return Transition::Asked {
                repeats: None,
                queue: self.queue(),
            };
        };
        // One that was closed and is asked for again is another request.
        let repeats = before.filter(|before| self.is_open(before));
        if repeats.is_some() {
            self.history().fates.repeated += 1;
        } else {
            self.open += 1;
        }
        let open = self.open;
        let history = self.history();
        history.deepest = history.deepest.max(open);
        Transition::Asked {
            repeats: repeats.map(|before| before.asked),
            queue: self.queue(),
        }
    }

    fn queue(&self) -> u32 {
        self.open as u32
    }

    /// Makes room for one more request; false where memory is spent.
    fn make_room(&mut self) -> bool {
        if self.requests.len() == MAX_REMEMBERED {
            self.forget_some();
        }
        if self.requests.len() < self.requests.capacity() {
            return true;
        }
        let entries = (self.requests.capacity() + 1).next_power_of_two();
        if self.charge.resize(entries * REQUEST_COST_BYTES) {
            return true;
        }
        self.forget_all();
        self.requests = HashMap::default();
        self.charge.release();
        false
    }

    /// Forgets the closed requests where they are many, else all: so that a scan
    /// of them all always makes much room.
    fn forget_some(&mut self) {
        if self.open > MAX_REMEMBERED / 2 {
            return self.forget_all();
        }
        let chokes = self.chokes;
        self.is_whole = false;
        self.requests
            .retain(|_, request| !request.is_cancelled && request.chokes == chokes);
    }

    fn forget_all(&mut self) {
        let open = self.open as u64;
        if open > 0 {
            self.history().forgotten += open;
        }
        self.is_whole &= self.requests.is_empty();
        self.requests.clear();
        self.open = 0;
    }

    /// A piece or a reject of `block` comes from the other side, which had acknowledged
    /// so much of this side's stream.
    pub(super) fn answer(
        &mut self,
        block: Block,
        is_piece: bool,
        now: Stamp,
        acked: Acked,
    ) -> Transition {
        let Some(request) = self.requests.remove(&block) else {
            let history = self.history();
            if acked.is_ahead {
                history.early.note(block, is_piece, now, acked.bytes);
            }
            let fates = &mut history.fates;
            if is_piece {
                fates.unasked_pieces += 1;
                fates.unasked_bytes += u64::from(block.length);
            } else {
                fates.unasked_rejects += 1;
            }
            return Transition::Unasked;
        };
        let closed = self.close(&request);
        let history = self.history();
        match closed {
            Some(Closing::Cancelled) => history.fates.cancelled -= 1,
            Some(Closing::ChokedAway) => history.fates.choked_away -= 1,
            None => {}
        }
        if is_piece {
            history.fates.answered += 1;
            history.latencies.record(now.time.since(request.asked.time));
        } else {
            history.fates.rejected += 1;
        }
        Transition::Answered {
            request: request.asked,
            closed,
            queue: self.queue(),
        }
    }

    /// How a request had been closed; one that was open is open no more.
    fn close(&mut self, request: &Request) -> Option<Closing> {
        if request.is_cancelled {
            return Some(Closing::Cancelled);
        }
        if request.chokes != self.chokes {
            return Some(Closing::ChokedAway);
        }
        self.open -= 1;
        None
    }

    /// The side cancels its request for `block`.
    pub(super) fn cancel(&mut self, block: Block) -> Transition {
        let chokes = self.chokes;
        let open = self.requests.get_mut(&block);
        let open = open.filter(|request| !request.is_cancelled && request.chokes == chokes);
        let Some(request) = open else {
            return Transition::CancelledNothing;
        };
        request.is_cancelled = true;
        let asked = request.asked;
        self.open -= 1;
        self.history().fates.cancelled += 1;
        Transition::Cancelled {
            request: asked,
            queue: self.queue(),
        }
    }

    /// The other side chokes, and that drops all open requests.
    pub(super) fn choke(&mut self) -> Transition {
        let requests = self.queue();
        if requests > 0 {
            self.history().fates.choked_away += u64::from(requests);
        }
        self.chokes += 1;
        self.open = 0;
        Transition::DroppedAll { requests }
    }

    /// A new conversation begins.
    pub(super) fn clear(&mut self) {
        self.requests.clear();
        self.open = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;

    fn block(index: u32) -> Block {
        Block {
            index,
            begin: 0,
            length: 16384,
        }
    }

    fn at(frame: u64) -> Stamp {
        Stamp {
            frame,
            time: Timestamp::from_nanos(i128::from(frame) * 1_000_000),
        }
    }

    #[test]
    fn each_request_meets_its_fate() {
        let mut ledger = Ledger::new(&Budget::default());
        for index in 0..5 {
            let queue = index + 1;
            let asked = ledger.ask(block(index), at(u64::from(queue)), 0);
            assert_eq!(
                asked,
                Transition::Asked {
                    repeats: None,
                    queue
                }
            );
        }
        let repeated = ledger.ask(block(4), at(6), 0);
        let repeats = Some(at(5));
        assert_eq!(repeated, Transition::Asked { repeats, queue: 5 });
        let answered = |frame, closed, queue| Transition::Answered {
            request: at(frame),
            closed,
            queue,
        };
        assert_eq!(
            ledger.answer(block(0), true, at(9), Acked::NOTHING),
            answered(1, None, 4)
        );
        assert_eq!(
            ledger.answer(block(0), true, at(9), Acked::NOTHING),
            Transition::Unasked
        );
        assert_eq!(
            ledger.answer(block(1), false, at(9), Acked::NOTHING),
            answered(2, None, 3)
        );
        let cancelled = Transition::Cancelled {
            request: at(3),
            queue: 2,
        };
        assert_eq!(ledger.cancel(block(2)), cancelled);
        assert_eq!(ledger.cancel(block(2)), Transition::CancelledNothing);
        assert_eq!(ledger.choke(), Transition::DroppedAll { requests: 2 });
        assert_eq!((ledger.open(), ledger.deepest()), (0, 5));
        let late = answered(3, Some(Closing::Cancelled), 0);
        assert_eq!(ledger.answer(block(2), true, at(20), Acked::NOTHING), late);
        let late = answered(4, Some(Closing::ChokedAway), 0);
        assert_eq!(ledger.answer(block(3), true, at(20), Acked::NOTHING), late);
        assert!(ledger.awaits(block(4)));
        let fates = Fates {
            asked: 6,
            repeated: 1,
            answered: 3,
            rejected: 1,
            choked_away: 1,
            unasked_pieces: 1,
            unasked_bytes: 16384,
            ..Fates::default()
        };
        assert_eq!(ledger.fates(), fates);
        let latencies = ledger.latencies().unwrap();
        assert_eq!(latencies.min(), Some(8_000_000));
        assert_eq!(latencies.max(), Some(17_000_000));
    }

    #[test]
    fn what_the_capture_tells_late_was_answered_before() {
        let mut ledger = Ledger::new(&Budget::default());
        let ahead = |bytes| Acked {
            bytes,
            at: Timestamp::UNKNOWN,
            is_ahead: true,
        };
        for index in 0..3 {
            let said = ledger.answer(block(index), index != 1, at(5), ahead(100));
            assert_eq!(said, Transition::Unasked);
        }
        let before = |is_piece| Transition::AskedBefore {
            answer: at(5),
            is_piece,
            queue: 0,
        };
        assert_eq!(ledger.ask(block(0), at(4), 83), before(true));
        assert_eq!(ledger.ask(block(1), at(4), 100), before(false));
        // The other side had not had this one.
        let asked = Transition::Asked {
            repeats: None,
            queue: 1,
        };
        assert_eq!(ledger.ask(block(2), at(6), 117), asked);
        let fates = ledger.fates();
        assert_eq!((fates.asked, fates.answered, fates.rejected), (3, 1, 1));
        assert_eq!((fates.unasked_pieces, fates.unasked_bytes), (1, 16384));
        assert_eq!(fates.unasked_rejects, 0);
        assert_eq!(ledger.latencies().and_then(Latencies::max), Some(1_000_000));
    }

    #[test]
    fn what_is_forgotten_is_told() {
        let mut ledger = Ledger::new(&Budget::default());
        for index in 0..MAX_REMEMBERED as u32 {
            ledger.ask(block(index), at(1), 0);
        }
        assert!(ledger.is_whole());
        // Half of them closed: these go first, and only they.
        for index in 0..MAX_REMEMBERED as u32 / 2 {
            ledger.cancel(block(index));
        }
        ledger.ask(block(9999), at(2), 0);
        assert_eq!((ledger.forgotten(), ledger.is_whole()), (0, false));
        assert_eq!(ledger.open(), MAX_REMEMBERED / 2 + 1);
        for index in 10_000..13_000 {
            ledger.ask(block(index), at(3), 0);
        }
        assert_eq!(ledger.forgotten(), MAX_REMEMBERED as u64);

        let budget = Budget::new(1000);
        let mut ledger = Ledger::new(&budget);
        for index in 0..1000 {
            ledger.ask(block(index), at(1), 0);
        }
        let open = ledger.open() as u64;
        assert_eq!(
            (ledger.fates().asked, ledger.forgotten()),
            (1000, 1000 - open)
        );
        drop(ledger);
        assert_eq!(budget.left(), 1000);
    }
}
