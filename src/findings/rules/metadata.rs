//! Rules on the exchange of the info dictionary (BEP 9).

use super::ending::Ending;
use crate::findings::dictionary::Dictionary;
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::Scene;
use crate::findings::watch::MetadataRequest;
use crate::flow::Side;
use crate::wire::extension::{ExtendedHandshake, METADATA_PIECE, MetadataType, UtMetadata};
use crate::wire::words::Count;

/// A request that is not answered for so long is lost.
const UNANSWERED_NANOS: i64 = 30_000_000_000;

/// So often the same piece is asked for by a client that does not learn.
const MANY: u32 = 10;

pub static MD_01: Rule = Rule::warning("MD-01", 9, "metadata_size changes, or is absurd")
    .deed("changed its metadata_size, or sent an absurd one")
    .explained(
        "metadata_size is the length of the info dictionary, which never changes.",
        "Clients that have begun with one size throw away what they have.",
        "Send the size of the bencoded info dictionary, or leave it out until it is known.",
    );
pub static MD_02: Rule = Rule::error("MD-02", 9, "a request for metadata that does not exist")
    .deed("asked for metadata that does not exist").explained(
        "Pieces of metadata are 16384 bytes each, counted from 0, within the receiver's metadata_size.",
        "It is rejected or never answered.",
        "Ask for ceil(metadata_size / 16384) pieces.",
    )
    .needs(&[Evidence::ExtendedHandshake]);
pub static MD_03: Rule = Rule::error("MD-03", 9, "a piece of metadata of the wrong length")
    .deed("sent a piece of metadata of the wrong length")
    .explained(
        "All pieces of metadata but the last have 16384 bytes.",
        "The info dictionary never fits its hash.",
        "Cut the bencoded info dictionary into pieces of 16384 bytes.",
    )
    .needs(&[Evidence::ExtendedHandshake]);
pub static MD_04: Rule = Rule::error("MD-04", 9, "total_size is not metadata_size")
    .deed("sent a total_size that is not its metadata_size")
    .explained(
        "total_size of a data message repeats the metadata_size of the extended handshake.",
        "Clients throw the data away or close.",
        "Write the length of the info dictionary in both.",
    )
    .needs(&[Evidence::ExtendedHandshake]);
