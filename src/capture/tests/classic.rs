use super::super::order::Order;
use super::super::testing::{Bytes, Owned, classic, classic_header, read};
use super::super::{LinkType, Timestamp};

const ORDERS: [Order; 2] = [Order::Little, Order::Big];

fn packet(frame: u64, nanos: i128, data: &[u8], original_length: u32) -> Owned {
    Owned {
        frame,
        time: Timestamp::from_nanos(nanos),
        interface: 0,
        link: LinkType(1),
        data: data.to_vec(),
        original_length,
    }
}

#[test]
fn both_orders_and_all_three_magics_read_alike() {
    let packets = [
        packet(1, 1_700_000_000_123_456_000, b"first", 5),
        packet(2, 4_000_000_000_000_001_000, b"", 90),
        packet(3, 0, &[7; 300], 1500),
    ];
    for order in ORDERS {
        for magic in [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34] {
            let (got, error) = read(&classic(order, magic, &packets));
            assert!(error.is_none(), "{error:?}");
            assert_eq!(got, packets, "{order:?} {magic:x}");
        }
    }
}

#[test]
fn nanoseconds_are_kept() {
    let packets = [packet(1, 1_700_000_000_123_456_789, b"x", 1)];
    let (got, _) = read(&classic(Order::Big, 0xa1b2_3c4d, &packets));
    assert_eq!(got, packets);
}

#[test]
fn a_fraction_beyond_a_second_carries_over() {
    let record = Bytes::new(Order::Little).u32(1).u32(u32::MAX).u32(0).u32(0);
    let file = [classic_header(Order::Little, 0xa1b2_3c4d, 1), record.bytes].concat();
    let (got, _) = read(&file);
    assert_eq!(got[0].time.nanos(), Some(1_000_000_000 + 4_294_967_295));
}

#[test]
fn upper_bits_of_the_link_type_are_about_the_check_sequence() {
    let mut file = classic_header(Order::Little, 0xa1b2_c3d4, 113);
    file[23] = 0x24;
    file.extend([0; 16]);
    assert_eq!(read(&file).0[0].link, LinkType(113));
}

#[test]
fn version_2_2_has_the_lengths_the_other_way_round() {
    let mut file = classic_header(Order::Little, 0xa1b2_c3d4, 1);
    file[6] = 2;
    let record = Bytes::new(Order::Little).u32(0).u32(0).u32(60).u32(2);
    file.extend(record.raw(b"ab").bytes);
    let (got, error) = read(&file);
    assert!(error.is_none());
    assert_eq!(
        (got[0].data.as_slice(), got[0].original_length),
        (&b"ab"[..], 60)
    );
}

#[test]
fn a_file_without_packets_is_fine() {
    let (got, error) = read(&classic_header(Order::Little, 0xa1b2_c3d4, 1));
    assert!(got.is_empty() && error.is_none());
}

#[test]
fn a_packet_may_be_longer_than_the_window() {
    let mut file = classic_header(Order::Little, 0xa1b2_c3d4, 1);
    // A snapshot length that admits it.
    file[16..20].copy_from_slice(&(8_u32 << 20).to_le_bytes());
    let data: Vec<u8> = (0..5_000_000_u32).map(|n| n as u8).collect();
    let length = data.len() as u32;
    for _ in 0..2 {
        let record = Bytes::new(Order::Little).u32(0).u32(0);
        file.extend(record.u32(length).u32(length).raw(&data).bytes);
    }
    let (got, error) = read(&file);
    assert!(error.is_none(), "{error:?}");
    assert!(got.len() == 2 && got.iter().all(|packet| packet.data == data));
}
