//! Rules on the DHT, trackers, local discovery, uTP and encryption. What one
//! message shows is found by its dissector.

use super::Ending;
use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;
use crate::findings::scene::Scene;
use crate::flow::Side;
use crate::session::Encryption;

pub static DT_01: Rule = Rule::error("DT-01", 5, "a DHT message that lacks what it must have").explained(
    "A message has t, y, and by its type q and a, r, or e; ids, targets and info-hashes have 20 bytes.",
    "It is dropped, or answered with error 203.",
    "Compare the keys with BEP 5.",
);
pub static DT_03: Rule = Rule::error("DT-03", 5, "a list of nodes or peers with a part of one")
    .explained(
        "nodes have 26 bytes each, nodes6 38, values 6 or 18.",
        "The list is thrown away.",
        "Write id, address and port of each as raw bytes.",
    );
pub static DT_06: Rule = Rule::warning("DT-06", 5, "an announce of port 1 without implied_port").explained(
    "Some clients write port 1 and mean the port of the datagram; that is what implied_port=1 says.",
    "Nodes name a peer at port 1, where nobody is.",
    "Write implied_port=1, or the port that is listened on.",
);
pub static DT_07: Rule = Rule::warning("DT-07", 5, "a port message without the DHT bit")
    .deed("sent a port message to a peer without the DHT")
    .explained(
        "port is for peers that set reserved[7] & 0x01.",
        "Old clients close the connection at a message that they do not know.",
        "Set the bit if you run a node, and look at the other's handshake.",
    )
    .needs(&[Evidence::Handshakes]);
pub static DT_08: Rule = Rule::error("DT-08", 5, "bencode of the DHT that is not in its one form")
    .explained(
        "Keys are sorted and unique, integers have no leading zeros, and nothing follows.",
        "Some nodes drop the message, and firewalls do not recognise it.",
        "Sort keys as raw bytes.",
    );
pub static DT_09: Rule = Rule::info("DT-09", 5, "a node that nobody can reach").explained(
    "Nodes have a port above 0 and an address that others can reach.",
    "Others send queries in vain; libtorrent drops such nodes.",
    "Leave out private, loopback and multicast addresses and port 0 when you answer.",
);
pub static DT_12: Rule = Rule::error("DT-12", 44, "an item of BEP 44 that cannot be checked")
    .explained(
        "A public key has 32 bytes, a signature 64.",
        "Nodes refuse to store it (error 203, 206).",
        "Sign the bencoded salt, seq and v with ed25519.",
    );
pub static DT_13: Rule = Rule::warning("DT-13", 5, "port 0 in the DHT").explained(
    "Nobody can be reached at port 0.",
    "A query to it goes nowhere; an announce with it names a peer that does not exist.",
    "Use implied_port=1, or the port that you listen on.",
);
pub static DT_14: Rule = Rule::error("DT-14", 5, "a value of the wrong type in a DHT message")
    .explained(
        "A key has a value of another type than its BEP says.",
        "The message is dropped or answered with error 203.",
        "Write ids and addresses as strings, numbers as integers.",
    );
pub static TK_01: Rule = Rule::error(
    "TK-01",
    3,
    "an announce without a usable info_hash or peer_id",
)
.explained(
    "info_hash and peer_id are 20 raw bytes each, percent-encoded.",
    "Trackers answer with a failure reason.",
    "Encode the raw 20 bytes, not their 40 hex digits; a space is %20.",
);
pub static TK_02: Rule = Rule::error("TK-02", 3, "a tracker's reply that cannot be used")
    .explained(
        "A reply is a bencoded dictionary with interval and peers, or with failure reason.",
        "Clients show an error and try again later.",
        "Write one dictionary with sorted keys, and nothing behind it.",
    );
pub static TK_03: Rule = Rule::error("TK-03", 23, "a compact list with a part of a peer")
    .explained(
        "peers have 6 bytes each, peers6 18.",
        "The list is thrown away.",
        "Write address and port as raw bytes.",
    );
pub static TK_06: Rule = Rule::error("TK-06", 15, "a message of a UDP tracker that breaks its layout").explained(
    "Requests have 16 bytes (connect), 98 or more (announce); replies 16, 20 and 6 a peer (18 for IPv6).",
    "It is dropped: the other side waits and repeats.",
    "Compare lengths and actions with BEP 15.",
);
pub static TK_10: Rule = Rule::warning("TK-10", 3, "peers without address or port").explained(
    "peers is a compact string, or a list of dictionaries with ip and port.",
    "The peers are passed over.",
    "Write ip as text and port as a number.",
);
pub static TK_11: Rule = Rule::error("TK-11", 3, "a value of the wrong type from or to a tracker")
    .explained(
        "A key has a value of another type than its BEP says.",
        "It is passed over, or the whole reply is.",
        "Write numbers as integers.",
    );
