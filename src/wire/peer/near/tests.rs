use super::*;
use crate::wire::Problem;
use crate::wire::peer::{Context, Framing, Message, dissect};
use crate::wire::{Anomaly, Tree};

const HASH: [u8; 20] =
    *b"\xdf\x6c\x45\x57\xfc\x35\x8b\xfd\x37\x96\x5b\x94\x84\x00\x73\x4e\xfd\x8c\xc7\x84";

fn whole(lead: &[u8], reserved: &[u8], hash: &[u8]) -> Vec<u8> {
    let id = b"-TR4060-abcdefghijkl";
    [lead, b"BitTorrent protocol", reserved, hash, id].concat()
}

fn read(bytes: &[u8]) -> (Option<[u8; 20]>, Option<&'static Anomaly>) {
    let context = Context {
        framing: Framing::Handshake,
        ..Context::default()
    };
    let mut tree = Tree::new();
    let read = dissect(bytes, bytes.len(), &context, &mut tree);
    let leaves: u32 = tree.leaves().map(|(_, leaf)| leaf.end - leaf.start).sum();
    assert_eq!(leaves as usize, bytes.len());
    let hash = match read.message {
        Message::Handshake(handshake) => Some(handshake.info_hash),
        _ => None,
    };
    let fault = match read.problem {
        Some(Problem::Malformed(malformed)) => Some(malformed.anomaly),
        _ => None,
    };
    (hash, fault)
}

#[test]
fn what_was_meant_is_read() {
    let reserved = [0, 0, 0, 0, 0, 0x10, 0, 5];
    let digits = hex::encode(HASH).into_bytes();
    let latin: String = HASH.iter().map(|byte| char::from(*byte)).collect();
    let lossy = String::from_utf8_lossy(&HASH).into_owned();
    let meant = Some(HASH);
    let half: [u8; 20] = digits[..20].try_into().unwrap();
    let cases = [
        (whole(b"\x13", &reserved, &HASH), meant, None),
        (
            whole(b"\x19", &reserved, &HASH),
            meant,
            Some(&anomalies::LENGTH_BYTE),
        ),
        (
            whole(b"", &reserved, &HASH),
            meant,
            Some(&anomalies::LENGTH_BYTE),
        ),
        (
            whole(b"19", &reserved, &HASH),
            meant,
            Some(&anomalies::LENGTH_BYTE),
        ),
        (
            whole(b"\0\0\0\x13", &reserved, &HASH),
            meant,
            Some(&anomalies::LENGTH_BYTE),
        ),
        (
            whole(b"\0\0\0\x44\x13", &reserved, &HASH),
            meant,
            Some(&anomalies::LENGTH_BYTE),
        ),
        (
            whole(b"\x13", &[], &HASH),
            meant,
            Some(&anomalies::NO_RESERVED),
        ),
        (
            whole(b"\x13", &reserved, &digits),
            meant,
            Some(&anomalies::HEX_INFO_HASH),
        ),
        (
            whole(b"\x13", &reserved, &half),
            Some(half),
            Some(&anomalies::HEX_INFO_HASH),
        ),
        (
            whole(b"\x13", &reserved, &[&HASH[..], &[7; 12]].concat()),
            meant,
            Some(&anomalies::WHOLE_V2_INFO_HASH),
        ),
        (
            whole(b"\x13", &reserved, latin.as_bytes()),
            meant,
            Some(&anomalies::MANGLED_INFO_HASH),
        ),
        (
            whole(b"\x13", &reserved, lossy.as_bytes()),
            None,
            Some(&anomalies::MANGLED_INFO_HASH),
        ),
    ];
    for (bytes, hash, fault) in cases {
        let shown = bytes.escape_ascii().to_string();
        assert_eq!(handshake_length(&bytes), bytes.len(), "{shown}");
        // What follows makes no difference.
        let more = [&bytes[..], b"\0\0\0\x01\x02"].concat();
        assert_eq!(handshake_length(&more), bytes.len(), "{shown}");
        assert_eq!(read(&bytes), (hash, fault), "{shown}");
    }
}

/// A handshake in these pieces: the length and the name, the bytes up to the peer id.
fn pieces(begun: &[u8], between: &[&[u8]]) -> Vec<u8> {
    let id: &[u8] = b"-TR4060-abcdefghijkl";
    [&[begun], between, &[id]].concat().concat()
}

