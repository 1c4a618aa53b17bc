//! Rules on handshakes (BEP 3).

use super::ending::Ending;
use super::framing::MS_01;
use super::stray;
use crate::findings::evidence::Evidence;
use crate::findings::finding::{Excerpt, Finding};
use crate::findings::first_word::FirstWord;
use crate::findings::rule::Rule;
use crate::findings::scene::{Scene, span};
use crate::flow::Side;
use crate::wire::Severity;
use crate::wire::client::{self, Client};
use crate::wire::peer::{Framing, HANDSHAKE_LENGTH, Handshake, HandshakeStart, Message};
use crate::wire::words::spoken;

pub static HS_01: Rule = Rule::error("HS-01", 3, "no handshake, or one that is none")
    .deed("began without a proper handshake")
    .explained(
        "Each side begins with a handshake, before any other message: the byte 19 (0x13), the text \"BitTorrent protocol\" in these letters, and 48 bytes more. Nothing stands before it, no end of a line, no length.",
        "Every client closes the connection without a word, or waits for the handshake that never comes.",
        "Send 0x13, the 19 letters, 8 reserved bytes, the info-hash as 20 raw bytes, the peer id as 20 raw bytes, and then everything else; also the side that was dialled answers so.",
    );
pub static HS_02: Rule = Rule::error("HS-02", 3, "the handshakes are about different torrents")
    .deed("answered with another info-hash").explained(
        "Both sides name the same info-hash. Only for hybrid torrents may the acceptor answer with the v2 hash, where both sides set the v2 bit.",
        "The initiator closes the connection at once.",
        "Answer with the info-hash that the initiator sent; if there is no such torrent, close.",
    )
    .needs(&[Evidence::Handshakes]);
pub static HS_03: Rule = Rule::warning("HS-03", 3, "a connection to itself")
    .deed("is the same client, by its peer id")
    .explained(
        "Both peer ids are the same: the client has connected to itself, or two clients share an id.",
        "Clients close such connections, and with a shared id they never connect to each other.",
        "Make a random peer id for each run, and leave your own address out of what you dial.",
    )
    .needs(&[Evidence::Handshakes]);
pub static HS_07: Rule = Rule::info("HS-07", 20, "a peer id that does not tell the client").explained(
    "Most clients begin their peer id with a dash, two letters, four digits and a dash, which name the same client as the `v` of their extended handshake.",
    "Some trackers and clients refuse ids that they do not know, or that are another client's.",
    "Use the style -XX1234- with two letters of your own.",
);

pub static HS_09: Rule = Rule::error("HS-09", 3, "a handshake with another length byte than 19")
    .deed("sent a handshake with another length byte than 19")
    .explained(
        "The first byte of a handshake is the length of \"BitTorrent protocol\": 19, which is 0x13 and not 0x19.",
        "Every client closes the connection without a word. It is the commonest first bug of new clients.",
        "Send the byte 0x13.",
    );

pub static HS_10: Rule = Rule::error("HS-10", 3, "a handshake with parts of the wrong length")
    .deed("sent a handshake with parts of the wrong length")
    .explained(
        "Behind the name come 8 reserved bytes, the info-hash as 20 raw bytes, and 20 bytes of peer id. Here one of them has bytes too many or too few (the zero byte that ends a C string, reserved bytes left out, a v2 info-hash of 32 bytes), or went through a text encoding, or stands there in hex digits.",
        "Every client closes the connection without a word, or waits for bytes that never come.",
        "Keep the info-hash and the whole handshake in bytes, never in text; decode hex digits first; copy 19 letters of the name, not the size of its array; write 8 zero bytes where no extension is supported; cut a v2 info-hash to 20 bytes (BEP 52).",
    );