pub static TK_12: Rule = Rule::error("TK-12", 3, "HTTP that is not in order").explained(
    "The head ends with an empty line, and the body has the length that it says.",
    "Proxies and strict clients refuse it.",
    "Use CR LF, and Content-Length or chunks.",
);
pub static TK_13: Rule = Rule::error("TK-13", 3, "an announce without a port").explained(
    "port says where the peer listens.",
    "Trackers refuse it, or name a peer that cannot be reached.",
    "Write port in every announce.",
);
pub static TK_14: Rule = Rule::error("TK-14", 48, "a scrape of a hash that is none").explained(
    "An info-hash has 20 bytes.",
    "The tracker leaves it out of its reply.",
    "Encode the raw 20 bytes.",
);
pub static TK_15: Rule = Rule::warning("TK-15", 15, "an announce of port 0").explained(
    "port says where the peer listens.",
    "The tracker names a peer that nobody can reach.",
    "Write the port that you listen on.",
);
pub static LS_01: Rule = Rule::error("LS-01", 14, "a local announce that cannot be read").explained(
    "BT-SEARCH * HTTP/1.1 with Host, Port and one Infohash or more of 40 hex digits, ended by an empty line, 1400 bytes at most.",
    "Clients in the same network do not find each other.",
    "Compare with BEP 14; end lines with CR LF.",
);
pub static UT_01: Rule = Rule::error("UT-01", 29, "a uTP packet that breaks its layout").explained(
    "Version 1, types 0 to 4, a chain of extensions that ends within the packet, selective ACKs of 4 bytes or a multiple.",
    "The packet is dropped.",
    "Compare the header with BEP 29.",
);
pub static UT_03: Rule = Rule::warning(
    "UT-03",
    29,
    "data where there is none, or none where there is",
)
.explained(
    "ST_DATA brings data, ST_STATE and ST_SYN bring none.",
    "Sequence numbers of the two sides drift apart.",
    "Count seq_nr up for ST_DATA, ST_FIN and ST_SYN only.",
);
pub static UT_08: Rule = Rule::warning("UT-08", 29, "an extension of uTP that is not known")
    .explained(
        "Known are the selective ACK (1), extension bits (2) and the close reason (3).",
        "It is passed over.",
        "Leave it out unless the other side announced it.",
    );
pub static MS_E2: Rule = Rule::error("MS-E2", 0, "an MSE negotiation that breaks its layout").explained(
    "Padding has 512 bytes at most, the verification constant is eight zero bytes, and the acceptor selects one of the offered methods.",
    "The other side closes the connection, often after a timeout.",
    "Compare with the specification of Message Stream Encryption.",
);

pub static MS_E1: Rule = Rule::info("MS-E1", 0, "an encrypted connection").explained(
    "The connection begins with a negotiation of Message Stream Encryption (MSE), at an end that is a peer's.",
    "What is said on it cannot be read, and no rule on messages is judged.",
    "Write the keys down (--keylog FILE), read them out of the client (peerscope keys), or switch encryption off on one side for the test.",
);

pub static RULES: &[&Rule] = &[
    &DT_01, &DT_03, &DT_06, &DT_07, &DT_08, &DT_09, &DT_12, &DT_13, &DT_14, &TK_01, &TK_02, &TK_03,
    &TK_06, &TK_10, &TK_11, &TK_12, &TK_13, &TK_14, &TK_15, &LS_01, &UT_01, &UT_03, &UT_08, &MS_E1,
    &MS_E2,
];

/// The end: whether anything could be read.
pub fn conclude(ending: &mut Ending<'_>) {
    let ended = ending.ended;
    let is_silent = |side| ended.conversation.speaker(side).counts.total() == 0;
    let is_encrypted = matches!(
        ended.encryption,
        Encryption::MseRc4 | Encryption::MseUnknown
    );
    if is_encrypted && Side::BOTH.into_iter().all(is_silent) {
        let method = match ended.encryption {
            Encryption::MseRc4 => "MSE, then RC4",
            _ => "MSE, as far as can be seen",
        };
        let words = format!("{method}: what is said cannot be read");
        ending.find(&MS_E1, Side::Initiator, ended.connection.first, words);
    }
}

/// A `port` message.
pub fn port(scene: &mut Scene<'_>) {
    let bits = [scene.me(), scene.other()].map(|speaker| speaker.handshake);
    if let [Some(mine), Some(theirs)] = bits
        && !(mine.reserved.dht() && theirs.reserved.dht())
    {
        let whose = if mine.reserved.dht() {
            "the receiver"
        } else {
            "the sender"
        };
        scene.find(
            &DT_07,
            format!("{}; {whose} has not set the DHT bit", scene.message),
        );
    }
}
