//! What the transport of a connection met: segments that were never acknowledged, a
//! receive window that stays closed, probes that nobody answers, ICMP errors.
//!
//! Of what goes well nothing is kept but the last packet of each side; the rest is
//! allocated when something goes wrong, and one thing of a kind is kept a side.

use std::net::IpAddr;

use super::Side;
use crate::packet::{Stamp, UnreachableReason};

/// Payloads beyond this are large: a path that lets no larger packets through is no
/// path of the Internet any more (IPv6 asks for packets of 1280 bytes).
pub const LARGE_BYTES: u32 = 1240;

/// A segment that is sent again so soon is one that is in the capture twice.
const COPY_NANOS: i64 = 5_000_000;

/// Sent so often, and over so long, a segment is lost for good: a sender waits twice as
/// long each time.
const MANY_TIMES: u32 = 4;
const LONG_NANOS: i64 = 1_000_000_000;

/// So many probes without an answer are no accident.
const MANY_PROBES: u32 = 3;

/// A window that is closed for less may open again.
const CLOSED_NANOS: i64 = 5_000_000_000;

/// An ICMP error: a router or host says that a packet did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreachable {
    /// Who says so.
    pub router: IpAddr,
    /// The packet that says so.
    pub stamp: Stamp,
    /// Why.
    pub reason: UnreachableReason,
}

/// What a connection met, of both sides; nothing before it is open.
#[derive(Debug, Clone, Default)]
pub struct Troubles(Option<Box<Sides>>);

/// The two sides.
#[derive(Debug, Clone, Default)]
struct Sides {
    troubles: [Option<Box<Trouble>>; 2],
    /// The last packet of each side that was no reset; 0 where there was none.
    heard: [u64; 2],
    /// Where the first large segment of each side begins.
    first_large: [Option<u64>; 2],
}

/// What one side met as it sent, and how it receives.
#[derive(Debug, Clone, Copy, Default)]
struct Trouble {
    resent: Option<Resent>,
    probes: Option<Probes>,
    errors: Option<(Unreachable, u32)>,
    /// Since when its receive window is closed.
    closed: Option<Stamp>,
}

/// A segment that was sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resent {
    /// Where it begins, in bytes of the stream (uTP: its number).
    start: u64,
    /// Bytes of its payload.
    pub length: u32,
    /// How often it was sent in all.
    pub times: u32,
    /// The second time.
    pub first: Stamp,
    /// The last time.
    pub last: Stamp,
}

/// Packets that ask whether the other side is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probes {
    /// How many, since the other side was heard last.
    pub times: u32,
    /// The first of them.
    pub first: Stamp,
    /// The last one.
    pub last: Stamp,
}

/// Why bytes of a side did not get through, or were not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setback {
    /// It sent a segment again and again, and the other side never acknowledged it.
    Unacknowledged {
        /// The segment.
        segment: Resent,
        /// The last packet of the other side.
        heard: u64,
        /// It is the first large one, and all before it got through.
        is_first_large: bool,
        /// A router says that it did not get through, and how often one said so.
        error: Option<(Unreachable, u32)>,
    },
    /// The other side has had no room for what it sends, since that packet.
    ClosedWindow(Stamp),
    /// The other side did not answer to its probes; the last packet of the other side.
    Unanswered(Probes, u64),
    /// A router says that its packets did not get through, how often one said so, and
    /// nothing came of the other side since; its last packet.
    Undelivered(Unreachable, u32, u64),
}

impl Troubles {
    /// A packet of `side` that acknowledges, with this receive window.
    #[inline]
    pub(super) fn hear(&mut self, side: Side, window: u32, stamp: Stamp) {
        let sides = self.0.get_or_insert_default();
        sides.heard[side.index()] = stamp.frame;
        if window == 0 {
            self.of(side).closed.get_or_insert(stamp);
        } else if let Some(trouble) = &mut sides.troubles[side.index()] {
            trouble.closed = None;
        }
    }

    /// `side` sends a segment of so many bytes, which begins at `start`.
    #[inline]
    pub(super) fn send(&mut self, side: Side, start: u64, length: u32) {
        if length > LARGE_BYTES {
            let sides = self.0.get_or_insert_default();
            sides.first_large[side.index()].get_or_insert(start);
        }
    }

