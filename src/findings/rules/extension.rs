//! Rules of the extension protocol (BEP 10) and of small extensions.

use std::net::SocketAddr;

use super::{handshake, metadata, peers};
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::{Scene, span};
use crate::flow::Side;
use crate::wire::Severity;
use crate::wire::extension::{
    Body, Extended, ExtendedHandshake, ExtendedId, Extension, ExtensionName, HolepunchType,
    LtDonthave, UtHolepunch,
};

/// An extended handshake comes "immediately after" the handshake.
const LATE_NANOS: i64 = 2_000_000_000;
const LATE_MESSAGES: u32 = 20;

pub static EX_01: Rule = Rule::error(
    "EX-01",
    10,
    "an extended message to a peer without the extension protocol",
)
.deed("sent an extended message to a peer without the extension protocol")
.explained(
    "Message 20 may be sent only to peers that set reserved[5] & 0x10.",
    "Transmission and others close the connection or pass over it.",
    "Look at the other's handshake before you send message 20.",
)
.needs(&[Evidence::Handshakes]);
pub static EX_02: Rule = Rule::error("EX-02", 10, "an extended id that the receiver did not announce")
    .deed("sent an extended id that was not announced").explained(
        "Extended messages carry the id that their *receiver* announced for the extension in its `m`, not the sender's own.",
        "The receiver takes it for another extension, or passes over it: metadata or peers never arrive.",
        "Look the id up in the other side's extended handshake.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole, Evidence::ExtendedHandshake]);
pub static EX_03: Rule = Rule::error(
    "EX-03",
    10,
    "an extension that the receiver had switched off",
)
.deed("used an extension that the receiver had switched off")
.explained(
    "An id of 0 in `m` switches an extension off.",
    "The message is passed over, or the connection is closed.",
    "Take in each extended handshake, not only the first.",
)
.needs(&[
    Evidence::Handshakes,
    Evidence::Whole,
    Evidence::ExtendedHandshake,
]);
pub static EX_04: Rule = Rule::error("EX-04", 10, "ids in `m` that cannot be used")
    .deed("announced ids of extensions that cannot be used")
    .explained(
        "Each name in `m` has a number of its own from 1 to 255; 0 switches it off.",
        "The other side cannot send these messages, or sends the wrong ones.",
        "Give each extension its own small number.",
    );
pub static EX_05: Rule = Rule::info("EX-05", 10, "a late extended handshake")
    .explained(
        "The extended handshake follows the handshake immediately.",
        "Until then the other side cannot use any extension: no metadata, no PEX, no reqq.",
        "Send it first, before the bitfield.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static EX_06: Rule = Rule::error("EX-06", 3, "bencode that is not in its one form").deed("sent what is no sound bencode").explained(
    "Keys of a dictionary are sorted and unique; integers have no leading zeros.",
    "Strict parsers refuse the whole message; those that take the first or the last of two keys disagree.",
    "Sort keys as raw bytes, and write each once.",
);
pub static EX_07: Rule = Rule::warning(
    "EX-07",
    10,
    "a value that cannot be in an extended handshake",
)
.deed("announced a value that cannot be")
.explained(
    "yourip has 4 or 16 bytes, ipv4 4, ipv6 16; p is a port; reqq is above 0.",
    "The value is passed over; a reqq of 0 keeps some clients from ever asking.",
    "Write addresses as raw bytes, numbers as integers.",
);
pub static EX_08: Rule = Rule::info("EX-08", 10, "yourip is not the address of the other side")
    .explained(
        "`yourip` is the receiver's address as the sender sees it.",
        "A translation of addresses (NAT) explains it; without one the client takes a wrong address for its own.",
        "Write the address of the socket's other end, 4 bytes for IPv4.",
    );
pub static EX_09: Rule = Rule::error(
    "EX-09",
    10,
    "a value of the wrong type in an extended message",
)
.deed("sent a value of the wrong type")
.explained(
    "A key of the dictionary has a value of another type than its BEP says.",
    "It is passed over, or the whole message is.",
    "Write numbers as integers and bytes as strings.",
);
pub static EX_10: Rule = Rule::warning("EX-10", 0, "a truth value that is neither 0 nor 1")
    .deed("sent a truth value that is neither 0 nor 1")
    .explained(
        "Such values are 0 or 1.",
        "Clients that compare with 1 take it for false.",
        "Write 1 for true.",
    );
pub static EX_11: Rule = Rule::error("EX-11", 10, "an extended message that breaks its layout")
    .deed("sent an extended message that breaks its layout")
    .explained(
        "The payload is not what its extension lays down.",
        "The message is passed over, or the connection is closed.",
        "Compare the bytes with the BEP of the extension.",
    );
pub static DH_01: Rule = Rule::error("DH-01", 54, "lt_donthave that means nothing")
    .deed("sent an lt_donthave that means nothing")
    .explained(
        "lt_donthave has one piece number of 4 bytes, of a piece that was announced before.",
        "libtorrent closes the connection where the number is out of range.",
        "Send it only for pieces that the other side was told of.",
    )
    .needs(&[Evidence::Whole]);
pub static HP_01: Rule = Rule::error("HP-01", 55, "a ut_holepunch message that breaks its layout")
    .deed("sent a ut_holepunch message that breaks its layout")
    .explained(
        "Type 0 to 2, address type 0 or 1, the address, a port, and an error code.",
        "The message is passed over: no connection comes about.",
        "Compare the bytes with BEP 55.",
    );

pub static HP_02: Rule = Rule::warning("HP-02", 55, "a holepunch error in answer to connect")
    .deed("answered a connect of ut_holepunch with an error").explained(
        "An error answers a rendezvous, and comes from the relay. connect is the relay's own word, and has no answer.",
        "The relay takes it for a message of another exchange.",
        "Try to connect, and say nothing where that fails.",
    )
    .needs(&[Evidence::ExtendedHandshake]);

pub static RULES: &[&Rule] = &[
    &EX_01, &EX_02, &EX_03, &EX_04, &EX_05, &EX_06, &EX_07, &EX_08, &EX_09, &EX_10, &EX_11, &DH_01,
    &HP_01, &HP_02,
];

/// Within so many bytes the first key of a message stands.
const MAX_KEYS_BYTES: usize = 16;

/// Length prefix, id and extended id.
const EXTENDED_HEADER: usize = 6;

/// An extended message.
pub fn hear(scene: &mut Scene<'_>, extended: &Extended<'_>) {
    let receiver = scene.other().handshake;
    if receiver.is_some_and(|receiver| !receiver.reserved.extension()) {
        let words = format!(
            "{}; the receiver has not set the bit of BEP 10",
            scene.message
        );
        scene.find(&EX_01, words);
    }
    let sender = scene.me().handshake;
    if sender.is_some_and(|sender| !sender.reserved.extension()) {
        let words = format!(
            "{}; the sender has not set the bit of BEP 10",
            scene.message
        );
        scene.find_as(&EX_01, Severity::Warning, words);
    }
    if extended.id != ExtendedId::HANDSHAKE {
        own_id(scene, extended);
    }
    let payload = scene.heard.bytes.get(EXTENDED_HEADER..).unwrap_or_default();
    if payload.starts_with(b"{") {
        let words = "JSON, where a bencoded dictionary is due".to_owned();
        scene.explain(&EX_06, words);
    }
    match &extended.body {
        Body::Handshake(handshake) => handshaken(scene, handshake),
        Body::UtMetadata(message) => metadata::hear(scene, message),
        Body::UtPex(pex) => peers::pex(scene, pex),
        Body::LtDonthave(donthave) => lost(scene, *donthave),
        Body::UtHolepunch(message) => holepunch(scene, message),
        _ => {}
    }
}

/// A message of `ut_holepunch`.
fn holepunch(scene: &mut Scene<'_>, message: &UtHolepunch) {
    let is_error = message.msg_type == HolepunchType::ERROR;
    if is_error && scene.theirs().holepunch == Some(HolepunchType::CONNECT) {
        scene.find(
            &HP_02,
            "an error, and the last word of the other was connect".to_owned(),
        );
    }
    scene.mine().holepunch = Some(message.msg_type);
}

/// An id of the sender's own map where the receiver's was due.
fn own_id(scene: &mut Scene<'_>, extended: &Extended<'_>) {
    let (me, other) = (scene.me(), scene.other());
    let (Some(own), Some(theirs)) = (&me.extensions, other.usable_extensions()) else {
        return;
    };
    let read_as = theirs.name(extended.id).and_then(ExtensionName::known);
    if let Some(read_as) = read_as.filter(|_| theirs.retired(extended.id).is_none())
        && let Some(meant) = own.name(extended.id).and_then(ExtensionName::known)
        && meant != read_as
        && is_of(meant, scene.heard.bytes)
    {
        let words = format!(
            "id {} is {} at the receiver; this is {}, which has that id at the sender",
            extended.id.0,
            read_as.name(),
            meant.name()
        );
        return scene.find(&EX_02, words);
    }
    let is_unknown = theirs.name(extended.id).is_none() && theirs.retired(extended.id).is_none();
    let Some(name) = own.name(extended.id).filter(|_| is_unknown) else {
        return;
    };
    let words = format!(
        "id {} is the sender's own for {}; the receiver did not announce it",
        extended.id.0,
        name.text()
    );
    // The dissector has found it; here is what was done instead.
    scene.explain(&EX_02, words);
}

/// Whether a message has the key by which those of an extension are known.
fn is_of(extension: Extension, message: &[u8]) -> bool {
    let key = match extension {
        Extension::UtMetadata => &b"8:msg_type"[..],
        Extension::UtPex => b"5:added",
        _ => return false,
    };
    message
        .windows(key.len())
        .take(MAX_KEYS_BYTES)
        .any(|bytes| bytes == key)
}

fn handshaken(scene: &mut Scene<'_>, handshake: &ExtendedHandshake<'_>) {
    metadata::announced(scene, handshake);
    if let Some(yourip) = handshake.yourip.map(|ip| ip.to_canonical()) {
        let seen = scene.heard.dst.ip().to_canonical();
        if yourip != seen && yourip.is_ipv4() == seen.is_ipv4() {
            scene.find(&EX_08, format!("yourip {yourip}, sent to {seen}"));
        }
    }
    listens(scene, handshake);
    peers::announced(scene, handshake);
    if let Some(v) = handshake.v {
        handshake::named(scene, v);
    }
    let mine = scene.mine();
    mine.extended_handshakes += 1;
    if mine.extended_handshakes > 1 || !scene.is_sender_whole() {
        return;
    }
    let Some(began) = scene.me().milestones.handshake else {
        return;
    };
    let after = scene.now().since(began.time);
    let before = scene.mine().messages;
    if after > LATE_NANOS || before > LATE_MESSAGES {
        let words = format!("{} and {before} messages after the handshake", span(after));
        scene.find(&EX_05, words);
    }
}

/// The initiator says on which port it listens: by that others know the connection.
fn listens(scene: &mut Scene<'_>, handshake: &ExtendedHandshake<'_>) {
    let port = handshake.p.and_then(|port| u16::try_from(port).ok());
    let is_first = scene.watch.listening.is_none() && scene.heard.from == Side::Initiator;
    if let Some(port) = port.filter(|port| *port > 0 && is_first) {
        let end = SocketAddr::new(scene.heard.src.ip(), port);
        scene.watch.listening = Some(end);
        let host = scene.heard.dst.ip();
        scene.discovery.ties(host, end, scene.heard.last);
    }
}

fn lost(scene: &mut Scene<'_>, donthave: LtDonthave) {
    let piece = donthave.piece;
    let pieces = &scene.me().pieces;
    let is_known = pieces.is_complete_record() && scene.is_sender_whole();
    let beyond = scene
        .conversation
        .pieces()
        .filter(|pieces| piece >= *pieces);
    if let Some(pieces) = beyond {
        scene.find(
            &DH_01,
            format!("piece {piece} of a torrent of {pieces} pieces"),
        );
    } else if is_known && !pieces.has(piece) {
        let words = format!("piece {piece} was never announced");
        scene.find_as(&DH_01, Severity::Warning, words);
    }
    scene.mine().lost = Some(scene.now());
    scene.remember(|mine| &mut mine.lost_pieces, piece);
}
