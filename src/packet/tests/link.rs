use super::super::testing::{ETHERNET, RAW, datagram, decode, ethernet, ipv6, miss, udp};

fn with(head: &[u8], rest: &[u8]) -> Vec<u8> {
    [head, rest].concat()
}

/// Each link type in front of the same datagram.
#[test]
fn every_link_type() {
    let ip = datagram(b"hello");
    let tagged = |tags: &[u8]| ethernet(0x8100, &with(tags, &ip));
    let pppoe = with(&[0x11, 0, 0, 1, 0, 35, 0, 0x21], &ip);
    let mpls = with(&[0, 0, 0x10, 64, 0, 0, 0x21, 64], &ip);
    let mut cooked = vec![0, 0, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0];
    cooked.extend([8, 0]);
    let mut cooked2 = vec![8, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6];
    cooked2.extend([2; 8]);
    for (name, link, data) in [
        ("Ethernet", ETHERNET, ethernet(0x0800, &ip)),
        ("VLAN", ETHERNET, tagged(&[0, 5, 8, 0])),
        (
            "QinQ",
            ETHERNET,
            ethernet(0x88a8, &with(&[0, 5, 0x81, 0, 0, 6, 8, 0], &ip)),
        ),
        (
            "old QinQ",
            ETHERNET,
            ethernet(0x9100, &with(&[0, 5, 0x81, 0, 0, 6, 8, 0], &ip)),
        ),
        (
            "three tags",
            ETHERNET,
            tagged(&[0, 5, 0x81, 0, 0, 6, 0x88, 0xa8, 0, 7, 8, 0]),
        ),
        ("PPPoE", ETHERNET, ethernet(0x8864, &pppoe)),
        (
            "PPPoE in VLAN",
            ETHERNET,
            ethernet(0x8100, &with(&[0, 5, 0x88, 0x64], &pppoe)),
        ),
        ("MPLS", ETHERNET, ethernet(0x8847, &mpls)),
        (
            "SNAP",
            ETHERNET,
            ethernet(41, &with(&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &ip)),
        ),
        ("raw", RAW, ip.clone()),
        ("raw of BSD", 12, ip.clone()),
        ("raw of OpenBSD", 14, ip.clone()),
        ("raw IPv4", 228, ip.clone()),
        ("NULL little-endian", 0, with(&[2, 0, 0, 0], &ip)),
        ("NULL big-endian", 0, with(&[0, 0, 0, 2], &ip)),
        ("LOOP", 108, with(&[0, 0, 0, 2], &ip)),
        ("cooked", 113, with(&cooked, &ip)),
        ("cooked 2", 276, with(&cooked2, &ip)),
        ("PPP", 9, with(&[0, 0x21], &ip)),
        ("PPP, compressed protocol", 9, with(&[0x21], &ip)),
        ("PPP with HDLC", 50, with(&[0xff, 3, 0, 0x21], &ip)),
        ("PPPoE alone", 51, pppoe.clone()),
    ] {
        let got = decode(link, &data).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(
            (got.payload.as_slice(), got.wire_length),
            (&b"hello"[..], 5),
            "{name}"
        );
        assert_eq!(got.src.to_string(), "10.0.0.1:6881", "{name}");
        assert_eq!(got.dst.to_string(), "10.0.0.2:50000", "{name}");
    }
}

#[test]
fn ipv6_under_every_link_type_that_names_it() {
    let ip = ipv6(17, &udp(b"hello"));
    let mut cooked2 = vec![0x86, 0xdd];
    cooked2.extend([0; 18]);
    for (link, data) in [
        (ETHERNET, ethernet(0x86dd, &ip)),
        (RAW, ip.clone()),
        (229, ip.clone()),
        (0, with(&[10, 0, 0, 0], &ip)),
        (0, with(&[24, 0, 0, 0], &ip)),
        (0, with(&[28, 0, 0, 0], &ip)),
        (0, with(&[0, 0, 0, 30], &ip)),
        (276, with(&cooked2, &ip)),
        (9, with(&[0, 0x57], &ip)),
    ] {
        let got = decode(link, &data).expect("a datagram");
        assert_eq!(got.payload, b"hello");
        assert_eq!(got.src.to_string(), "[2001:db8::1]:6881");
    }
}

#[test]
fn what_is_not_ip_is_counted() {
    for (link, data) in [
        (ETHERNET, ethernet(0x0806, &[0; 28])),
        (ETHERNET, ethernet(38, &[0x42, 0x42, 3, 0, 0])),
        (ETHERNET, ethernet(0x8847, &[0, 0, 1, 64, 0, 1, 2, 3])),
        (0, with(&[7, 0, 0, 0], &datagram(b""))),
        (9, vec![0xc0, 0x21, 1, 1, 0, 4]),
    ] {
        assert_eq!(miss(link, &data).not_ip, 1, "{link} {data:x?}");
    }
}

#[test]
fn unknown_link_types_are_counted_by_type() {
    let stats = miss(127, &[0; 60]);
    assert_eq!(
        stats.unknown_link.into_iter().collect::<Vec<_>>(),
        [(127, 1)]
    );
}

#[test]
fn a_frame_cut_in_the_link_layer_is_counted() {
    let whole = ethernet(0x8100, &with(&[0, 5, 0x81, 0, 0, 6, 8, 0], &datagram(b"")));
    for length in 0..whole.len() {
        assert_eq!(miss(ETHERNET, &whole[..length]).cut, 1, "{length}");
    }
}
