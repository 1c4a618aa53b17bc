//! Which peers are dialled, and when they are tried again.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::active::machine::Time;

/// The most connections that we have dialled, at a time.
const MAX_DIALLED: usize = 60;

/// The most addresses that are remembered; a tracker names 50 to 200.
const MAX_CANDIDATES: usize = 2000;

/// The most addresses of one answer of a tracker that are dialled, and the time between
/// two of them. We never ask for more.
const MAX_NAMED_PER_ANSWER: usize = 500;
const DIAL_SPACING: Duration = Duration::from_millis(10);

/// An address that fails this often in a row is given up.
const MAX_FAILURES: u32 = 4;

/// The pause after the first failure; it doubles with each further one, up to the
/// maximum.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(15);

/// The pause of a peer that was disconnected to make room for others.
const POSTPONED_PAUSE: Duration = Duration::from_mins(1);

/// How an attempt to talk to a peer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attempt {
    /// Data was transferred.
    Useful,
    /// The peer was reached, and no data was transferred.
    Failed,
    /// The peer was not reached.
    Unreachable,
}

/// What is done with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It is dialled when it is due.
    Waiting,
    /// There is a connection, or one is being made.
    Connected,
    /// It is not dialled any more.
    GivenUp,
}

#[derive(Debug)]
struct Candidate {
    standing: Standing,
    due: Time,
    /// Failures in a row.
    failures: u32,
    /// The next attempt is in plain text: the peer did not answer an encrypted handshake.
    plain: bool,
    /// The user has named it: while it cannot be reached it is dialled again, as long as
    /// the user's patience lasts.
    named: bool,
    /// Whether it was reported that it fails.
    is_reported: bool,
}

impl Candidate {
    fn new(due: Time, named: bool) -> Self {
        Self {
            standing: Standing::Waiting,
            due,
            failures: 0,
            plain: false,
            named,
            is_reported: false,
        }
    }

    fn is_due(&self, now: Time) -> bool {
        self.is_waiting() && self.due <= now
    }

    /// Whether it will be dialled (again).
    fn is_waiting(&self) -> bool {
        self.standing == Standing::Waiting
    }

    fn is_connected(&self) -> bool {
        self.standing == Standing::Connected
    }

    fn wait_until(&mut self, due: Time) {
        self.standing = Standing::Waiting;
        self.due = due;
    }
}

/// The addresses of a torrent's peers. All of them were named by the user or by
/// a tracker.
#[derive(Debug)]
pub(super) struct Dialer {
    candidates: BTreeMap<SocketAddr, Candidate>,
    /// No address is given up: a seeder has time.
    patient: bool,
}

impl Dialer {
    pub(super) fn new(patient: bool) -> Self {
        Self {
            candidates: BTreeMap::new(),
            patient,
        }
    }

    /// Adds a peer that the user has named.
    pub(super) fn add_named(&mut self, address: SocketAddr) {
        self.add(address, Candidate::new(Time::ZERO, true));
    }

    /// Adds an address, if it is new. If too many are remembered, one that has failed is
    /// forgotten instead.
    fn add(&mut self, address: SocketAddr, candidate: Candidate) {
        if !is_dialable(address) {
            return;
        }
        if self.candidates.len() >= MAX_CANDIDATES && !self.candidates.contains_key(&address) {
            self.forget_one();
        }
        if self.candidates.len() < MAX_CANDIDATES {
            self.candidates.entry(address).or_insert(candidate);
        }
    }

    /// Forgets the address that has failed most often.
    fn forget_one(&mut self) {
        let idle = self.candidates.iter().filter(|(_, c)| !c.is_connected());
        let failing = idle.filter(|(_, c)| c.failures > 0);
        if let Some((address, _)) = failing.max_by_key(|(_, c)| c.failures) {
            let address = *address;
            self.candidates.remove(&address);
        }
    }

    /// Whether no more can be dialled at present.
    fn is_full(&self) -> bool {
        let connected = self.candidates.values().filter(|c| c.is_connected());
        connected.count() >= MAX_DIALLED
    }

    /// The next address that is due, and whether to dial it without encryption. Of
    /// several it is the one that has failed least: those that always fail do not delay
    /// the others.
    pub(super) fn next(&mut self, now: Time) -> Option<(SocketAddr, bool)> {
        if self.is_full() {
            return None;
        }
        let due = self.candidates.iter_mut().filter(|(_, c)| c.is_due(now));
        let (address, candidate) = due.min_by_key(|(_, c)| (c.failures, c.due))?;
        candidate.standing = Standing::Connected;
        Some((*address, candidate.plain))
    }

