//! Whom to dial, and when again.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::active::machine::Time;

/// Connections that we make at once.
const MAX_DIALLED: usize = 60;

/// Addresses that are remembered; a tracker gives 50 to 200.
const MAX_CANDIDATES: usize = 2000;

/// An address that has failed this often in a row is given up.
const MAX_FAILURES: u32 = 4;

/// The first pause after a failure; each next one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// The pause of one that made room for others.
const POSTPONED: Duration = Duration::from_mins(1);

#[derive(Debug)]
struct Candidate {
    due: Time,
    failures: u32,
    connected: bool,
    /// The next attempt is plain: it did not take an encrypted one.
    plain: bool,
}

impl Candidate {
    fn is_due(&self, now: Time) -> bool {
        !self.connected && self.due <= now && self.failures < MAX_FAILURES
    }
}

/// The addresses of a torrent's peers. All of them were named by the user or by
/// a tracker.
#[derive(Debug)]
pub(super) struct Dialer {
    candidates: BTreeMap<SocketAddr, Candidate>,
    /// Nobody is given up: a seeder has time.
    patient: bool,
}

impl Dialer {
    pub(super) fn new(patient: bool) -> Self {
        Self {
            candidates: BTreeMap::new(),
            patient,
        }
    }

    /// An address to dial, if it is new.
    pub(super) fn add(&mut self, address: SocketAddr, now: Time) {
        if self.candidates.len() < MAX_CANDIDATES && address.port() != 0 {
            self.candidates.entry(address).or_insert(Candidate {
                due: now,
                failures: 0,
                connected: false,
                plain: false,
            });
        }
    }

    /// Whether no more can be dialled at once.
    fn is_full(&self) -> bool {
        self.candidates.values().filter(|c| c.connected).count() >= MAX_DIALLED
    }

    /// The next address that is due, and whether to dial it without encryption:
    /// of several the one that has failed least, so that those that always fail
    /// keep nobody waiting.
    pub(super) fn next(&mut self, now: Time) -> Option<(SocketAddr, bool)> {
        if self.is_full() {
            return None;
        }
        let due = self.candidates.iter_mut().filter(|(_, c)| c.is_due(now));
        let (address, candidate) = due.min_by_key(|(_, c)| (c.failures, c.due))?;
        candidate.connected = true;
        Some((*address, candidate.plain))
    }

    /// A connection has ended; `useful` if data came over it.
    pub(super) fn ended(&mut self, address: &SocketAddr, useful: bool, now: Time) {
        if let Some(candidate) = self.candidates.get_mut(address) {
            candidate.connected = false;
            candidate.failures = if useful { 1 } else { candidate.failures + 1 };
            if self.patient {
                candidate.failures = candidate.failures.min(MAX_FAILURES - 1);
            }
            candidate.due = now + PAUSE * (1 << candidate.failures.min(8));
        }
    }

    /// The peer did not answer an encrypted handshake: at once again, plain.
    pub(super) fn retry_plain(&mut self, address: &SocketAddr, now: Time) {
        if let Some(candidate) = self.candidates.get_mut(address) {
            candidate.connected = false;
            candidate.plain = true;
            candidate.due = now;
        }
    }

    /// Never dial this one again.
    pub(super) fn give_up(&mut self, address: &SocketAddr) {
        if let Some(candidate) = self.candidates.get_mut(address) {
            candidate.connected = false;
            candidate.failures = MAX_FAILURES;
        }
    }

    /// Whether somebody waits for another to leave.
    pub(super) fn is_crowded(&self, now: Time) -> bool {
        self.candidates.values().any(|c| c.is_due(now)) && self.is_full()
    }

    /// This connection ends so that another may be made: it is dialled again when
    /// the others have had their time.
    pub(super) fn postpone(&mut self, address: &SocketAddr, now: Time) {
        if let Some(candidate) = self.candidates.get_mut(address) {
            candidate.connected = false;
            candidate.due = now + POSTPONED;
        }
    }

    /// When the next address can be dialled.
    pub(super) fn due(&self) -> Option<Time> {
        if self.is_full() {
            return None;
        }
        let idle = self.candidates.values().filter(|c| !c.connected);
        idle.filter(|c| c.failures < MAX_FAILURES)
            .map(|c| c.due)
            .min()
    }

    /// Whether there is anybody left to talk to or to dial.
    pub(super) fn is_exhausted(&self) -> bool {
        let mut candidates = self.candidates.values();
        candidates.all(|c| !c.connected && c.failures >= MAX_FAILURES)
    }

    /// A tracker has named this address: it is new, or was given up and is dialled
    /// once more.
    pub(super) fn refresh(&mut self, address: SocketAddr, now: Time) {
        match self.candidates.get_mut(&address) {
            Some(candidate) if !candidate.connected && candidate.failures >= MAX_FAILURES => {
                candidate.failures = MAX_FAILURES - 1;
                candidate.due = now;
            }
            Some(_) => {}
            None => self.add(address, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let mut dialer = Dialer::new(false);
        let address = SocketAddr::from(([10, 0, 0, 1], 6881));
        dialer.add(address, Time::ZERO);
        dialer.add(address, Time::ZERO);
        let mut now = Time::ZERO;
        for attempt in 0..MAX_FAILURES {
            assert_eq!(dialer.next(now), Some((address, false)), "{attempt}");
            assert_eq!(dialer.next(now), None);
            dialer.ended(&address, false, now);
            assert_eq!(dialer.next(now), None);
            now = dialer.due().unwrap_or(now);
        }
        assert!(dialer.is_exhausted());
        let mut patient = Dialer::new(true);
        patient.add(address, now);
        for _ in 0..10 {
            now = patient.due().unwrap_or(now);
            assert_eq!(patient.next(now), Some((address, false)));
            patient.ended(&address, false, now);
        }
        dialer.refresh(address, now);
        assert_eq!(dialer.next(now), Some((address, false)));
    }

    #[test]
    fn those_that_fail_keep_nobody_waiting() {
        let mut dialer = Dialer::new(false);
        for port in 1..=100 {
            dialer.add(SocketAddr::from(([10, 0, 0, 1], port)), Time::ZERO);
        }
        let mut now = Time::ZERO;
        let mut dialled = std::collections::BTreeSet::new();
        while dialled.len() < 100 {
            let (address, _) = dialer.next(now).unwrap();
            assert!(dialled.insert(address), "{address} is dialled twice");
            dialer.ended(&address, false, now);
            now += Duration::from_secs(10);
        }
    }

    #[test]
    fn where_all_places_are_taken_nobody_is_due() {
        let mut dialer = Dialer::new(false);
        for port in 1..=61 {
            dialer.add(SocketAddr::from(([10, 0, 0, 1], port)), Time::ZERO);
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
