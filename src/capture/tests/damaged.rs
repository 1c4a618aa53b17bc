use super::super::order::Order;
use super::super::testing::{Bytes, block, classic_header, enhanced, interface, read, section};
use super::super::{Lack, Limit};

const LITTLE: Order = Order::Little;

/// The error of reading `bytes`, and how many packets came before it.
fn trouble(bytes: &[u8]) -> (usize, String) {
    let (packets, error) = read(bytes);
    (packets.len(), error.expect("an error").to_string())
}

fn record(declared: u32, data: &[u8]) -> Vec<u8> {
    let header = Bytes::new(LITTLE).u32(0).u32(0).u32(declared).u32(declared);
    header.raw(data).bytes
}

fn classic(records: &[Vec<u8>]) -> Vec<u8> {
    let header = classic_header(LITTLE, 0xa1b2_c3d4, 1);
    [vec![header], records.to_vec()].concat().concat()
}

fn pcapng(blocks: &[Vec<u8>]) -> Vec<u8> {
    let head = vec![section(LITTLE), interface(LITTLE, 1, 0, &[])];
    [head, blocks.to_vec()].concat().concat()
}

#[test]
fn not_a_capture() {
    for (bytes, message) in [
        (&b""[..], "test: offset 0: empty file"),
        (
            b"\x7fELF\x02",
            "test: offset 0: not a capture file: begins with 7f 45 4c 46",
        ),
        (
            b"\xa1",
            "test: offset 0: not a capture file: begins with a1",
        ),
        (
            b"\xfd7zXZ\0",
            "test: offset 0: an xz file: decompress it first",
        ),
        (
            b"BZh91AY",
            "test: offset 0: a bzip2 file: decompress it first",
        ),
        (
            b"d8:announce3:",
            "test: offset 0: a .torrent file, not a capture: give it with --torrent, beside a capture",
        ),
    ] {
        assert_eq!(trouble(bytes), (0, message.to_owned()));
    }
}

#[test]
fn errors_carry_the_lengths_that_they_are_about() {
    let lack = |bytes: &[u8]| read(bytes).1.expect("an error").lack;
    let cases = [
        (classic(&[record(9, &[1; 4])]), 9, 4, Limit::File),
        (
            classic(&[record(9, &[1; 9]), vec![0; 3]]),
            16,
            3,
            Limit::File,
        ),
        (
            classic(&[record(1 << 30, &[])]),
            1 << 30,
            256 << 10,
            Limit::Snaplen,
        ),
    ];
    for (bytes, needed, had, limit) in cases {
        let expected = Lack { needed, had, limit };
        assert_eq!(lack(&bytes), Some(expected));
    }
    assert_eq!(lack(b"\x7fELF\x02"), None);
}

#[test]
fn classic_header_cut_or_of_another_version() {
    let mut header = classic_header(LITTLE, 0xa1b2_c3d4, 1);
    assert_eq!(
        trouble(&header[..10]).1,
        "test: offset 0: ends inside the file header: 10 of 24 bytes"
    );
    header[4] = 9;
    assert_eq!(
        trouble(&header).1,
        "test: offset 0: pcap version 9.4; only version 2 is known"
    );
}

#[test]
fn classic_record_cut() {
    let whole = record(4, b"abcd");
    assert_eq!(
        trouble(&classic(&[whole.clone(), record(60, &[0; 40])])),
        (
            1,
            "test: offset 44: ends inside packet 2: 40 of 60 bytes".to_owned()
        )
    );
    assert_eq!(
        trouble(&classic(&[whole.clone(), whole[..3].to_vec()])),
        (
            1,
            "test: offset 44: ends inside the header after packet 1: 3 of 16 bytes".to_owned()
        )
    );
}

#[test]
fn classic_record_of_absurd_length() {
    assert_eq!(
        trouble(&classic(&[record(0, b""), record(u32::MAX, &[0; 40])])),
        (
            1,
            "test: offset 40: packet 2 declares 4294967295 bytes, \
             more than the 262144 that a packet of this file can have"
                .to_owned()
        )
    );
}

#[test]
fn a_length_below_the_limit_allocates_only_what_comes() {
    let mut file = classic(&[record(15 << 20, &[0; 40])]);
    file[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(
        trouble(&file).1,
        "test: offset 24: ends inside packet 1: 40 of 15728640 bytes"
    );
}

#[test]
fn pcapng_block_cut() {
    let packet = enhanced(LITTLE, 0, 0, b"abcd", 4);
    assert_eq!(
        trouble(&pcapng(&[packet.clone(), packet[..30].to_vec()])),
        (
            1,
            "test: offset 84: ends inside packet 2: 30 of 36 bytes".to_owned()
        )
    );
    assert_eq!(
        trouble(&pcapng(&[packet[..11].to_vec()])).1,
        "test: offset 48: ends inside the header after packet 0: 11 of 12 bytes"
    );
    let secrets = block(LITTLE, 10, &[0; 40]);
    for (at, message) in [
        (20, "test: offset 48: ends inside a block: 20 of 52 bytes"),
        (50, "test: offset 48: ends inside a block: 50 of 52 bytes"),
    ] {
        assert_eq!(trouble(&pcapng(&[secrets[..at].to_vec()])).1, message);
    }
    assert_eq!(
        trouble(&section(LITTLE)[..20]).1,
        "test: offset 0: ends inside a description: 20 of 28 bytes"
    );
}

#[test]
fn pcapng_block_of_absurd_length() {
    let with_length = |kind: u32, length: u32| {
        pcapng(&[Bytes::new(LITTLE).u32(kind).u32(length).raw(&[0; 24]).bytes])
    };
    assert_eq!(
        trouble(&with_length(6, u32::MAX - 3)).1,
        "test: offset 48: packet 1 declares 4294967292 bytes, \
         more than the 17825792 that are believed"
    );
    assert_eq!(
        trouble(&with_length(10, u32::MAX - 3)).1,
        "test: offset 48: ends inside a block: 32 of 4294967292 bytes"
    );
    for length in [0, 8, 11, 35] {
        assert_eq!(
            trouble(&with_length(6, length)).1,
            format!(
                "test: offset 48: a block of type 0x6 declares {length} bytes, \
                 not a multiple of 4 from 12 on"
            )
        );
    }
}

#[test]
fn pcapng_lengths_must_agree() {
    for kind in [6, 0x99] {
        let mut packet = block(LITTLE, kind, &[0; 24]);
        let last = packet.len() - 4;
        packet[last] = 40;
        assert!(
            trouble(&pcapng(&[packet]))
                .1
                .ends_with("a block declares 36 bytes at its beginning and 40 at its end")
        );
    }
}

#[test]
fn pcapng_descriptions_too_short_or_of_another_version() {
    assert_eq!(
        trouble(&pcapng(&[block(LITTLE, 1, &[0; 4])])).1,
        "test: offset 48: an interface description of 16 bytes"
    );
    let short = Bytes::new(LITTLE).u32(0x1a2b_3c4d).u32(1);
    assert_eq!(
        trouble(&block(LITTLE, 0x0a0d_0d0a, &short.bytes)).1,
        "test: offset 0: a section header of 20 bytes"
    );
    let mut other = section(LITTLE);
    other[12] = 2;
    assert_eq!(
        trouble(&other).1,
        "test: offset 0: pcapng version 2.0; only version 1 is known"
    );
    other[8] = 0;
    assert_eq!(
        trouble(&other).1,
        "test: offset 0: a section header without its byte-order mark"
    );
}
