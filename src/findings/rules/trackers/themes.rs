//! What the rules say.

use crate::findings::evidence::Evidence;
use crate::findings::rule::Rule;

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
pub static TK_15: Rule = Rule::warning("TK-15", 3, "an announce of port 0").explained(
    "port says where the peer listens.",
    "The tracker names a peer that nobody can reach.",
    "Write the port that you listen on.",
);
pub static TK_04: Rule = Rule::warning("TK-04", 3, "announced again too soon")
    .deed("announced again before the interval was over")
    .explained(
        "A client announces again after the tracker's `interval`, sooner only where `min interval` allows it or where it has an event to tell.",
        "Trackers answer with a failure, or ban.",
        "Wait for the interval, also when peers are few.",
    )
    .needs(&[Evidence::Exchange]);
pub static TK_05: Rule = Rule::warning("TK-05", 3, "started over and over, or never stopped")
    .explained(
        "event=started is sent once, with the first announce; later ones have no event, or completed or stopped. The last one says stopped.",
        "The tracker counts new peers, and statistics begin anew; it names a peer that is gone.",
        "Leave the event out once the first announce was answered, and say stopped before you go.",
    )
    .needs(&[Evidence::Exchange]);
pub static TK_07: Rule = Rule::warning("TK-07", 15, "an id of a UDP tracker that does not hold")
    .explained(
        "A connect request begins with the protocol id 0x41727101980. The connection id that answers it holds for a minute, then the client connects again.",
        "Trackers answer with an error, or not at all.",
        "Write the protocol id in network order; connect again when the connection id is a minute old.",
    )
    .needs(&[Evidence::Exchange]);
pub static TK_08: Rule = Rule::warning("TK-08", 15, "a request repeated too soon")
    .explained(
        "A request to a UDP tracker that is not answered is repeated after 15 s, then after twice as long each time.",
        "It adds to the load of a tracker that is slow already; some ban.",
        "Wait 15 * 2 ^ n seconds.",
    )
    .needs(&[Evidence::Exchange]);
pub static TK_09: Rule = Rule::error("TK-09", 15, "addresses of a UDP tracker in the wrong form").explained(
    "Over IPv6 a tracker answers with peers of 18 bytes; the ip of a request is in network order, and 0 where it is not used.",
    "Peers are read from the wrong bytes: nobody can be reached.",
    "Look at the family of the datagram, not of the peer; write addresses big-endian.",
);
pub static US_02: Rule = Rule::warning("US-02", 21, "a partial seed that does not say paused")
    .explained(
        "A client that has all it wants but not all there is announces with event=paused.",
        "The tracker counts it among those that download, and names it to nobody who could use it.",
        "Send event=paused as long as upload_only=1 and left is not 0.",
    )
    .needs(&[Evidence::Exchange]);

pub static RULES: &[&Rule] = &[
    &TK_01, &TK_03, &TK_04, &TK_05, &TK_06, &TK_07, &TK_08, &TK_09, &TK_10, &TK_11, &TK_12, &TK_13,
    &TK_14, &TK_15, &US_02,
];
