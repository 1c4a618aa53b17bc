use super::super::testing::{
    ETHERNET, Owned, RAW, datagram, decode, ethernet, ipv4, ipv6, miss, packet, tcp, udp,
};
use super::super::{Decoder, TcpFlags, Transport};
use crate::capture::Packet;

/// Decodes a packet of which only `captured` bytes are there.
fn decode_cut(data: &[u8], captured: usize) -> Option<Owned> {
    let packet = Packet {
        data: &data[..captured],
        original_length: data.len() as u32,
        ..packet(ETHERNET, data, 0)
    };
    Decoder::new().decode(&packet).map(Owned::from)
}

#[test]
fn tcp_fields() {
    let data = ipv4(6, &tcp(b"payload"));
    let mut decoder = Decoder::new();
    let Some(Transport::Tcp(segment)) = decoder.decode(&packet(RAW, &data, 0)) else {
        panic!("a segment");
    };
    assert_eq!((segment.seq, segment.ack), (7, 9));
    let ack = TcpFlags {
        ack: true,
        ..TcpFlags::default()
    };
    assert_eq!(segment.flags, ack);
    assert_eq!((segment.payload, segment.wire_length), (&b"payload"[..], 7));
    assert_eq!((decoder.stats().packets, decoder.stats().tcp), (1, 1));
}

#[test]
fn tcp_flags() {
    for (bits, expected) in [
        (1, "fin"),
        (2, "syn"),
        (4, "rst"),
        (0x10, "ack"),
        (0xe8, ""),
    ] {
        let mut data = ipv4(6, &tcp(b""));
        data[33] = bits;
        let mut decoder = Decoder::new();
        let Some(Transport::Tcp(segment)) = decoder.decode(&packet(RAW, &data, 0)) else {
            panic!("a segment");
        };
        let flags = segment.flags;
        let set = [
            (flags.fin, "fin"),
            (flags.syn, "syn"),
            (flags.rst, "rst"),
            (flags.ack, "ack"),
        ];
        let names: String = set
            .iter()
            .filter(|(on, _)| *on)
            .map(|(_, name)| *name)
            .collect();
        assert_eq!(names, expected);
    }
}

#[test]
fn ethernet_padding_is_no_payload() {
    let mut frame = ethernet(0x0800, &datagram(b"x"));
    frame.resize(60, 0xee);
    let got = decode(ETHERNET, &frame).expect("a datagram");
    assert_eq!((got.payload.as_slice(), got.wire_length), (&b"x"[..], 1));
}

#[test]
fn ipv4_options_are_passed_over() {
    let plain = datagram(b"hello");
    let mut data = plain[..20].to_vec();
    data[0] = 0x47;
    data[3] += 8;
    data.extend([1; 8]);
    data.extend(&plain[20..]);
    assert_eq!(decode(RAW, &data).expect("a datagram").payload, b"hello");
}

#[test]
fn total_length_0_means_to_the_end_of_the_frame() {
    for length in [1000, 70_000] {
        let mut data = ipv4(6, &tcp(&vec![5; length]));
        data[2..4].fill(0);
        let got = decode(RAW, &data).expect("a segment");
        assert_eq!(
            (got.payload.len(), got.wire_length),
            (length, length as u32)
        );
        let cut = decode_cut(&ethernet(0x0800, &data), 100).expect("a segment");
        assert_eq!(
            (cut.payload.len(), cut.wire_length),
            (100 - 66, length as u32)
        );
    }
}

#[test]
fn ipv6_frames_beyond_64_kib() {
    // BIG TCP: payload length 0, with and without the jumbo option.
    let body = tcp(&vec![5; 200_000]);
    let mut plain = ipv6(6, &body);
    plain[4..6].fill(0);
    let jumbo_option = [6, 0, 0xc2, 4, 0, 3, 13, 104];
    let mut jumbo = ipv6(0, &[&jumbo_option[..], &body].concat());
    jumbo[4..6].fill(0);
    for data in [plain, jumbo] {
        let got = decode(RAW, &data).expect("a segment");
        assert_eq!((got.payload.len(), got.wire_length), (200_000, 200_000));
    }
}

