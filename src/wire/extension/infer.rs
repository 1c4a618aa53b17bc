//! What an extended message may be when the receiver's handshake, which gives
//! its id a meaning, is not in the capture.

use super::name::{ExtendedId, Extension};
use super::ut_holepunch;
use crate::wire::bencode::{Document, Node, TokenKind};

/// The ids of libtorrent, the most common client, where the content says too
/// little.
const LIBTORRENT_SHARE_MODE: ExtendedId = ExtendedId(8);

/// Guesses the extension of a message by its body: what of it was captured, and
/// its length.
pub fn infer(id: ExtendedId, body: &[u8], length: usize) -> Option<Extension> {
    if body.first() == Some(&b'd') {
        return Document::parse(body).root().and_then(by_keys);
    }
    match (body, length) {
        ([0 | 1, ..], 1) if id == LIBTORRENT_SHARE_MODE => Some(Extension::ShareMode),
        ([0 | 1, ..], 1) => Some(Extension::UploadOnly),
        (_, 4) => Some(Extension::LtDonthave),
        _ if ut_holepunch::fits(body, length) => Some(Extension::UtHolepunch),
        _ => None,
    }
}

fn by_keys(root: Node<'_, '_>) -> Option<Extension> {
    let has = |key: &str| root.get(key.as_bytes()).is_some();
    if has("msg_type") {
        return if has("piece") {
            Some(Extension::UtMetadata)
        } else if has("num") || has("comments") || has("filter") {
            Some(Extension::UtComment)
        } else {
            None
        };
    }
    if has("port") && has("rport") {
        return Some(Extension::I2pDht);
    }
    if has("added6") || has("dropped6") {
        return Some(Extension::UtPex);
    }
    let list = root.get(b"added").or_else(|| root.get(b"dropped"))?;
    match list.as_bytes() {
        Some(peers) if peers.len() % 6 != 0 && peers.len() % 32 == 0 => Some(Extension::I2pPex),
        Some(_) => Some(Extension::UtPex),
        None => (list.kind() == TokenKind::List).then_some(Extension::LtTex),
    }
}
