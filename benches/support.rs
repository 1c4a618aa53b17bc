//! What the benches share: generated captures in memory.

#[path = "gencap/mod.rs"]
pub mod gencap;
#[path = "../tests/made/records.rs"]
mod records;

use gencap::{Shape, Spec, Summary};
pub use records::Records;

/// A capture in memory, and the truth about it.
pub struct Made {
    bytes: Vec<u8>,
    /// What the generator wrote.
    pub summary: Summary,
}

impl Made {
    /// About `size` bytes of traffic.
    pub fn new(shape: Shape, size: u64) -> Self {
        let mut bytes = Vec::new();
        let spec = Spec {
            shape,
            size,
            seed: 1,
        };
        let summary = gencap::write(spec, &mut bytes).expect("memory takes it");
        Self { bytes, summary }
    }

    /// Reads it from the beginning, at no cost: what is measured comes after.
    pub fn source(&self) -> Records<'_> {
        Records::new(&self.bytes)
    }
}
