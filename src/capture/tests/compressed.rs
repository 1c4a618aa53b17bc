use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::super::order::Order;
use super::super::testing::{Owned, classic, read};
use super::super::{LinkType, Timestamp};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A capture of about `count` kilobytes that does not compress well.
fn capture(count: u64) -> (Vec<u8>, Vec<Owned>) {
    let mut state = 1_u64;
    let packets: Vec<Owned> = (1..=count)
        .map(|frame| Owned {
            frame,
            time: Timestamp::from_nanos(i128::from(frame) * 1000),
            interface: 0,
            link: LinkType(1),
            data: (0..1000)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    (state >> 60) as u8
                })
                .collect(),
            original_length: 1000,
        })
        .collect();
    (classic(Order::Little, 0xa1b2_c3d4, &packets), packets)
}

#[test]
fn several_gzip_members() {
    let (file, packets) = capture(50);
    let (left, right) = file.split_at(20_011);
    let stored = [gzip(left), gzip(b""), gzip(right)].concat();
    let (got, error) = read(&stored);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(got, packets);
}

#[test]
fn several_zstd_frames_and_skippable_ones() {
    let (file, packets) = capture(50);
    let (left, right) = file.split_at(20_011);
    let skippable = b"\x53\x2a\x4d\x18\x05\0\0\0hello";
    let stored = [
        &skippable[..],
        &zstd(left),
        skippable,
        &zstd(b""),
        &zstd(right),
        skippable,
    ]
    .concat();
    let (got, error) = read(&stored);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(got, packets);
}

#[test]
fn cut_in_the_middle_all_before_is_given() {
    let (file, packets) = capture(1000);
    for (stored, name) in [(gzip(&file), "gzip"), (zstd(&file), "zstd")] {
        for share in [3, 2] {
            let (got, error) = read(&stored[..stored.len() - stored.len() / share]);
            let error = error.expect("reported");
            assert!(
                error
                    .reason
                    .starts_with(&format!("the {name} data is cut, ")),
                "{error}"
            );
            assert_eq!(got, packets[..got.len()]);
            // What cannot be decoded is less than a zstd block of 128 KiB.
            let expected = packets.len() - packets.len() / share;
            assert!(got.len() + 140 > expected, "{name}: {} packets", got.len());
        }
    }
}

#[test]
fn cut_in_the_trailer() {
    let (file, packets) = capture(10);
    for (stored, name) in [(gzip(&file), "gzip"), (zstd(&file), "zstd")] {
        let (got, error) = read(&stored[..stored.len() - 2]);
        assert_eq!(got, packets);
        assert_eq!(
            error.expect("reported").reason,
            format!("the {name} data is cut, after packet 10")
        );
    }
}

#[test]
fn a_wrong_checksum_is_reported_after_the_packets() {
    let (file, packets) = capture(10);
    for (mut stored, back, name) in [(gzip(&file), 5, "gzip"), (zstd(&file), 1, "zstd")] {
        let at = stored.len() - back;
        stored[at] ^= 1;
        let (got, error) = read(&stored);
        assert_eq!(got, packets);
        let reason = error.expect("reported").reason;
        assert!(
            reason.starts_with(&format!("the {name} data is damaged (")),
            "{reason}"
        );
    }
}

#[test]
fn compressed_nonsense_is_no_capture() {
    for (stored, message) in [
        (
            gzip(b"hello"),
            "not a capture file: begins with 68 65 6c 6c",
        ),
        (
            zstd(b"hello"),
            "not a capture file: begins with 68 65 6c 6c",
        ),
        (gzip(b""), "empty file"),
        (b"\x1f\x8b\x08".to_vec(), "the gzip data is cut"),
        (b"\x28\xb5\x2f\xfd".to_vec(), "the zstd data is cut"),
        (
            b"\x50\x2a\x4d\x18\xff\xff\xff\xff".to_vec(),
            "the zstd data is cut",
        ),
    ] {
        let (got, error) = read(&stored);
        assert!(got.is_empty());
        assert_eq!(error.expect("reported").reason, message);
    }
}

#[test]
fn a_zstd_window_beyond_the_limit_is_refused() {
    // A frame header that asks for a window of 1 GiB.
    let (_, error) = read(b"\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00");
    let reason = error.expect("reported").reason;
    assert!(reason.starts_with("the zstd data is damaged ("), "{reason}");
}