pub static MD_05: Rule = Rule::warning("MD-05", 9, "a reject that says it is data").deed("sent a reject of metadata with data").explained(
    "msg_type 1 without total_size and without data: the typing error of BEP 9's own example of a reject.",
    "The receiver takes it for an empty piece.",
    "A reject is msg_type 2.",
);
pub static MD_06: Rule = Rule::warning("MD-06", 9, "a request for metadata without an answer")
    .explained(
        "A request is answered by data or by a reject.",
        "A magnet link waits for ever, or the same piece is asked for a thousand times.",
        "Answer or reject. On the asking side: wait longer each time, and ask others.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static MD_07: Rule = Rule::error("MD-07", 9, "metadata that does not fit the info-hash")
    .deed("brought metadata that does not fit the info-hash")
    .explained(
        "All pieces of the info dictionary are there, and their hash is not the info-hash of the handshakes.",
        "The receiver throws all of it away, asks again, and may ban the sender.",
        "Send the info dictionary byte for byte as it is in the torrent: never parse and write it again.",
    )
    .needs(&[Evidence::Handshakes]);
pub static MD_08: Rule = Rule::info("MD-08", 9, "metadata is refused by a peer that has it")
    .explained(
        "The peer announced metadata_size and rejects a request.",
        "libtorrent and Transmission limit how many they serve.",
        "Ask again later, or ask others.",
    )
    .needs(&[Evidence::ExtendedHandshake]);
pub static MD_09: Rule = Rule::warning("MD-09", 9, "a metadata_size that cannot be")
    .deed("sent a metadata_size that cannot be")
    .explained(
        "An info dictionary has more than 0 bytes.",
        "Clients divide by it, or wait for metadata that never comes.",
        "Leave metadata_size out while the info dictionary is not known.",
    );
pub static MD_10: Rule = Rule::error("MD-10", 9, "more than 16 KiB of metadata in a message")
    .deed("sent more than 16 KiB of metadata in a message")
    .explained(
        "A piece of metadata has 16384 bytes at most.",
        "It is thrown away; some clients close.",
        "Cut the info dictionary into pieces of 16384 bytes.",
    );
pub static MD_11: Rule = Rule::error("MD-11", 9, "metadata without total_size")
    .deed("sent metadata without total_size")
    .explained(
        "A data message says total_size.",
        "Clients that check it throw the data away.",
        "Write total_size in every data message.",
    );
pub static MD_12: Rule = Rule::error("MD-12", 9, "ut_metadata without msg_type or piece")
    .deed("sent ut_metadata without msg_type or piece")
    .explained(
        "Each message says its msg_type and its piece.",
        "It is passed over.",
        "Write both, as integers.",
    );

pub static RULES: &[&Rule] = &[
    &MD_01, &MD_02, &MD_03, &MD_04, &MD_05, &MD_06, &MD_07, &MD_08, &MD_09, &MD_10, &MD_11, &MD_12,
];

/// An extended handshake.
pub fn announced(scene: &mut Scene<'_>, handshake: &ExtendedHandshake<'_>) {
    let before = scene.me().limits.metadata_size.filter(|size| *size > 0);
    if let (Some(before), Some(size)) = (before, handshake.metadata_size)
        && before != size
    {
        scene.find(
            &MD_01,
            format!("metadata_size {size}, and before it {before}"),
        );
    }
}

/// A message of `ut_metadata`.
pub fn hear(scene: &mut Scene<'_>, message: &UtMetadata<'_>) {
    let Some(piece) = message.piece else {
        return;
    };
    match message.msg_type {
        Some(MetadataType::REQUEST) => request(scene, piece),
        Some(MetadataType::DATA) => data(scene, message, piece),
        Some(MetadataType::REJECT) => {
            answered(scene, piece);
            let size = scene.me().limits.metadata_size.filter(|size| *size > 0);
            // What is beyond its end has to be rejected.
            if let Some(size) = size.filter(|size| (0..pieces_of(*size)).contains(&piece)) {
                scene.find(&MD_08, format!("rejects piece {piece} of its {size} bytes"));
            }
        }
        _ => {}
    }
}

/// How many pieces an info dictionary of so many bytes has.
fn pieces_of(size: i64) -> i64 {
    size.unsigned_abs().div_ceil(METADATA_PIECE).cast_signed()
}

fn request(scene: &mut Scene<'_>, piece: i64) {
    let size = scene.other().limits.metadata_size.filter(|size| *size > 0);
    if let Some(size) = size
        && piece >= pieces_of(size)
    {
        let words = format!("asks for piece {piece} of {size} bytes");
        scene.find(&MD_02, words);
    }
    let since = scene.heard.last;
    let mine = scene.mine();
    let known = mine.metadata.iter_mut().find(|known| known.piece == piece);
    let times = if let Some(known) = known {
        known.times += 1;
        if known.is_answered {
            (known.is_answered, known.since) = (false, since);
        }
        known.times
    } else {
        let asked = MetadataRequest {
            piece,
            times: 1,
            since,
            is_answered: false,
        };
        scene.remember(|mine| &mut mine.metadata, asked);
        1
    };
    if times == MANY {
        scene.find(
            &MD_06,
            format!("asks for piece {piece} for the {times}th time"),
        );
    }
}

fn data(scene: &mut Scene<'_>, message: &UtMetadata<'_>, piece: i64) {
    answered(scene, piece);
    let size = scene.me().limits.metadata_size.filter(|size| *size > 0);
    if let (Some(size), Some(total)) = (size, message.total_size)
        && size != total
    {
        scene.find(&MD_04, format!("total_size {total}, metadata_size {size}"));
    }
    if scene.heard.missing > 0 {
        return;
    }
    let length = message.data_length as u64;
    // What was announced is what the receiver waits for.
    let announced = UtMetadata {
        total_size: size.or(message.total_size),
        ..*message
    };
    let [own, announced] = [message, &announced].map(UtMetadata::expected_length);
    let is_other = |expected: &u64| *expected != length && length <= METADATA_PIECE;
    let words = |expected: u64| format!("piece {piece} with {length} bytes, not {expected}");
    if let Some(expected) = own.filter(is_other) {
        // The dissector has found it.
        scene.explain(&MD_03, words(expected));
    } else if let Some(expected) = announced.filter(is_other) {
        scene.find(&MD_03, words(expected));
    }
    assemble(scene, message, piece);
}

/// Puts the dictionary of the sender together.
fn assemble(scene: &mut Scene<'_>, message: &UtMetadata<'_>, piece: i64) {
    let Some(info_hash) = scene.me().info_hash() else {
        return;
    };
    let Some(total) = message.total_size else {
        return;
    };
    let budget = scene.gathered.budget();
    let place = &mut scene.watch.dictionaries[scene.heard.from.index()];
    let is_other = |known: &Dictionary| i64::try_from(known.length()) != Ok(total);
    if place.as_deref().is_none_or(is_other) {
        *place = Dictionary::new(total, budget).map(Box::new);
    }
    let is_whole = place
        .as_mut()
        .is_some_and(|dictionary| dictionary.take(piece, message));
    let Some(whole) = place.take_if(|_| is_whole) else {
        return;
    };
    if !whole.is(&info_hash) {
        let words = format!(
            "{} bytes with SHA-1 {}, not {}",
            whole.length(),
            whole.digest(),
            hex::encode(info_hash)
        );
        scene.find(&MD_07, words);
    }
}

fn answered(scene: &mut Scene<'_>, piece: i64) {
    for known in scene.theirs().metadata.iter_mut() {
        if known.piece == piece {
            known.is_answered = true;
        }
    }
}

/// The end: what was never answered.
pub fn conclude(ending: &mut Ending<'_>) {
    if !ending.is_whole() {
        return;
    }
    for side in Side::BOTH {
        let asked = &ending.watch.sides[side.index()].metadata;
        let open = asked.iter().filter(|known| !known.is_answered);
        let overdue = open.filter(|known| ending.since(known.since) > UNANSWERED_NANOS);
        let overdue: Vec<_> = overdue.map(|known| (known.piece, known.since)).collect();
        if let Some((piece, since)) = overdue.first() {
            let words = format!(
                "{} without an answer for 30 s, the first: piece {piece}",
                Count(overdue.len() as u64, "request")
            );
            ending.find(&MD_06, side.other(), *since, words);
        }
    }
}
