//! What a side began with instead of a handshake: whether the capture has what came
//! before it is known when the connection is over.

use super::finding::Finding;
use crate::session::Charge;

/// A finding that waits for that.
#[derive(Debug)]
pub struct FirstWord {
    /// What was found.
    pub finding: Finding,
    /// What it takes in memory.
    _charge: Charge,
}

impl FirstWord {
    /// Holds it, if `charge` has the memory.
    pub fn new(finding: Finding, mut charge: Charge) -> Option<Self> {
        let is_affordable = charge.grow(finding.cost() + size_of::<Self>());
        is_affordable.then_some(Self {
            finding,
            _charge: charge,
        })
    }
}
