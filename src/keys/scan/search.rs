//! The search over bytes of memory.

use super::decoy;
use super::layout;
use super::layout::{Place, Width};
use super::window;

/// Bytes before and behind a permutation that the indices may be in: what two
/// stretches of one mapping must overlap by.
pub const OVERLAP: usize = window::LONGEST + 2 * layout::MARGIN;

/// Finds the permutations in `bytes`, which are at `address`. Several places are
/// given where it is not clear which bytes are the indices.
pub fn scan(bytes: &[u8], address: u64, found: &mut Vec<Place>) {
    for width in Width::ALL {
        window::each(bytes, width, |at, state| {
            if !decoy::is_known(&state) {
                layout::places(bytes, at, width, address, found);
            }
        });
    }
}
