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

#[derive(Debug)]
struct Candidate {
    due: Time,
    failures: u32,
    connected: bool,
    /// The next attempt is plain: it did not take an encrypted one.
    plain: bool,
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

    /// The next address that is due, and whether to dial it without encryption.
    pub(super) fn next(&mut self, now: Time) -> Option<(SocketAddr, bool)> {
        let connected = self.candidates.values().filter(|c| c.connected).count();
        if connected >= MAX_DIALLED {
            return None;
        }
        let mut candidates = self.candidates.iter_mut();
        let (address, candidate) =
            candidates.find(|(_, c)| !c.connected && c.due <= now && c.failures < MAX_FAILURES)?;
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

    /// When the next address is due.
    pub(super) fn due(&self) -> Option<Time> {
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
}