    /// A connection has ended, or could not be made. Says whether this is the first
    /// failure of a peer that the user has named and that is dialled again.
    pub(super) fn ended(&mut self, address: &SocketAddr, attempt: Attempt, now: Time) -> bool {
        let Some(candidate) = self.candidates.get_mut(address) else {
            return false;
        };
        candidate.failures = match attempt {
            Attempt::Useful => 1,
            Attempt::Failed | Attempt::Unreachable => candidate.failures.saturating_add(1),
        };
        let may_come = candidate.named && attempt == Attempt::Unreachable;
        let doublings = candidate.failures.saturating_sub(1).min(8);
        candidate.wait_until(now + MAX_PAUSE.min(FIRST_PAUSE * (1 << doublings)));
        if candidate.failures >= MAX_FAILURES && !self.patient && !may_come {
            candidate.standing = Standing::GivenUp;
        }
        let was_reported =
            std::mem::replace(&mut candidate.is_reported, attempt != Attempt::Useful);
        candidate.named && candidate.is_reported && !was_reported && candidate.is_waiting()
    }

    /// The peer did not answer an encrypted handshake: it is dialled again at once, in
    /// plain text.
    pub(super) fn retry_plain(&mut self, address: &SocketAddr, now: Time) {
        if let Some(candidate) = self.candidates.get_mut(address) {
            candidate.plain = true;
            candidate.wait_until(now);
        }
    }

    /// Never dial this one again.
    pub(super) fn give_up(&mut self, address: &SocketAddr) {
        if let Some(candidate) = self.candidates.get_mut(address) {
            candidate.standing = Standing::GivenUp;
        }
    }

    /// Whether an address is due and cannot be dialled before a connection ends.
    pub(super) fn is_crowded(&self, now: Time) -> bool {
        self.candidates.values().any(|c| c.is_due(now)) && self.is_full()
    }

    /// The peer was disconnected to make room for another: it is dialled again later.
    pub(super) fn postpone(&mut self, address: &SocketAddr, now: Time) {
        if let Some(candidate) = self.candidates.get_mut(address) {
            candidate.wait_until(now + POSTPONED_PAUSE);
        }
    }

    /// When the next address can be dialled.
    pub(super) fn due(&self) -> Option<Time> {
        if self.is_full() {
            return None;
        }
        let waiting = self.candidates.values().filter(|c| c.is_waiting());
        waiting.map(|candidate| candidate.due).min()
    }

    /// Whether no address is left to dial.
    pub(super) fn is_exhausted(&self) -> bool {
        !self.candidates.values().any(Candidate::is_waiting)
    }

    /// Adds the addresses that a tracker has named. They are due one after the other, so
    /// that many addresses of one tracker do not delay those of the next.
    pub(super) fn add_all(&mut self, named: &[SocketAddr], now: Time) {
        let mut due = now;
        for address in named.iter().take(MAX_NAMED_PER_ANSWER) {
            self.refresh(*address, due);
            due += DIAL_SPACING;
        }
    }

    /// Adds an address; if it was given up, it is dialled once more.
    fn refresh(&mut self, address: SocketAddr, now: Time) {
        match self.candidates.get_mut(&address) {
            Some(candidate) if candidate.standing == Standing::GivenUp => {
                candidate.failures = MAX_FAILURES - 1;
                candidate.wait_until(now);
            }
            Some(_) => {}
            None => self.add(address, Candidate::new(now, false)),
        }
    }
}

