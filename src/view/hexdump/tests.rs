use super::*;
use crate::view::fixture::{self, Sample};

fn dump(sample: &Sample, columns: usize, unfold: bool) -> String {
    let tree = sample.tree();
    let message = Message {
        tree: &tree,
        bytes: &sample.bytes,
        length: sample.length as u64,
        missing: sample.missing,
        absence: "not captured",
        malformed: sample.malformed,
        all_anomalies: false,
    };
    let mut document = Document::new(false);
    push_dump(&mut document, &message, columns, unfold);
    document.text().to_owned()
}

#[test]
fn a_request() {
    insta::assert_snapshot!(dump(&fixture::request(), 80, false), @r"
    0000  00 00 00 0d                          length prefix  13 bytes follow
    0004  06                                   id             6, request
    0005  00 00 00 3c                          index          60
    0009  00 00 00 00                          begin          0
    000d  00 00 40 00                          length         16384, 16 KiB
    ");
}

#[test]
fn a_handshake() {
    insta::assert_snapshot!(dump(&fixture::handshake(), 80, false), @r"
    0000  13 42 69 74 54 6f 72 72 65 6e 74 20  pstr           \x13BitTorrent
    000c  70 72 6f 74 6f 63 6f 6c                             protocol
    0014  00 00 02 00 00 10 00 04              reserved       extension protocol
                                                              (BEP 10)
                                                              Fast extension
                                                              (BEP 6)
                                                              unknown:
                                                              byte 2, 0x02
    001c  29 2a 2b 2c 2d 2e 2f 30 31 32 33 34  info_hash      292a2b2c2d2e2f303132
    0028  35 36 37 38 39 3a 3b 3c                             333435363738393a3b3c
    0030  2d 54 52 34 30 36 30 2d 1b 5b 33 31  peer_id        -TR4060-\x1b[31m\xff
    003c  6d ff 37 38 39 61 62 63                             789abc
                                                              Transmission 4.0.6
    ");
}

#[test]
fn a_piece_of_which_some_was_kept_and_some_not_captured() {
    let mut sample = fixture::piece(100);
    sample.missing = 1200;
    insta::assert_snapshot!(dump(&sample, 80, false), @r"
    0000  00 00 40 09                          length prefix  16393 bytes follow
    0004  07                                   id             7, piece
    0005  00 00 00 3c                          index          60
    0009  00 00 00 00                          begin          0
    000d  aa aa aa aa aa aa aa aa aa aa aa aa  data           16384 bytes, 16 KiB
    0019  aa aa aa aa aa aa aa aa aa aa aa aa
    0025  … 15160 more bytes
    3b5d  1200 bytes not captured
    ");
}

#[test]
fn a_dictionary() {
    let body = b"d5:added12:\x01\x02\x03\x04\x1a\xe1\x05\x06\x07\x08\x00\x501:md12:ut_holepunchi4e\
        6:ut_pexi1ee1:v13:\xc2\xb5Torrent 1.26:yourip4:\x7f\0\0\x01e";
    insta::assert_snapshot!(dump(&fixture::extended(body), 80, false), @r"
    0000  00 00 00 5c                    length prefix   92 bytes follow
    0004  14                             id              20, extended
    0005  64                             dictionary
                                         added
    0006  35 3a 61 64 64 65 64 31 32 3a    length        5:added12:
    0010  01 02 03 04 1a e1                [0]           1.2.3.4:6881
    0016  05 06 07 08 00 50                [1]           5.6.7.8:80
                                         m
    001c  31 3a 6d 64                      dictionary    1:md
    0020  31 32 3a 75 74 5f 68 6f 6c 65    ut_holepunch  4
    002a  70 75 6e 63 68 69 34 65
    0032  36 3a 75 74 5f 70 65 78 69 31    ut_pex        1
    003c  65
    003d  65                               end
    003e  31 3a 76 31 33 3a c2 b5 54 6f  v               µTorrent 1.2
    0048  72 72 65 6e 74 20 31 2e 32
    0051  36 3a 79 6f 75 72 69 70 34 3a  yourip          127.0.0.1
    005b  7f 00 00 01
    005f  65                             end
    ");
}

#[test]
fn a_wide_window() {
    insta::assert_snapshot!(dump(&fixture::handshake(), 120, false), @r"
    0000  13 42 69 74 54 6f 72 72 65 6e 74 20 70 72 6f 74  pstr           \x13BitTorrent protocol
    0010  6f 63 6f 6c
    0014  00 00 02 00 00 10 00 04                          reserved       extension protocol (BEP 10)
                                                                          Fast extension (BEP 6)
                                                                          unknown: byte 2, 0x02
    001c  29 2a 2b 2c 2d 2e 2f 30 31 32 33 34 35 36 37 38  info_hash      292a2b2c2d2e2f303132333435363738393a3b3c
    002c  39 3a 3b 3c
    0030  2d 54 52 34 30 36 30 2d 1b 5b 33 31 6d ff 37 38  peer_id        -TR4060-\x1b[31m\xff789abc
    0040  39 61 62 63                                                     Transmission 4.0.6
    ");
}

#[test]
fn anomalies_and_faults() {
    let sample = fixture::extended(b"d1:bi1e1:ai02e1:v99:x");
    insta::assert_snapshot!(dump(&sample, 80, false), @r"
    0000  00 00 00 16                          length prefix  22 bytes follow
    0004  14                                   id             20, extended
    0005  64                                   dictionary
    0006  31 3a 62 69 31 65                    b              1
    000c  31 3a 61 69 30 32 65                 a              2
                                               anomaly: dictionary key out of
                                               order
                                               anomaly: leading zero
    0013  31 3a 76 39 39 3a 78                 broken         7 bytes that no
                                                              field claims
                                               malformed: bencoded string longer
                                               than what follows
    ");
}

#[test]
fn lists_are_folded() {
    insta::assert_snapshot!(dump(&fixture::hashes(10), 80, false), @r"
    0000  00 00 01 41                          length prefix  321 bytes follow
    0004  16                                   id             22, hashes
                                               hashes
    0005  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a    [0]
    0011  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
    001d  5a 5a 5a 5a 5a 5a 5a 5a
    0025  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a    [1]
    0031  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
    003d  5a 5a 5a 5a 5a 5a 5a 5a
    0045  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a    [2]
    0051  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
    005d  5a 5a 5a 5a 5a 5a 5a 5a
    0065  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a    [3]
    0071  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
    007d  5a 5a 5a 5a 5a 5a 5a 5a
    0085  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a    [4]
    0091  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
    009d  5a 5a 5a 5a 5a 5a 5a 5a
    00a5  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a    [5]
    00b1  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
    00bd  5a 5a 5a 5a 5a 5a 5a 5a
    00c5  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a    [6]
    00d1  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
    00dd  5a 5a 5a 5a 5a 5a 5a 5a
    00e5  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a    [7]
    00f1  5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a
    00fd  5a 5a 5a 5a 5a 5a 5a 5a
    0105  … 64 more bytes                        …            2 more items
    ");
}

/// What the hex column says of a dump: bytes shown, and bytes counted.
fn account(text: &str, layout_digits: usize) -> (Vec<u8>, usize) {
    let (mut shown, mut counted) = (Vec::new(), 0);
    for line in text.lines() {
        let Some(rest) = line.strip_prefix("  ") else {
            continue;
        };
        let offset = rest.get(..layout_digits).unwrap_or_default();
        if usize::from_str_radix(offset, 16).is_err() {
            continue;
        }
        let cell = rest[layout_digits..].trim_start();
        let cell = cell.split("  ").next().unwrap_or_default();
        if let Some(more) = cell.strip_prefix("… ") {
            counted += more.split(' ').next().unwrap().parse::<usize>().unwrap();
        } else if let Some(missing) = cell.strip_suffix(" bytes not captured") {
            counted += missing.parse::<usize>().unwrap();
        } else {
            shown.extend(hex::decode(cell.replace(' ', "")).unwrap());
        }
    }
    (shown, counted)
}

#[test]
fn every_byte_is_shown_once_or_counted() {
    let mut cut = fixture::piece(500);
    cut.missing = 77;
    let samples = [
        fixture::request(),
        fixture::handshake(),
        fixture::piece(16397),
        fixture::piece(13),
        cut,
        fixture::hashes(40),
        fixture::extended(b"d1:md6:ut_pexi1ee1:xlli1eeedejunk"),
        fixture::extended(b"d1:v99:x"),
    ];
    for sample in samples {
        for columns in [20, 60, 80, 100, 200] {
            let (shown, counted) = account(&dump(&sample, columns, false), 4);
            assert_eq!(shown.len() + counted, sample.length, "{}", sample.message);
            let (shown, counted) = account(&dump(&sample, columns, true), 4);
            assert_eq!(shown, sample.bytes, "{}", sample.message);
            assert_eq!(counted, sample.length - sample.bytes.len());
        }
    }
}

#[test]
fn no_line_is_wider_than_the_window() {
    let long_key = [&b"d40:"[..], &[b'k'; 40], b"200:", &[b'v'; 200], b"e"].concat();
    for sample in [
        fixture::handshake(),
        fixture::piece(16397),
        fixture::extended(&long_key),
    ] {
        for columns in [60, 80, 100, 200] {
            let text = dump(&sample, columns, false);
            let widest = text.lines().map(width).max().unwrap();
            assert!(widest <= columns, "{columns}: {text}");
        }
    }
}
