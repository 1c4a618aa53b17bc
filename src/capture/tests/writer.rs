use std::io;

use proptest::prelude::*;

use super::super::testing::{Owned, read};
use super::super::{
    LinkType, PcapWriter, PcapngWriter, Precision, Secret, Secrets, Source, Timestamp, from_reader,
};

fn packet(nanos: i64, interface: u32, data: &[u8], original_length: u32) -> Owned {
    Owned {
        frame: 1,
        time: Timestamp::from_nanos(i128::from(nanos)),
        interface,
        link: LinkType(101),
        data: data.to_vec(),
        original_length,
    }
}

fn pcapng(packets: &[Owned], comment: Option<&str>) -> Vec<u8> {
    let mut writer = PcapngWriter::new(Vec::new()).expect("memory");
    for (number, name) in (0..).zip(["tcp0", "utp0", "spare"]) {
        assert_eq!(
            writer.interface(LinkType(101), name).expect("memory"),
            number
        );
    }
    writer.secrets(0x544c_534b, b"opaque").expect("memory");
    for packet in packets {
        writer.packet(&packet.borrowed(), comment).expect("valid");
    }
    writer.into_inner().expect("memory")
}

#[test]
fn secrets_come_before_the_packet_that_follows_them() {
    let mut writer = PcapngWriter::new(Vec::new()).expect("memory");
    writer.interface(LinkType(101), "tcp0").expect("memory");
    let mut put = |kind, data: &[u8], number: i64| {
        writer.secrets(kind, data).expect("memory");
        writer
            .packet(&packet(number, 0, b"x", 1).borrowed(), None)
            .expect("valid");
    };
    put(1, b"first", 1);
    put(2, b"", 2);
    let bytes = writer.into_inner().expect("memory");

    let mut source = from_reader("test", io::Cursor::new(bytes));
    let secrets = source.secrets();
    for (kind, data) in [(1, &b"first"[..]), (2, b"")] {
        assert!(source.next_packet().expect("sound").is_some());
        let data = data.to_vec();
        assert_eq!(secrets.take(), [Secret { kind, data }]);
        assert!(secrets.take().is_empty());
    }
}

#[test]
fn secrets_that_nobody_takes_are_bounded() {
    let secrets = Secrets::default();
    let secret = Secret {
        kind: 1,
        data: vec![0; 1 << 20],
    };
    for _ in 0..20 {
        secrets.clone().put(secret.clone());
    }
    assert_eq!(secrets.take().len(), 7);
}

#[test]
fn an_unknown_interface_is_refused() {
    let mut writer = PcapngWriter::new(Vec::new()).expect("memory");
    assert!(
        writer
            .packet(&packet(0, 0, b"", 0).borrowed(), None)
            .is_err()
    );
    let (got, error) = read(&writer.into_inner().expect("memory"));
    assert!(got.is_empty() && error.is_none());
}

#[test]
fn a_packet_too_long_is_refused() {
    let long = packet(0, 0, &vec![0; (16 << 20) + 1], 0);
    let mut pcap = PcapWriter::new(Vec::new(), LinkType(1), Precision::Nanos).expect("memory");
    assert!(pcap.packet(&long.borrowed()).is_err());
    let fits = packet(0, 0, &long.data[1..], 1);
    pcap.packet(&fits.borrowed()).expect("fits");
    let (got, error) = read(&pcap.into_inner().expect("memory"));
    assert!(error.is_none() && got[0].data.len() == 16 << 20);
    let comment = "x".repeat(70_000);
    let (got, error) = read(&pcapng(&[fits], Some(&comment)));
    assert!(error.is_none() && got[0].data.len() == 16 << 20);
}

#[test]
fn times_that_do_not_fit_are_clamped() {
    let before = packet(-1, 0, b"", 0);
    let unknown = Owned {
        time: Timestamp::UNKNOWN,
        ..before.clone()
    };
    let (got, _) = read(&pcapng(&[before, unknown], None));
    assert!(got.iter().all(|packet| packet.time.nanos() == Some(0)));
    let late = packet(i64::MAX, 0, b"", 0);
    let mut pcap = PcapWriter::new(Vec::new(), LinkType(1), Precision::Micros).expect("memory");
    pcap.packet(&late.borrowed()).expect("memory");
    let (got, _) = read(&pcap.into_inner().expect("memory"));
    let seconds = got[0].time.nanos().map(|nanos| nanos / 1_000_000_000);
    assert_eq!(seconds, Some(i64::from(u32::MAX)));
}

fn packets() -> impl Strategy<Value = Vec<Owned>> {
    let one = (
        0..i64::MAX,
        0_u32..3,
        prop::collection::vec(any::<u8>(), 0..100),
        0_u32..9000,
    );
    prop::collection::vec(one, 0..9).prop_map(|packets| {
        (1..)
            .zip(packets)
            .map(|(frame, (nanos, interface, data, extra))| Owned {
                frame,
                ..packet(nanos, interface, &data, data.len() as u32 + extra)
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pcapng_reads_back(packets in packets(), comment in prop::option::of(".{0,40}")) {
        let (got, error) = read(&pcapng(&packets, comment.as_deref()));
        prop_assert!(error.is_none());
        prop_assert_eq!(got, packets);
    }

    #[test]
    fn classic_reads_back(packets in packets(), nanos in any::<bool>()) {
        let precision = if nanos { Precision::Nanos } else { Precision::Micros };
        let unit = if nanos { 1 } else { 1000 };
        let mut writer = PcapWriter::new(Vec::new(), LinkType(101), precision).expect("memory");
        let expected: Vec<Owned> = packets
            .into_iter()
            .map(|packet| Owned {
                interface: 0,
                // What fits in 32 bits of seconds.
                time: Timestamp::from_nanos(i128::from(
                    packet.time.nanos().unwrap_or(0) % 4_000_000_000_000_000_000 / unit * unit,
                )),
                ..packet
            })
            .collect();
        for packet in &expected {
            writer.packet(&packet.borrowed()).expect("memory");
        }
        let (got, error) = read(&writer.into_inner().expect("memory"));
        prop_assert!(error.is_none());
        prop_assert_eq!(got, expected);
    }
}
