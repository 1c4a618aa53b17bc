//! When a download counts as failed.

use std::time::Duration;

use super::error::SessionError;
use crate::active::machine::Time;

/// How long no data has come, and how long that is tolerated.
#[derive(Debug)]
pub(super) struct Patience {
    limit: Duration,
    /// When data came last.
    last: Time,
    /// How many bytes had come by then.
    downloaded: u64,
}

impl Patience {
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            last: Time::ZERO,
            downloaded: 0,
        }
    }

    /// So many bytes have come in all.
    pub(super) fn note(&mut self, downloaded: u64, now: Time) {
        if downloaded != self.downloaded {
            self.downloaded = downloaded;
            self.last = now;
        }
    }

    /// Begins anew: no data can come at the moment.
    pub(super) fn renew(&mut self, now: Time) {
        self.last = now;
    }

    /// Fails if no peer is left to fetch from (`alone`), or if no data has come for too
    /// long; `reason` explains why.
    pub(super) fn judge(
        &self,
        alone: bool,
        now: Time,
        reason: impl FnOnce() -> String,
    ) -> Result<(), SessionError> {
        if alone {
            return Err(SessionError::NoPeers(reason()));
        }
        let waited = now.saturating_sub(self.last);
        if waited >= self.limit {
            let reason = reason();
            return Err(SessionError::Stalled { waited, reason });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_when_nothing_comes() {
        let seconds = Duration::from_secs;
        let mut patience = Patience::new(seconds(10));
        patience.note(5, seconds(8));
        patience.note(5, seconds(12));
        let judge = |alone, now| patience.judge(alone, seconds(now), || "why".to_owned());
        assert!(judge(false, 17).is_ok());
        let stalled = judge(false, 18).unwrap_err();
        assert_eq!(stalled.to_string(), "nothing came for 10 s: why");
        let nobody = judge(true, 9).unwrap_err();
        assert_eq!(nobody.to_string(), "no peer is left: why");
    }
}
