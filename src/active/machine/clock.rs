//! The timeouts of a connection.

use std::time::Duration;

use super::{Close, Time};

/// How long the peer may take for its handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);

/// A connection on which nothing has come for this long is dead: peers send a
/// keep-alive every two minutes (BEP 3).
const SILENCE_TIMEOUT: Duration = Duration::from_mins(3);

/// When we have sent nothing for this long, a keep-alive is due.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(100);

/// When things happened on a connection.
#[derive(Debug)]
pub(super) struct Clock {
    connected: Time,
    last_received: Time,
    last_sent: Time,
    now: Time,
}

impl Clock {
    pub(super) fn new(now: Time) -> Self {
        Self {
            connected: now,
            last_received: now,
            last_sent: now,
            now,
        }
    }

    pub(super) fn now(&self) -> Time {
        self.now
    }

    /// Takes the time in. It must not run backwards.
    pub(super) fn set_now(&mut self, now: Time) {
        self.now = now;
    }

    pub(super) fn note_received(&mut self, now: Time) {
        self.now = now;
        self.last_received = now;
    }

    pub(super) fn note_sent(&mut self) {
        self.last_sent = self.now;
    }

    /// When [`Clock::tick`] has something to do.
    pub(super) fn deadline(&self, has_handshake: bool) -> Time {
        if has_handshake {
            (self.last_received + SILENCE_TIMEOUT).min(self.last_sent + KEEP_ALIVE_INTERVAL)
        } else {
            self.connected + HANDSHAKE_TIMEOUT
        }
    }

    /// Lets time pass; says whether a keep-alive is due. An error ends the connection.
    pub(super) fn tick(&mut self, now: Time, has_handshake: bool) -> Result<bool, Close> {
        self.now = now;
        if !has_handshake {
            return if now >= self.connected + HANDSHAKE_TIMEOUT {
                Err(Close::NoHandshake(HANDSHAKE_TIMEOUT))
            } else {
                Ok(false)
            };
        }
        if now >= self.last_received + SILENCE_TIMEOUT {
            return Err(Close::Silent(SILENCE_TIMEOUT));
        }
        Ok(now >= self.last_sent + KEEP_ALIVE_INTERVAL)
    }
}
