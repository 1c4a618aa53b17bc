use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::super::order::Order;
use super::super::testing::{
    Owned, classic, enhanced, read, read_in_steps, section, timed_interface,
};
use super::super::{LinkType, Timestamp};

/// How a generated capture is stored.
#[derive(Debug, Clone, Copy)]
enum Format {
    Classic(u32),
    /// With a power of ten for the unit of the times.
    Pcapng(u8),
}

fn formats() -> impl Strategy<Value = Format> {
    prop_oneof![
        Just(Format::Classic(0xa1b2_c3d4)),
        Just(Format::Classic(0xa1b2_3c4d)),
        Just(Format::Classic(0xa1b2_cd34)),
        (3_u8..=9).prop_map(Format::Pcapng),
    ]
}

fn orders() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Little), Just(Order::Big)]
}

/// Packets whose times are whole milliseconds, which every format keeps.
fn packets() -> impl Strategy<Value = Vec<Owned>> {
    let packet = (
        0_u64..4_000_000_000_000,
        prop::collection::vec(any::<u8>(), 0..200),
        0_u32..2000,
    );
    prop::collection::vec(packet, 0..12).prop_map(|packets| {
        (1..)
            .zip(packets)
            .map(|(frame, (millis, data, extra))| Owned {
                frame,
                time: Timestamp::from_nanos(i128::from(millis) * 1_000_000),
                interface: 0,
                link: LinkType(1),
                original_length: data.len() as u32 + extra,
                data,
            })
            .collect()
    })
}

fn file(format: Format, order: Order, packets: &[Owned]) -> Vec<u8> {
    match format {
        Format::Classic(magic) => classic(order, magic, packets),
        Format::Pcapng(power) => {
            let mut file = section(order);
            file.extend(timed_interface(order, 1, power, 0));
            for packet in packets {
                let nanos = packet.time.nanos().unwrap_or(0).unsigned_abs();
                let units = nanos / 10_u64.pow(9 - u32::from(power));
                file.extend(enhanced(
                    order,
                    0,
                    units,
                    &packet.data,
                    packet.original_length,
                ));
            }
            file
        }
    }
}

fn stored(compression: u8, file: &[u8]) -> Vec<u8> {
    match compression {
        0 => file.to_vec(),
        1 => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(file).expect("memory");
            encoder.finish().expect("memory")
        }
        _ => compress_to_vec(file, CompressionLevel::Fastest),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        packets in packets(), format in formats(), order in orders(),
        compression in 0_u8..3, step in 1_usize..3000,
    ) {
        let bytes = stored(compression, &file(format, order, &packets));
        let (got, error) = read_in_steps(&bytes, step);
        prop_assert!(error.is_none(), "{:?}", error);
        prop_assert_eq!(got, packets);
    }

    #[test]
    fn another_reader_agrees(
        packets in packets(), format in formats(), order in orders(),
    ) {
        // The patched format it reads in one byte order only.
        let swapped = matches!(format, Format::Classic(0xa1b2_cd34)) && order == Order::Big;
        prop_assume!(!swapped);
        let bytes = file(format, order, &packets);
        let ours: Vec<_> = read(&bytes)
            .0
            .into_iter()
            .map(|packet| (packet.data, packet.original_length))
            .collect();
        prop_assert_eq!(ours, by_pcap_parser(&bytes));
    }

    #[test]
    fn a_truncated_file_gives_a_prefix(
        packets in packets(), format in formats(), order in orders(),
        compression in 0_u8..3, cut in any::<prop::sample::Index>(),
    ) {
        let bytes = stored(compression, &file(format, order, &packets));
        let cut = cut.index(bytes.len());
        let (got, error) = read(&bytes[..cut]);
        prop_assert!(got.len() <= packets.len());
        prop_assert_eq!(&got[..], &packets[..got.len()]);
        // Clean only where the next record would begin.
        let boundary = file(format, order, &packets[..got.len()]).len();
        prop_assert_eq!(
            error.is_none(),
            compression == 0 && (cut == boundary || at_interface(format, order, cut))
        );
    }

    #[test]
    fn random_bytes_never_panic(
        head in prop::sample::select(HEADS), tail in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        read(&[head, &tail[..]].concat());
    }

    #[test]
    fn damaged_files_never_panic(
        packets in packets(), format in formats(), order in orders(), compression in 0_u8..3,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = stored(compression, &file(format, order, &packets));
        for (index, byte) in damage {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        read(&bytes);
    }
}

/// The packets as another reader finds them: data and length on the wire.
fn by_pcap_parser(file: &[u8]) -> Vec<(Vec<u8>, u32)> {
    use pcap_parser::traits::PcapNGPacketBlock;
    use pcap_parser::{Block, PcapBlockOwned, PcapError};
    let mut reader = pcap_parser::create_reader(1 << 16, file).expect("a capture");
    let mut packets = Vec::new();
    loop {
        match reader.next() {
            Ok((offset, block)) => {
                match block {
                    PcapBlockOwned::Legacy(record) => {
                        packets.push((record.data.to_vec(), record.origlen));
                    }
                    PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                        packets.push((packet.packet_data().to_vec(), packet.origlen));
                    }
                    _ => {}
                }
                reader.consume(offset);
            }
            Err(PcapError::Eof) => return packets,
            Err(PcapError::Incomplete(_)) => reader.refill().expect("memory"),
            Err(error) => panic!("{error:?}"),
        }
    }
}

/// A pcapng file may also end after its section header, before an interface.
fn at_interface(format: Format, order: Order, cut: usize) -> bool {
    matches!(format, Format::Pcapng(_)) && cut == section(order).len()
}

const HEADS: &[&[u8]] = &[
    b"",
    b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\x04\0\x01\0\0\0",
    b"\xa1\xb2\x3c\x4d\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\x01",
    b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0",
    b"\x0a\x0d\x0d\x0a",
    b"\x1f\x8b\x08",
    b"\x28\xb5\x2f\xfd",
    b"\x50\x2a\x4d\x18",
];
