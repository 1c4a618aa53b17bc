use super::super::order::Order;
use super::super::testing::{Bytes, block, enhanced, interface, read, section, timed_interface};
use super::super::{LinkType, Timestamp};

const ORDERS: [Order; 2] = [Order::Little, Order::Big];

#[test]
fn sections_of_both_orders_with_several_interfaces() {
    let mut file = Vec::new();
    for order in ORDERS {
        file.extend(section(order));
        file.extend(interface(order, 1, 0, &[]));
        file.extend(timed_interface(order, 276, 9, 0));
        file.extend(enhanced(order, 1, 1_700_000_000_123_456_789, b"abc", 3));
        file.extend(enhanced(order, 0, 1_700_000_000_123_456, b"abcde", 50));
    }
    let (got, error) = read(&file);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(got.len(), 4);
    assert_eq!(got[0].link, LinkType(276));
    assert_eq!(got[1].link, LinkType(1));
    assert_eq!(got[0].time.nanos(), Some(1_700_000_000_123_456_789));
    assert_eq!(got[1].time.nanos(), Some(1_700_000_000_123_456_000));
    assert_eq!(
        (got[1].data.as_slice(), got[1].original_length),
        (&b"abcde"[..], 50)
    );
    assert_eq!(got[3].frame, 4);
    for (first, second) in got[..2].iter().zip(&got[2..]) {
        assert_eq!((first.time, &first.data), (second.time, &second.data));
    }
}

#[test]
fn a_new_section_forgets_the_interfaces() {
    let order = Order::Little;
    let file = [
        section(order),
        interface(order, 1, 0, &[]),
        section(order),
        enhanced(order, 0, 0, b"x", 1),
        interface(order, 101, 0, &[]),
        enhanced(order, 0, 0, b"y", 1),
    ]
    .concat();
    let (got, error) = read(&file);
    assert_eq!((got[0].frame, got[0].link), (2, LinkType(101)));
    assert!(
        error
            .expect("reported")
            .to_string()
            .ends_with("packet 1 names interface 0, but the section describes 0")
    );
}

#[test]
fn time_resolutions() {
    let second = 1_000_000_000_i128;
    for (resolution, offset, units, nanos) in [
        (0, 0, 5, 5 * second),
        (3, 0, 1_234, 1_234_000_000),
        (6, 0, 1, 1_000),
        (9, 0, u64::MAX, i128::from(i64::MAX)),
        (12, 0, 1_999, 1),
        (127, 0, u64::MAX, 0),
        (0x80, 0, 7, 7 * second),
        (0x8a, 0, 1_536, second + second / 2),
        (0xff, 0, u64::MAX, 0),
        (6, -2, 3_000_000, second),
        (6, i64::MAX, 0, i128::from(i64::MAX)),
    ] {
        for order in ORDERS {
            let file = [
                section(order),
                timed_interface(order, 1, resolution, offset),
                enhanced(order, 0, units, b"", 0),
            ]
            .concat();
            let (got, _) = read(&file);
            assert_eq!(got[0].time, Timestamp::from_nanos(nanos), "{resolution:#x}");
        }
    }
}

#[test]
fn simple_packets_have_no_time_and_obey_the_snaplen() {
    for order in ORDERS {
        let simple = |original: u32, data: &[u8]| {
            block(
                order,
                3,
                &Bytes::new(order).u32(original).padded(data).bytes,
            )
        };
        let file = [
            section(order),
            interface(order, 1, 5, &[]),
            simple(3, b"abc"),
            simple(900, b"abcde"),
        ]
        .concat();
        let (got, error) = read(&file);
        assert!(error.is_none());
        assert!(got.iter().all(|packet| packet.time == Timestamp::UNKNOWN));
        assert_eq!(got[0].data, b"abc");
        assert_eq!(
            (got[1].data.as_slice(), got[1].original_length),
            (&b"abcde"[..], 900)
        );
    }
}

#[test]
fn the_obsolete_packet_block_is_read() {
    for order in ORDERS {
        let body = Bytes::new(order)
            .u16(0)
            .u16(3)
            .u32(0)
            .u32(2_000_000)
            .u32(4)
            .u32(60)
            .padded(b"data");
        let file = [
            section(order),
            interface(order, 1, 0, &[]),
            block(order, 2, &body.bytes),
        ]
        .concat();
        let (got, error) = read(&file);
        assert!(error.is_none());
        assert_eq!(got[0].time.nanos(), Some(2_000_000_000));
        assert_eq!(
            (got[0].data.as_slice(), got[0].original_length),
            (&b"data"[..], 60)
        );
    }
}

#[test]
fn blocks_without_packets_are_passed_over() {
    let order = Order::Big;
    let mut file = section(order);
    file.extend(interface(order, 1, 0, &[]));
    // Name resolution, statistics, journal, secrets, custom, unknown, and one
    // that is longer than the window.
    for kind in [4, 5, 9, 10, 0xbad, 0x4000_0bad, 0x7777_7777] {
        file.extend(block(order, kind, &[1; 33]));
    }
    file.extend(block(order, 10, &vec![9; 3 << 20]));
    file.extend(enhanced(order, 0, 1, b"here", 4));
    let (got, error) = read(&file);
    assert!(error.is_none(), "{error:?}");
    assert_eq!((got.len(), got[0].data.as_slice()), (1, &b"here"[..]));
}

#[test]
fn options_that_run_out_are_ignored() {
    let order = Order::Little;
    for options in [
        &[9_u8, 0, 200, 0, 9][..],
        &[9, 0],
        &[9, 0, 0, 0],
        &[14, 0, 3, 0, 1, 2, 3],
        &[0xff, 0xff, 0xff, 0xff],
    ] {
        let file = [
            section(order),
            interface(order, 1, 0, options),
            enhanced(order, 0, 1, b"", 0),
        ]
        .concat();
        assert_eq!(read(&file).0[0].time.nanos(), Some(1_000));
    }
}

#[test]
fn a_faulty_packet_in_a_sound_block_is_left_out() {
    let order = Order::Little;
    let mut liar = enhanced(order, 0, 0, b"1234", 4);
    liar[20] = 5;
    let file = [
        section(order),
        interface(order, 1, 0, &[]),
        enhanced(order, 0, 0, b"ab", 2),
        liar.clone(),
        block(order, 6, &[0; 8]),
        enhanced(order, 7, 0, b"", 0),
        enhanced(order, 0, 0, b"cd", 2),
    ]
    .concat();
    let (got, error) = read(&file);
    let frames: Vec<u64> = got.iter().map(|packet| packet.frame).collect();
    assert_eq!(frames, [1, 5]);
    let error = error.expect("reported");
    assert_eq!(
        error.reason,
        "packet 2 declares 5 bytes, its block holds 4 (3 packets like it are left out)"
    );
    assert_eq!(error.offset, Some(28 + 20 + 36));
}
