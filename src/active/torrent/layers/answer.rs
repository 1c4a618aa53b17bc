//! What is answered to a request for hashes.

use super::{base_layer, parent};
use crate::active::torrent::Content;
use crate::wire::peer::HashRange;

/// The answer to a hash request from a piece layer: base hashes and uncles.
/// `None` for what cannot be answered.
pub(super) fn answer(content: &Content, range: &HashRange) -> Option<Vec<u8>> {
    let base_layer = base_layer(content);
    let layer = content.layers.get(&range.pieces_root)?;
    let width = layer.len().next_power_of_two().max(2) as u32;
    let aligned = range.length.is_power_of_two()
        && (2..=8192).contains(&range.length)
        && range.length <= width
        && range.index.is_multiple_of(range.length)
        && range.index < width;
    if range.base_layer != base_layer || !aligned || range.proof_layers >= width.ilog2() {
        return None;
    }
    let zero = (0..base_layer).fold([0; 32], |zero, _| parent(&zero, &zero));
    let mut level = layer.clone();
    level.resize(width as usize, zero);
    let first = range.index as usize;
    let mut out = level[first..first + range.length as usize].concat();
    let mut at = range.index;
    for height in 0..=range.proof_layers {
        // The uncles below the root of the base hashes follow from these.
        if height >= range.length.ilog2() && level.len() > 1 {
            out.extend_from_slice(&level[(at ^ 1) as usize]);
        }
        let pairs = level.chunks_exact(2);
        level = pairs.map(|pair| parent(&pair[0], &pair[1])).collect();
        at >>= 1;
    }
    let uncles = range.uncles() as usize;
    out.truncate((range.length as usize + uncles) * 32);
    (out.len() == (range.length as usize + uncles) * 32).then_some(out)
}
