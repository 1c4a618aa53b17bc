//! The directions that states of RC4 may yet open, where such states come while
//! the packets do.

use crate::keys::matching::Matcher;
use crate::session::KeyLog;
use crate::wire::mse::StateLine;

/// States that wait to be recorded, at most.
const MAX_SECRETS: usize = 1 << 12;

/// The directions that are watched, and the states.
pub struct Locks {
    /// Brings them together.
    pub matcher: Matcher,
    /// Directions whose beginning is not in the capture are watched too.
    pub in_middle: bool,
    /// Grows when the states of all open directions are to be told again.
    pub round: u64,
    secrets: Vec<StateLine>,
    /// Bytes heard since states were followed.
    pub heard: u64,
}

/// Whether a direction is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// Not yet, or not any more.
    No,
    /// By its number.
    As(usize),
    /// It is open; its state was told in this round.
    Open(u64),
    /// There is nothing to wait for.
    Never,
}

impl Watched {
    /// Whether its bytes are of use to nobody else.
    pub fn is_on(&self) -> bool {
        matches!(self, Self::As(_))
    }
}

impl Locks {
    /// Nothing is watched yet.
    pub fn new(in_middle: bool) -> Self {
        Self {
            matcher: Matcher::default(),
            in_middle,
            round: 0,
            secrets: Vec::new(),
            heard: 0,
        }
    }

    /// Takes the states of a key log.
    pub fn take_states(&mut self, keys: &mut KeyLog) {
        for state in keys.take_states() {
            self.matcher.add_state(&state);
        }
    }

    /// Whether `bytes` were heard since this was so last.
    pub fn is_due(&mut self, bytes: u64) -> bool {
        let is_due = self.heard >= bytes;
        if is_due {
            self.heard = 0;
        }
        is_due
    }

    /// States to record.
    pub fn take_secrets(&mut self) -> Vec<StateLine> {
        std::mem::take(&mut self.secrets)
    }

    /// Notes a state to record.
    pub fn tell(&mut self, state: StateLine) {
        if self.secrets.len() < MAX_SECRETS {
            self.secrets.push(state);
        }
    }
}