pub static HS_08: Rule = Rule::warning("HS-08", 3, "what came with the handshake got no reaction")
    .explained(
        "The other side sent messages in the packet of its handshake. This side answered the handshake, and nothing else.",
        "A reader that throws away what is behind byte 68 loses bitfield or extended handshake, and waits for ever.",
        "Keep the bytes behind the handshake in the buffer of the next messages.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Whole]);
pub static V2_05: Rule = Rule::info("V2-05", 52, "the upgrade bit for a torrent without v2")
    .explained(
        "The bit of BitTorrent v2 (reserved[7] & 0x10) offers to go on with the v2 info-hash of a hybrid torrent. This torrent is v1 only.",
        "The other side may look for a v2 swarm that is not there.",
        "Set it for hybrid torrents only.",
    )
    .needs(&[Evidence::Handshakes, Evidence::Torrent]);

pub static RULES: &[&Rule] = &[
    &HS_01, &HS_02, &HS_03, &HS_07, &HS_08, &HS_09, &HS_10, &V2_05,
];

/// Silence of this length is no answer.
const SILENCE_NANOS: i64 = 10_000_000_000;

/// The first message of a side, which is no handshake. Whether the capture has what came
/// before it, the end of the connection tells.
pub fn hear_first(scene: &mut Scene<'_>) {
    let heard = scene.heard;
    let is_handshake = matches!(
        scene.message,
        Message::Handshake(_) | Message::HandshakeStart(_) | Message::Broken(Framing::Handshake, _)
    );
    if heard.offset > 0 || is_handshake || scene.mine().first_word.is_some() {
        return;
    }
    let name = spoken(heard.message_name());
    let words =
        format!("the stream begins with this message, {name}: a handshake is due before it");
    let mut finding = Finding::of(&HS_01, heard, words);
    finding.excerpt = Excerpt::of(heard, None);
    let charge = scene.gathered.budget().charge();
    scene.mine().first_word = FirstWord::new(finding, charge).map(Box::new);
}

/// Clients that call themselves what they are: libraries, and clients that are built upon
/// each other, have names in common.
const PLAIN_SPEAKERS: &[&str] = &[
    "aria2",
    "BiglyBT",
    "BitComet",
    "Deluge",
    "KTorrent",
    "MediaGet",
    "qBittorrent",
    "rqbit",
    "Tixati",
    "Transmission",
    "WebTorrent",
];

/// An extended handshake names its client; whether the peer id has named another.
pub fn named(scene: &mut Scene<'_>, v: &[u8]) {
    let id = scene.me().handshake.map(|own| own.peer_id);
    let own = id.and_then(|id| Client::from_peer_id(&id)?.name());
    let (Some(own), Some(claimed)) = (own, client::of_user_agent(v)) else {
        return;
    };
    let is_plain = |name: &str| PLAIN_SPEAKERS.contains(&name);
    if own != claimed && is_plain(own) && is_plain(claimed) {
        let words = format!("the peer id is that of {own}, and v that of {claimed}");
        scene.find(&HS_07, words);
    }
}

/// The end: who began with something else than a handshake.
fn conclude_first(ending: &mut Ending<'_>) {
    for side in Side::BOTH {
        let first = ending.watch.of(side).first_word.take();
        let is_first = ending.ended.connection.from_start && !ending.may_lack_start(side);
        let Some(first) = first.filter(|_| is_first) else {
            continue;
        };
        // By the other's handshake it is certain what this is.
        let is_certain = ending.speaker(side.other()).handshake.is_some();
        let mut finding = first.finding;
        if !is_certain {
            finding.severity = Severity::Warning;
        }
        if !ending.gathered.is_chosen {
            finding.is_chosen = Some(ending.watch.is_chosen(finding.first.frame));
        }
        ending.gathered.add(finding);
    }
}

/// The end: who said nothing behind its handshake, or began without one.
pub fn conclude(ending: &mut Ending<'_>) {
    conclude_first(ending);
    if !ending.is_whole() {
        return;
    }
    for side in Side::BOTH {
        let is_silent = ending.speaker(side).counts.total() == 1;
        let other = ending.watch.sides[side.other().index()].is_glued;
        let greeting = ending.speaker(side.other()).milestones.handshake;
        if let Some(greeting) = greeting.filter(|_| is_silent && other)
            && !ending.is_lost_in_utp()
            && ending.since(greeting) > SILENCE_NANOS
        {
            let words = format!(
                "messages in #{} behind the handshake, and no reaction for {}",
                greeting.frame,
                span(ending.since(greeting))
            );
            ending.find(&HS_08, side, greeting, words);
        }
    }
}

/// Compares a handshake with that of the other side, if it came before.
pub fn hear(scene: &mut Scene<'_>, mine: &Handshake) {
    if scene.is_sender_whole() && scene.heard.offset > 0 {
        let offset = scene.heard.offset;
        let words = format!("a second handshake, at offset {offset}");
        return scene.find(&MS_01, words);
    }
    if scene.heard.from == Side::Initiator && scene.me().handshake.is_none() {
        let (host, end) = (scene.heard.src.ip(), scene.heard.dst);
        scene.discovery.ties(host, end, scene.heard.last);
    }
    let (Some(theirs), None) = (scene.other().handshake, scene.me().handshake) else {
        return;
    };
    let torrent = scene.conversation.torrent.as_ref();
    let is_v1 = torrent.is_some_and(|torrent| torrent.info().v2_hash().is_none());
    if is_v1 && scene.heard.from == Side::Acceptor && mine.reserved.v2() {
        scene.find(
            &V2_05,
            "the acceptor sets the bit, and the torrent is v1 only".to_owned(),
        );
    }
    if mine.peer_id == theirs.peer_id {
        let client = Client::from_peer_id(&mine.peer_id).map(|client| client.to_string());
        let client = client.unwrap_or_else(|| "a client".to_owned());
        scene.find(&HS_03, format!("both peer ids are the same, of {client}"));
    }
    if mine.info_hash == theirs.info_hash || is_upgrade(scene, mine, &theirs) {
        return;
    }
    if finds_shift(scene, &theirs.info_hash) {
        return;
    }
    let words = format!(
        "info-hash {} after {}",
        hex::encode(mine.info_hash),
        hex::encode(theirs.info_hash)
    );
    let may_upgrade = theirs.reserved.v2() || mine.reserved.v2();
    let severity = if may_upgrade && mine.info_hash != [0; 20] {
        Severity::Warning
    } else {
        Severity::Error
    };
    scene.find_as(&HS_02, severity, words);
}

/// Where in a handshake the info-hash is.
const INFO_HASH_AT: usize = 28;

/// A handshake without its end, which may be due to bytes that it lacks before.
pub fn hear_start(scene: &mut Scene<'_>, mine: &HandshakeStart) {
    if let Some(theirs) = scene.other().handshake
        && theirs.info_hash != mine.info_hash
    {
        finds_shift(scene, &theirs.info_hash);
    }
}

/// Finds that the other side's info-hash stands elsewhere in a handshake than it should;
/// says whether it does.
fn finds_shift(scene: &mut Scene<'_>, hash: &[u8; 20]) -> bool {
    let Some(at) = shifted_hash(scene.heard.bytes, hash) else {
        return false;
    };
    let words =
        format!("the info-hash of the other side stands at offset {at}, not at {INFO_HASH_AT}");
    scene.find(&HS_10, words);
    true
}

/// Where an info-hash stands in a handshake, if that is near to where it should be.
fn shifted_hash(handshake: &[u8], hash: &[u8; 20]) -> Option<usize> {
    let near = INFO_HASH_AT - 8..=INFO_HASH_AT + 8;
    let mut near = near.filter(|at| *at != INFO_HASH_AT);
    near.find(|at| {
        handshake
            .get(*at..)
            .is_some_and(|bytes| bytes.starts_with(hash))
    })
}

/// The first message behind a handshake, where it makes no sense: part of it may have
/// been read as the end of a peer id that is too short.
pub fn hear_next(scene: &mut Scene<'_>) {
    let heard = scene.heard;
    let is_first = scene.mine().messages == 0 && scene.is_sender_whole();
    let is_strange = heard.missing > 0
        || heard.problem().is_some()
        || matches!(scene.message, Message::Unknown { .. });
    let Some(handshake) = scene.me().handshake.filter(|_| is_first && is_strange) else {
        return;
    };
    if let Some((missing, message)) = stray::short_peer_id(&handshake.peer_id, heard.bytes) {
        let length = HANDSHAKE_LENGTH - missing;
        let words = format!("{length} bytes, and then {message}");
        scene.find(&HS_10, words);
    }
}

/// The two hashes are those of one hybrid torrent, as far as is known.
fn is_upgrade(scene: &Scene<'_>, mine: &Handshake, theirs: &Handshake) -> bool {
    match &scene.conversation.torrent {
        Some(torrent) => {
            let mut hashes = torrent.info().info_hashes();
            hashes.any(|hash| hash == mine.info_hash)
        }
        None => mine.reserved.v2() && theirs.reserved.v2() && mine.info_hash != [0; 20],
    }
}
