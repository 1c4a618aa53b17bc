use super::*;
use crate::flow::{Carrier, Side};
use crate::session::{Acked, Content, Dissection};
use crate::wire::Layout;
use crate::wire::compact::Family;
use crate::wire::http_tracker::Purpose;
use crate::wire::peer::Context;
use crate::wire::udp_tracker::{Context as TrackerContext, Role};

const HERE: &str = "10.0.0.1:40000";

fn end(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn hear(ends: &mut Ends, frame: u64, content: Content<'_>) {
    let at = Stamp {
        frame,
        time: Timestamp::UNKNOWN,
    };
    ends.hear(&Heard {
        stream: 0,
        carrier: Carrier::Tcp,
        src: end(HERE),
        dst: end("10.0.0.9:6969"),
        from: Side::Initiator,
        conversation: None,
        transition: None,
        acked: Acked::NOTHING,
        offset: 0,
        length: 0,
        bytes: &[],
        missing: 0,
        unsent: 0,
        first: at,
        last: at,
        fields: None,
        content,
    });
}

/// An extended message, whose ids the receiver has not announced.
fn hear_extended(ends: &mut Ends, id: u8, body: &[u8]) {
    let mut bytes = (body.len() as u32 + 2).to_be_bytes().to_vec();
    bytes.extend([20, id]);
    bytes.extend(body);
    hear_bytes(ends, Layout::Peer(Context::default()), &bytes);
}

/// A message that is read by this layout.
fn hear_bytes(ends: &mut Ends, layout: Layout<'_>, bytes: &[u8]) {
    let read = layout.dissect(bytes, bytes.len(), &mut ()).unwrap();
    hear(ends, 3, Dissection::new(&read, layout).into());
}

fn hear_tracker(ends: &mut Ends, role: Role, bytes: &[u8]) {
    let family = Family::V4;
    hear_bytes(
        ends,
        Layout::UdpTracker(TrackerContext { role, family }),
        bytes,
    );
}

fn hear_http(ends: &mut Ends, request: &[u8], response: &[u8]) {
    hear_bytes(ends, Layout::HttpRequest, request);
    hear_bytes(ends, Layout::HttpResponse(Purpose::Announce), response);
}

const PEERS: &[u8] = b"\x01\x02\x03\x04\x1a\xe1\x05\x06\x07\x08\xc8\xd5";

/// Hears one kind of message; gives what names the first and the second of
/// [`PEERS`], and the speaker at port 6881.
fn named(hear: impl FnOnce(&mut Ends)) -> [Option<NamedBy>; 3] {
    let mut ends = Ends::default();
    hear(&mut ends);
    ["1.2.3.4:6881", "5.6.7.8:51413", "10.0.0.1:6881"]
        .map(|text| ends.named(end(text)).map(|naming| naming.by))
}

#[test]
fn every_message_that_names_peers_is_heard() {
    type Case<'c> = (&'c str, [Option<NamedBy>; 3], &'c dyn Fn(&mut Ends));
    let (peer, tracker, by_dht) = (
        Some(NamedBy::Peer),
        Some(NamedBy::Tracker),
        Some(NamedBy::Dht),
    );
    let pex = [
        b"d5:added6:",
        &PEERS[..6],
        b"7:added.f1:\x107:dropped6:",
        &PEERS[6..],
        b"e",
    ]
    .concat();
    let cases: [Case<'_>; 8] = [
        ("ut_pex", [peer, peer, None], &|ends| {
            hear_extended(ends, 1, &pex);
        }),
        (
            "p of the extended handshake",
            [None, None, Some(NamedBy::ExtendedHandshake)],
            &|ends| hear_extended(ends, 0, b"d1:md6:ut_pexi1ee1:pi6881ee"),
        ),
        ("values of the DHT", [by_dht, by_dht, None], &|ends| {
            let bytes = [
                b"d1:rd2:id20:abcdefghij01234567896:valuesl6:",
                &PEERS[..6],
                b"6:",
                &PEERS[6..],
                b"ee1:t2:aa1:y1:re",
            ];
            hear_bytes(ends, Layout::Dht, &bytes.concat());
        }),
        ("announce to the DHT", [None, None, by_dht], &|ends| {
            hear_bytes(
                ends,
                Layout::Dht,
                b"d1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456\
                  4:porti6881e5:token1:xe1:q13:announce_peer1:t2:aa1:y1:qe",
            );
        }),
        (
            "reply of a UDP tracker",
            [tracker, tracker, None],
            &|ends| {
                let head = hex::decode("0000000155667788000007080000000100000002").unwrap();
                hear_tracker(ends, Role::Response, &[&head[..], PEERS].concat());
            },
        ),
        (
            "announce to a UDP tracker",
            [None, None, tracker],
            &|ends| {
                let mut bytes = vec![1; 98];
                bytes[8..12].copy_from_slice(&[0, 0, 0, 1]);
                bytes[96..].copy_from_slice(&6881u16.to_be_bytes());
                hear_tracker(ends, Role::Request, &bytes);
            },
        ),
        ("an HTTP tracker", [tracker, tracker, tracker], &|ends| {
            let body = [b"d5:peers12:", PEERS, b"e"].concat();
            let head = b"HTTP/1.1 200 OK\r\n\r\n";
            hear_http(
                ends,
                b"GET /announce?info_hash=x&port=6881 HTTP/1.1\r\n\r\n",
                &[&head[..], &body].concat(),
            );
        }),
        (
            "local service discovery",
            [None, None, Some(NamedBy::Lsd)],
            &|ends| {
                let announce = b"BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\n\
                    Port: 6881\r\nInfohash: 4b63dcd8472c5eb95c677520e16f8660a014edd7\r\n\r\n\r\n";
                hear_bytes(ends, Layout::Lsd, announce);
            },
        ),
    ];
    for (name, expected, hear) in cases {
        assert_eq!(named(hear), expected, "{name}");
    }
}

#[test]
fn the_port_counts_and_the_first_naming_stays() {
    let mut ends = Ends::default();
    let stamp = |frame| Stamp {
        frame,
        time: Timestamp::UNKNOWN,
    };
    ends.accepted(end("[::ffff:1.2.3.4]:6881"), stamp(7));
    hear_extended(
        &mut ends,
        1,
        &[b"d5:added12:", PEERS, b"7:added.f2:\0\0e"].concat(),
    );
    let first = Naming {
        by: NamedBy::Connection,
        frame: 7,
    };
    assert_eq!(ends.standing(end("1.2.3.4:6881")), Standing::Peer(first));
    assert_eq!(ends.standing(end("1.2.3.4:6882")), Standing::Unknown);
    ends.accepted(end("1.2.3.4:0"), stamp(8));
    ends.accepted(end("0.0.0.0:6881"), stamp(8));
    assert_eq!(ends.named(end("1.2.3.4:0")), None);
    assert_eq!(ends.named(end("0.0.0.0:6881")), None);
}
