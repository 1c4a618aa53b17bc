//! What became of a side's requests, to be kept when the connection is over.

use super::latency::Latencies;
use super::ledger::{Fates, Ledger};

/// The figures of a ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestFigures {
    /// What became of them.
    pub fates: Fates,
    /// Requests that are open: neither answered, nor cancelled or choked away.
    pub open: u64,
    /// Open requests that were forgotten to keep the bounds.
    pub forgotten: u64,
    /// The most requests that were open at once.
    pub deepest: u64,
    /// Times from a request to its piece; `None` where no piece came.
    pub latency: Option<LatencyFigures>,
}

/// Times from a request to its piece, or from a packet to its acknowledgement, in
/// nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LatencyFigures {
    /// The shortest.
    pub min: i64,
    /// Half of them are not longer, to within 3 %; `None` where memory was spent.
    pub median: Option<i64>,
    /// 95 of 100 are not longer, to within 3 %.
    pub p95: Option<i64>,
    /// The longest.
    pub max: i64,
}

impl LatencyFigures {
    /// Those of `latencies`; `None` where there are none.
    pub(super) fn of(latencies: &Latencies) -> Option<Self> {
        let (min, max) = latencies.min().zip(latencies.max())?;
        Some(Self {
            min,
            median: latencies.percentile(50),
            p95: latencies.percentile(95),
            max,
        })
    }
}

impl From<&Ledger> for RequestFigures {
    fn from(ledger: &Ledger) -> Self {
        Self {
            fates: ledger.fates(),
            open: ledger.open() as u64,
            forgotten: ledger.forgotten(),
            deepest: ledger.deepest() as u64,
            latency: ledger.latencies().and_then(LatencyFigures::of),
        }
    }
}