#[test]
fn ipv6_extension_headers() {
    let body = udp(b"hello");
    let options = |next: u8| vec![next, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let authentication = |next: u8| vec![next, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2];
    let atomic = vec![17, 0, 0, 0, 0, 0, 0, 9];
    for (first, headers) in [
        (0, [options(17), vec![], vec![]]),
        (0, [options(43), options(60), options(17)]),
        (60, [options(51), authentication(17), vec![]]),
        (43, [options(44), atomic.clone(), vec![]]),
        (44, [atomic, vec![], vec![]]),
    ] {
        let data = ipv6(first, &[headers.concat(), body.clone()].concat());
        let got = decode(RAW, &data).unwrap_or_else(|| panic!("{first}"));
        assert_eq!(
            (got.payload.as_slice(), got.wire_length),
            (&b"hello"[..], 5)
        );
    }
    let in_ipv4 = ipv4(51, &[authentication(17), body].concat());
    assert_eq!(decode(RAW, &in_ipv4).expect("a datagram").payload, b"hello");
}

#[test]
fn tunnels() {
    let inner4 = datagram(b"hello");
    let inner6 = ipv6(17, &udp(b"hello"));
    let gre = |flags: u8, kind: u16, options: usize, rest: &[u8]| {
        let head = [
            vec![flags, 0],
            kind.to_be_bytes().to_vec(),
            vec![0; options],
        ];
        ipv4(47, &[head.concat(), rest.to_vec()].concat())
    };
    for data in [
        ipv4(4, &inner4),
        ipv4(41, &inner6),
        ipv6(4, &inner4),
        ipv6(41, &inner6),
        gre(0, 0x0800, 0, &inner4),
        gre(0xb0, 0x86dd, 12, &inner6),
        gre(0x20, 0x6558, 4, &ethernet(0x0800, &inner4)),
        ipv4(4, &ipv4(41, &inner6)),
    ] {
        assert_eq!(decode(RAW, &data).expect("a datagram").payload, b"hello");
    }
    let deep = (0..9).fold(inner4, |inner, _| ipv4(4, &inner));
    assert_eq!(miss(RAW, &deep).other_transport, 1);
    assert_eq!(miss(RAW, &gre(0x40, 0x0800, 0, b"")).other_transport, 1);
}

#[test]
fn a_snaplen_keeps_the_length_on_the_wire() {
    let frame = ethernet(0x0800, &ipv4(6, &tcp(&[9; 1000])));
    let headers = 14 + 20 + 32;
    for captured in [headers, headers + 1, headers + 999] {
        let got = decode_cut(&frame, captured).expect("a segment");
        assert_eq!(got.payload.len(), captured - headers);
        assert_eq!(got.wire_length, 1000);
    }
    // Cut inside the TCP options: the fixed part is enough.
    let got = decode_cut(&frame, headers - 12).expect("a segment");
    assert_eq!((got.payload.len(), got.wire_length), (0, 1000));
    assert!(decode_cut(&frame, headers - 13).is_none());
    let frame = ethernet(0x0800, &datagram(&[9; 1000]));
    let got = decode_cut(&frame, 14 + 20 + 8 + 3).expect("a datagram");
    assert_eq!((got.payload.len(), got.wire_length), (3, 1000));
}

#[test]
fn udp_lengths() {
    let with_length = |length: u16| {
        let mut data = datagram(b"hello");
        data[24..26].copy_from_slice(&length.to_be_bytes());
        data
    };
    for (length, expected) in [(0, 5), (8, 0), (11, 3), (13, 5), (14, 5), (u16::MAX, 5)] {
        let got = decode(RAW, &with_length(length)).expect("a datagram");
        assert_eq!(
            (got.payload.len(), got.wire_length),
            (expected, expected as u32)
        );
    }
    assert_eq!(miss(RAW, &with_length(7)).malformed, 1);
}

#[test]
fn contradictions_are_malformed() {
    let change = |at: usize, value: u8| {
        let mut data = ipv4(6, &tcp(b""));
        data[at] = value;
        data
    };
    for (what, data) in [
        ("IP version 5", change(0, 0x55)),
        ("IP header of 16 bytes", change(0, 0x44)),
        ("IP total length below its header", change(3, 19)),
        ("TCP header of 16 bytes", change(32, 0x40)),
        ("TCP header beyond the packet", change(32, 0xf0)),
        ("a TCP header alone of 20 bytes, 24 declared", change(3, 40)),
    ] {
        assert_eq!(miss(RAW, &data).malformed, 1, "{what}");
    }
}

#[test]
fn other_transports_are_counted() {
    for protocol in [1, 2, 50, 132] {
        assert_eq!(miss(RAW, &ipv4(protocol, &[0; 20])).other_transport, 1);
        assert_eq!(miss(RAW, &ipv6(protocol, &[0; 20])).other_transport, 1);
    }
}