    /// `side` sends a segment again; the other one has acknowledged all before `acked`.
    #[cold]
    pub(super) fn resend(
        &mut self,
        side: Side,
        (start, length): (u64, u32),
        acked: u64,
        stamp: Stamp,
    ) {
        let resent = &mut self.of(side).resent;
        match resent {
            Some(known) if known.start == start => {
                if stamp.time.since(known.last.time) >= COPY_NANOS {
                    known.times = known.times.saturating_add(1);
                    known.last = stamp;
                }
                known.length = length;
            }
            // The first that is not acknowledged is what the others wait for.
            Some(known) if (acked..start).contains(&known.start) => {}
            _ => {
                *resent = Some(Resent {
                    start,
                    length,
                    times: 2,
                    first: stamp,
                    last: stamp,
                });
            }
        }
    }

    /// `side` asks whether the other one is still there.
    #[cold]
    pub(super) fn probe(&mut self, side: Side, stamp: Stamp) {
        let heard = self.0.get_or_insert_default().heard[side.other().index()];
        let probes = &mut self.of(side).probes;
        match probes {
            Some(known) if heard < known.first.frame => {
                known.times = known.times.saturating_add(1);
                known.last = stamp;
            }
            _ => {
                *probes = Some(Probes {
                    times: 1,
                    first: stamp,
                    last: stamp,
                });
            }
        }
    }

    /// A router says that a packet of `side` did not arrive.
    pub(super) fn note_error(&mut self, side: Side, unreachable: Unreachable) {
        let errors = &mut self.of(side).errors;
        let (_, times) = errors.get_or_insert((unreachable, 0));
        *times = times.saturating_add(1);
    }

    /// The sides were guessed the wrong way round.
    pub(super) fn swap_sides(&mut self) {
        if let Some(sides) = &mut self.0 {
            sides.troubles.swap(0, 1);
            sides.heard.swap(0, 1);
            sides.first_large.swap(0, 1);
        }
    }

    /// The connection is over, and of what `side` sent all before `acked` was
    /// acknowledged: what was sent again and got through is no trouble.
    pub(super) fn conclude(&mut self, side: Side, acked: u64) {
        let sides = self.0.as_mut();
        let trouble = sides.and_then(|sides| sides.troubles[side.index()].as_mut());
        if let Some(trouble) = trouble {
            trouble.resent.take_if(|resent| resent.start < acked);
        }
    }

    fn of(&mut self, side: Side) -> &mut Trouble {
        let sides = self.0.get_or_insert_default();
        sides.troubles[side.index()].get_or_insert_default()
    }

    /// Why what `side` sent did not get through, or was not taken, as of the packet `now`,
    /// with which the connection was over.
    pub fn setback(&self, side: Side, now: Stamp) -> Option<Setback> {
        // Of a side that the capture does not have, nothing is known.
        let sides = self.0.as_ref()?;
        let heard = Some(sides.heard[side.other().index()]).filter(|heard| *heard > 0)?;
        let own = sides.troubles[side.index()].as_deref();
        let error = own.and_then(|own| own.errors);
        let resent = own.and_then(|own| own.resent).filter(|resent| {
            resent.times >= MANY_TIMES && resent.last.time.since(resent.first.time) >= LONG_NANOS
        });
        let closed = sides.troubles[side.other().index()].as_deref();
        let closed = closed.and_then(|other| other.closed).filter(|since| {
            let probes = own.and_then(|own| own.probes);
            let is_probed = probes.is_some_and(|probes| probes.last.frame > since.frame);
            let is_long = now.time.since(since.time) >= CLOSED_NANOS;
            is_long && (is_probed || resent.is_some())
        });
        if let Some(since) = closed {
            return Some(Setback::ClosedWindow(since));
        }
        if let Some(segment) = resent {
            let is_first_large = segment.length > LARGE_BYTES
                && segment.start > 0
                && sides.first_large[side.index()] == Some(segment.start);
            return Some(Setback::Unacknowledged {
                segment,
                heard,
                is_first_large,
                error,
            });
        }
        let is_silent = |since: Stamp| heard < since.frame;
        if let Some((error, times)) = error.filter(|(error, _)| is_silent(error.stamp)) {
            return Some(Setback::Undelivered(error, times, heard));
        }
        let probes = own?.probes?;
        let is_vain = probes.times >= MANY_PROBES && is_silent(probes.first);
        is_vain.then_some(Setback::Unanswered(probes, heard))
    }
}
