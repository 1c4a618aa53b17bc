//! Gaps from before a connection has proved to be BitTorrent: they are told once
//! it has.

use crate::flow::{Gap, Side};
use crate::session::budget::{Budget, Charge};

/// Gaps of a connection that are remembered. Of more, nobody learns.
const MAX_GAPS: usize = 64;

/// The gaps of one connection.
#[derive(Debug)]
pub struct EarlyGaps {
    gaps: Vec<(Side, Gap)>,
    charge: Charge,
}

impl EarlyGaps {
    /// None yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            gaps: Vec::new(),
            charge: budget.charge(),
        }
    }

    /// Remembers a gap, if there is room.
    pub fn add(&mut self, from: Side, gap: Gap) {
        if self.gaps.len() < MAX_GAPS && self.charge.reserve(&mut self.gaps, 1) {
            self.gaps.push((from, gap));
        }
    }

    /// Takes them out.
    pub fn take(&mut self) -> Vec<(Side, Gap)> {
        self.charge.release();
        std::mem::take(&mut self.gaps)
    }
}