/// Whether a peer can have this address.
fn is_dialable(address: SocketAddr) -> bool {
    let is_broadcast = address.ip() == IpAddr::V4(Ipv4Addr::BROADCAST);
    let is_one = !is_broadcast && !address.ip().is_multicast() && !address.ip().is_unspecified();
    is_one && address.port() != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut dialer = Dialer::new(false);
        let address = SocketAddr::from(([10, 0, 0, 1], 6881));
        dialer.refresh(address, Time::ZERO);
        dialer.refresh(address, Time::ZERO);
        let mut now = Time::ZERO;
        for attempt in 0..MAX_FAILURES {
            assert_eq!(dialer.next(now), Some((address, false)), "{attempt}");
            assert_eq!(dialer.next(now), None);
            dialer.ended(&address, Attempt::Failed, now);
            assert_eq!(dialer.next(now), None);
            now = dialer.due().unwrap_or(now);
        }
        assert!(dialer.is_exhausted());
        let mut patient = Dialer::new(true);
        patient.refresh(address, now);
        for _ in 0..10 {
            now = patient.due().unwrap_or(now);
            assert_eq!(patient.next(now), Some((address, false)));
            patient.ended(&address, Attempt::Failed, now);
        }
        dialer.refresh(address, now);
        assert_eq!(dialer.next(now), Some((address, false)));
    }

    #[test]
    fn whom_the_user_names_is_waited_for_where_nobody_answers() {
        let mut dialer = Dialer::new(false);
        let address = SocketAddr::from(([10, 0, 0, 1], 6881));
        dialer.add_named(address);
        let mut now = Time::ZERO;
        let mut pauses = Vec::new();
        for attempt in 0..8 {
            assert_eq!(dialer.next(now), Some((address, false)));
            let is_news = dialer.ended(&address, Attempt::Unreachable, now);
            assert_eq!(is_news, attempt == 0, "told once");
            let due = dialer.due().unwrap();
            pauses.push(due.saturating_sub(now).as_secs());
            now = due;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 15, 15, 15, 15]);
        // It is reached, and does not accept us.
        dialer.next(now).unwrap();
        dialer.ended(&address, Attempt::Failed, now);
        assert!(dialer.is_exhausted());
    }

    #[test]
    fn those_that_fail_keep_nobody_waiting() {
        let mut dialer = Dialer::new(false);
        for port in 1..=100 {
            dialer.refresh(SocketAddr::from(([10, 0, 0, 1], port)), Time::ZERO);
        }
        let mut now = Time::ZERO;
        let mut dialled = std::collections::BTreeSet::new();
        while dialled.len() < 100 {
            let (address, _) = dialer.next(now).unwrap();
            assert!(dialled.insert(address), "{address} is dialled twice");
            dialer.ended(&address, Attempt::Failed, now);
            now += Duration::from_secs(10);
        }
    }

    #[test]
    fn many_of_one_tracker_do_not_all_come_before_those_of_the_next() {
        let mut dialer = Dialer::new(false);
        let many: Vec<_> = (1..=u16::MAX)
            .map(|port| SocketAddr::from(([10, 0, 0, 1], port)))
            .collect();
        dialer.add_all(&many, Time::ZERO);
        let honest = SocketAddr::from(([10, 0, 0, 2], 1));
        let soon = Duration::from_millis(500);
        dialer.add_all(&[honest], soon);
        let dialled = std::iter::from_fn(|| dialer.next(soon));
        assert!(dialled.map(|(address, _)| address).any(|a| a == honest));
        assert_eq!(dialer.candidates.len(), MAX_NAMED_PER_ANSWER + 1);
    }

    #[test]
    fn nobody_is_dialled_where_no_peer_can_be() {
        let mut dialer = Dialer::new(false);
        let nowhere = [
            "10.0.0.1:0",
            "255.255.255.255:1",
            "224.0.0.1:1",
            "[ff02::1]:1",
        ];
        for address in nowhere.iter().chain(&["0.0.0.0:1", "[::]:1"]) {
            dialer.refresh(address.parse().unwrap(), Time::ZERO);
        }
        assert!(dialer.is_exhausted());
    }

    #[test]
    fn whoever_failed_makes_room_for_new_addresses() {
        let mut dialer = Dialer::new(false);
        let address = |port| SocketAddr::from(([10, 0, 0, 1], port));
        for port in 1..=3 * MAX_CANDIDATES as u16 {
            dialer.refresh(address(port), Time::ZERO);
        }
        assert_eq!(dialer.candidates.len(), MAX_CANDIDATES);
        let (first, _) = dialer.next(Time::ZERO).unwrap();
        dialer.refresh(address(60_000), Time::ZERO);
        assert!(!dialer.candidates.contains_key(&address(60_000)));
        dialer.ended(&first, Attempt::Failed, Time::ZERO);
        dialer.refresh(address(60_000), Time::ZERO);
        assert!(dialer.candidates.contains_key(&address(60_000)));
        assert!(!dialer.candidates.contains_key(&first));
    }

    #[test]
    fn where_all_places_are_taken_nobody_is_due() {
        let mut dialer = Dialer::new(false);
        for port in 1..=61 {
            dialer.refresh(SocketAddr::from(([10, 0, 0, 1], port)), Time::ZERO);
        }
        let dialled: Vec<_> = std::iter::from_fn(|| dialer.next(Time::ZERO)).collect();
        assert_eq!(dialled.len(), MAX_DIALLED);
        assert_eq!(dialer.due(), None);
        assert!(dialer.is_crowded(Time::ZERO));
        dialer.postpone(&dialled[0].0, Time::ZERO);
        let last = SocketAddr::from(([10, 0, 0, 1], 61));
        assert_eq!(dialer.next(Time::ZERO), Some((last, false)));
        assert!(!dialer.is_crowded(Time::ZERO));
    }
}
