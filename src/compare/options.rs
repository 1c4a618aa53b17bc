//! How two sessions are compared.

use super::category::Categories;

/// How to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Categories that do not count.
    pub ignored: Categories,
    /// Takes the roles of the second session the other way round.
    pub swap: bool,
    /// Times this close are equal, in nanoseconds; longer ones differ if one is
    /// more than twice the other.
    pub tolerance: i64,
}

impl Options {
    /// Half a second: clients act on timers of up to 500 ms.
    pub const TOLERANCE: i64 = 500_000_000;

    pub(super) fn times_differ(&self, one: i64, other: i64) -> bool {
        let (low, high) = (one.min(other), one.max(other));
        high.saturating_sub(low) > self.tolerance && high > low.saturating_mul(2)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ignored: Categories::default(),
            swap: false,
            tolerance: Self::TOLERANCE,
        }
    }
}