#[test]
fn bytes_too_many_or_too_few() {
    let name: &[u8] = b"\x13BitTorrent protocol";
    let counted: &[u8] = b"\x14BitTorrent protocol";
    let bits: &[u8] = &[0, 0, 0, 0, 0, 0x10, 0, 5];
    let none: &[u8] = &[0; 8];
    let hash: &[u8] = &HASH;
    let meant = Some(HASH);
    let digits = hex::encode(pieces(name, &[bits, hash])).into_bytes();
    let cases = [
        (
            pieces(name, &[&[0], bits, hash]),
            meant,
            &anomalies::NAME_ENDED,
        ),
        (
            pieces(counted, &[&[0], bits, hash]),
            meant,
            &anomalies::NAME_ENDED,
        ),
        (
            pieces(counted, &[&[0], none, hash]),
            meant,
            &anomalies::NAME_ENDED,
        ),
        (
            pieces(name, &[none, &[0], hash]),
            meant,
            &anomalies::RESERVED_LENGTH,
        ),
        (
            pieces(name, &[bits, &[0], hash]),
            meant,
            &anomalies::RESERVED_LENGTH,
        ),
        (
            pieces(name, &[&none[1..], hash]),
            meant,
            &anomalies::RESERVED_LENGTH,
        ),
        (
            pieces(name, &[none, &[0; 4], hash]),
            meant,
            &anomalies::RESERVED_LENGTH,
        ),
        (
            pieces(name, &[&[0; 4], hash]),
            meant,
            &anomalies::RESERVED_LENGTH,
        ),
        (
            pieces(name, &[bits, hash, b"\0"]),
            meant,
            &anomalies::LONG_INFO_HASH,
        ),
        (
            pieces(name, &[bits, hash, b"\n"]),
            meant,
            &anomalies::LONG_INFO_HASH,
        ),
        (
            pieces(name, &[none, &hash[1..]]),
            None,
            &anomalies::SHORT_INFO_HASH,
        ),
        (
            pieces(b"\r\n\x13BitTorrent protocol", &[bits, hash]),
            meant,
            &anomalies::LINE_BEFORE,
        ),
        (
            pieces(b"\xef\xbb\xbf\x13BitTorrent protocol", &[bits, hash]),
            meant,
            &anomalies::MARK_BEFORE,
        ),
        (
            pieces(b"\0\x13BitTorrent protocol", &[bits, hash]),
            meant,
            &anomalies::ZEROS_BEFORE,
        ),
        (
            pieces(b"\0\x44\x13BitTorrent protocol", &[bits, hash]),
            meant,
            &anomalies::LENGTH_BEFORE,
        ),
        (digits, meant, &anomalies::HEX_HANDSHAKE),
    ];
    for (bytes, hash, fault) in cases {
        let shown = bytes.escape_ascii().to_string();
        assert_eq!(handshake_length(&bytes), bytes.len(), "{shown}");
        let more = [&bytes[..], b"\0\0\0\x01\x02"].concat();
        assert_eq!(handshake_length(&more), bytes.len(), "{shown}");
        assert_eq!(read(&bytes), (hash, Some(fault)), "{shown}");
    }
}

#[test]
fn parts_in_other_places_and_letters() {
    let name: &[u8] = b"\x13BitTorrent protocol";
    let bits: &[u8] = &[0, 0, 0, 0, 0, 0x10, 0, 5];
    let (hash, meant): (&[u8], _) = (&HASH, Some(HASH));
    let cases = [
        (
            pieces(name, &[bits, b"35WEKV74GWF72N4WLOKIIADTJ36YZR4E"]),
            meant,
            &anomalies::BASE32_INFO_HASH,
        ),
        (
            pieces(b"b'\x13BitTorrent protocol", &[bits, hash]),
            meant,
            &anomalies::QUOTE_BEFORE,
        ),
        (
            [name, bits, b"-TR4060-abcdefghijkl", hash].concat(),
            meant,
            &anomalies::SWAPPED,
        ),
    ];
    for (bytes, hash, fault) in cases {
        let shown = bytes.escape_ascii().to_string();
        assert_eq!(handshake_length(&bytes), bytes.len(), "{shown}");
        assert_eq!(read(&bytes), (hash, Some(fault)), "{shown}");
    }
}

#[test]
fn a_peer_id_that_was_text() {
    let begun = [&b"\x13BitTorrent protocol"[..], &[0; 8], &HASH].concat();
    let id: Vec<u8> = (0x78..0x8c).collect();
    let text: String = id.iter().map(|byte| char::from(*byte)).collect();
    let digits = hex::encode(&id);
    for (text, fault) in [
        (text, &anomalies::MANGLED_PEER_ID),
        (digits, &anomalies::HEX_PEER_ID),
    ] {
        let bytes = [&begun, text.as_bytes()].concat();
        assert_eq!(handshake_length(&bytes), bytes.len());
        assert_eq!(read(&bytes), (Some(HASH), Some(fault)));
    }
}

