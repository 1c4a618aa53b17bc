use proptest::prelude::*;

use super::*;
use crate::wire::Tree;
use crate::wire::testing::assert_partition;

const TWO: &[u8] = b"BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n\
    Infohash: 5d533b039577ed667b5dd6406ce54565f01bf7d7\r\n\
    Infohash: 294150CB4BEB7585D89D5FAF447121FEE5360D82\r\ncookie: 1a2b\r\n\r\n\r\n";

fn read(bytes: &[u8], declared: usize) -> Dissected<Announce<'_>> {
    let mut tree = Tree::new();
    let seen = dissect(bytes, declared, &mut tree);
    assert_partition(&tree, declared);
    assert_eq!(dissect(bytes, declared, &mut ()), seen);
    seen
}

#[test]
fn an_announce_of_two_torrents() {
    let seen = read(TWO, TWO.len());
    assert_eq!(seen.problem, None);
    assert_eq!(
        seen.message.to_string(),
        "announce 5d533b03…f7d7 and 1 more, port 6881"
    );
    assert_eq!(seen.message.host, Some(HOSTS[0].as_bytes()));
    assert_eq!(seen.message.cookie, Some(&b"1a2b"[..]));
    assert_eq!(encode(&seen.message), TWO);
    let mut tree = Tree::new();
    dissect(TWO, TWO.len(), &mut tree);
    let names: Vec<_> = tree
        .nodes()
        .iter()
        .filter_map(|node| Some(node.label.field()?.name))
        .collect();
    assert_eq!(
        names,
        [
            "request_line",
            "host",
            "port",
            "infohashes",
            "infohash",
            "infohash",
            "cookie",
            "end",
            "end"
        ]
    );
}

#[test]
fn leniency_and_its_limits() {
    let reason = |text: &[u8]| match read(text, text.len()).problem {
        Some(Problem::Malformed(malformed)) => malformed.reason(),
        other => panic!("{other:?}"),
    };
    let lenient = b"BT-SEARCH * HTTP/1.1\nHOST:x\nPORT:1\n\
        INFOHASH:5d533b039577ed667b5dd6406ce54565f01bf7d7\n\n";
    assert_eq!(read(lenient, lenient.len()).problem, None);
    assert_eq!(
        reason(&lenient[..lenient.len() - 1]),
        "does not end with an empty line"
    );
    assert_eq!(
        reason(b"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n"),
        "no info-hash"
    );
    assert_eq!(
        reason(b"BT-SEARCH * HTTP/1.1\r\nPort: 70000\r\n\r\n"),
        "not a port"
    );
    assert_eq!(
        reason(b"BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: 12\r\n\r\n"),
        "an info-hash is 40 hex digits"
    );
}

#[test]
fn every_prefix_gives_an_answer() {
    for length in 0..TWO.len() {
        assert_eq!(read(&TWO[..length], TWO.len()).problem, Some(Problem::Cut));
        read(&TWO[..length], length);
    }
}

proptest! {
    #[test]
    fn any_bytes_give_an_answer(
        lines in proptest::collection::vec("[ -~]{0,12}(: ?)?[ -~]{0,12}\r?\n?", 0..8),
        junk in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let bytes = [lines.concat().into_bytes(), junk].concat();
        let seen = read(&bytes, bytes.len() + 1);
        let _ = seen.message.to_string();
    }

    #[test]
    fn reads_what_it_writes(
        port in proptest::option::of(1_u16..),
        hashes in proptest::collection::vec("[0-9a-f]{40}", 0..4),
        cookie in proptest::option::of("[!-~]{1,12}"),
    ) {
        let message = Announce {
            host: Some(HOSTS[1].as_bytes()),
            port,
            info_hashes: hashes.iter().map(String::as_bytes).collect(),
            cookie: cookie.as_ref().map(String::as_bytes),
        };
        let bytes = encode(&message);
        prop_assert_eq!(read(&bytes, bytes.len()).message, message);
    }
}
