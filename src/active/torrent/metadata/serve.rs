//! The info dictionary is served to peers (BEP 9).

use crate::active::machine::Connection;
use crate::torrent::Content;
use crate::wire::extension::METADATA_PIECE;

/// Sends a piece of the info dictionary, or rejects the request.
pub(in crate::active::torrent) fn serve(
    content: Option<&Content>,
    connection: &mut Connection,
    piece: u32,
) {
    // A peer that requests more without reading what was sent is rejected (BEP 9).
    let content = content.filter(|_| !connection.is_backlogged());
    let metadata = content.map_or(&[][..], |content| content.info.bytes());
    let start = u64::from(piece) * METADATA_PIECE;
    match metadata.get(usize::try_from(start).unwrap_or(usize::MAX)..) {
        Some(rest) if !rest.is_empty() => {
            let end = rest.len().min(METADATA_PIECE as usize);
            connection.metadata_piece(piece, metadata.len() as u64, &rest[..end]);
        }
        _ => connection.reject_metadata(piece),
    }
}