/// Peer ids of no style: what comes behind shows where a byte is too many.
#[test]
fn what_follows_shows_the_place() {
    let begun: &[u8] = b"\x13BitTorrent protocol";
    let id = [0x77; 20];
    let message = b"\0\0\0\x05\x04\0\0\0\x01";
    let late = [begun, &[0; 9], &HASH, &id].concat();
    assert_eq!(handshake_length(&late), 69);
    assert_eq!(handshake_length(&[&late[..], message].concat()), 69);
    assert_eq!(read(&late), (Some(HASH), Some(&anomalies::RESERVED_LENGTH)));
    // A hash that begins with a zero byte.
    let mut hash = HASH;
    hash[0] = 0;
    let right = [begun, &[0; 8], &hash, &id].concat();
    for more in [&b""[..], message, b"\0", b"\n", b"\0\0\0\0"] {
        let bytes = [&right[..], more].concat();
        assert_eq!(NearHandshake::of(&bytes), None, "{}", more.escape_ascii());
    }
}

/// Handshakes of every style of peer id are right ones.
#[test]
fn right_ones_are_not_suspected() {
    let ids: [&[u8; 20]; 7] = [
        b"-TR4060-abcdefghijkl",
        b"M7-10-5--abcdefghijk",
        b"T03I-----abcdefghijk",
        b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"exbc\x00\x38abcdefghijklmn",
        b"00112233445566778899",
        b"eX-UT3550-abcdefghij",
    ];
    for (reserved, id) in [[0; 8], [0, 0, 0, 0, 0, 0x10, 0, 5]]
        .iter()
        .zip(ids.iter().cycle())
    {
        for seed in 0..=255_u8 {
            let hash: Vec<u8> = (0..20_u8)
                .map(|at| seed.wrapping_mul(at | 1).wrapping_add(at))
                .collect();
            let bytes = [&b"\x13BitTorrent protocol"[..], reserved, &hash, &id[..]].concat();
            for more in [
                &b""[..],
                b"\0\0\0\x01\x02",
                b"\0\0\0\0",
                b"\0",
                b"\0\0\0\x05",
            ] {
                let bytes = [&bytes[..], more].concat();
                assert_eq!(NearHandshake::of(&bytes), None, "{}", bytes.escape_ascii());
            }
        }
    }
}

#[test]
fn the_name_in_other_letters() {
    let mut bytes = whole(b"\x13", &[0; 8], &HASH);
    bytes[12] = b'P';
    assert_eq!(read(&bytes), (Some(HASH), Some(&anomalies::NAME_SPELLING)));
}

#[test]
fn a_text_is_no_handshake() {
    for text in [
        &b"BitTorrent protocol, as BEP 3 has it, begins with a handshake"[..],
        b"19 BitTorrent protocol",
        b"the BitTorrent protocol",
    ] {
        assert_eq!(NearHandshake::of(text), None);
    }
}

#[test]
fn the_whole_handshake_as_a_text() {
    let raw = whole(b"\x13", &[0, 0, 0, 0, 0, 0x10, 0, 5], &HASH);
    for (order, mark) in [
        (false, &b""[..]),
        (false, b"\xff\xfe"),
        (true, b""),
        (true, b"\xfe\xff"),
    ] {
        let pairs = raw
            .iter()
            .flat_map(|byte| if order { [0, *byte] } else { [*byte, 0] });
        let wide: Vec<u8> = mark.iter().copied().chain(pairs).collect();
        let told = (Some(HASH), Some(&anomalies::WIDE_HANDSHAKE));
        assert_eq!(read(&wide), told, "{}", wide.escape_ascii());
        assert_eq!(NearHandshake::of(&wide[..60]).map(|near| near.length()), {
            Some(2 * 68 + mark.len())
        });
        assert_eq!(NearHandshake::of(&wide[..30]), None);
    }
    let encoded = concat!(
        "E0JpdFRvcnJlbnQgcHJvdG9jb2wAAAAAABAABXNzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nz",
        "LUFBMTAwMC1hYmNkZWZnaGlqa2w"
    )
    .as_bytes();
    let near = NearHandshake::of(encoded).unwrap();
    assert_eq!(near.length(), 91);
    let told = (Some([0x73; 20]), Some(&anomalies::BASE64_HANDSHAKE));
    assert_eq!(read(encoded), told);
    let filled = [encoded, b"="].concat();
    assert_eq!(read(&filled), told);
    assert_eq!(NearHandshake::of(&filled).unwrap().length(), 92);
    // Its end is no base64.
    let broken = [&encoded[..90], b"!"].concat();
    assert_eq!(read(&broken), (None, Some(&anomalies::BASE64_HANDSHAKE)));
}
