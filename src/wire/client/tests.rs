//! The decode vectors.

use proptest::prelude::*;

use super::*;

fn decode(prefix: &[u8]) -> Option<String> {
    let mut id = [b'x'; 20];
    id[..prefix.len()].copy_from_slice(prefix);
    Client::from_peer_id(&id).map(|client| client.to_string())
}

#[test]
fn azureus_style() {
    let cases: [(&[u8], &str); 34] = [
        (b"-ADB560-", "Advanced Download Manager 11.5.6"),
        (b"-AZ8421-", "Vuze 8.4.2.1"),
        (b"-BC0241-", "BitComet 2.41"),
        (b"-BC0107-", "BitComet 1.07"),
        (b"-BI2300-", "BiglyBT 2.3.0.0"),
        (b"-BL246326", "BitLord 2.4.6-326"),
        (b"-BT791B-", "BitTorrent 7.9.1 beta"),
        (b"-BW1293-", "BitTorrent Web 1.2.9"),
        (b"-FL51FF-", "Folx 5.x"),
        (b"-FW6830-", "FrostWire 6.8.3"),
        (b"-FD51R\xff-", "Free Download Manager 5.1"),
        (b"-KT33D1-", "KTorrent 3.3 Dev 1"),
        (b"-Lr10X0-", "LibreTorrent 1.0.33"),
        (b"-LT2110-", "libtorrent 2.1.1"),
        (b"-lt0D80-", "libTorrent (rTorrent) 0.13.8"),
        (b"-ML2.7.2-", "MLDonkey 2.7.2"),
        (b"-PI0091-", "PicoTorrent 0.09.1"),
        (b"-PI0120-", "PicoTorrent 0.12.0"),
        (b"-SS0100-", "SwarmScope 0.1.0.0"),
        (b"-TR0006-", "Transmission 0.6"),
        (b"-TR0072-", "Transmission 0.72"),
        (b"-TR111Z-", "Transmission 1.11 dev"),
        (b"-TR3000-", "Transmission 3.00"),
        (b"-TR4000-", "Transmission 4.0.0"),
        (b"-TR400B-", "Transmission 4.0.0 beta"),
        (b"-TR4Az0-", "Transmission 4.10.61"),
        (b"-UT7a5\0-", "µTorrent 7.10.5"),
        (b"-UT341\0-", "µTorrent 3.4.1"),
        (b"-UW1110Q", "µTorrent Web 1.1.10"),
        (b"-WW0007-", "WebTorrent 0.0.0.7"),
        (b"-WW0208-", "WebTorrent 2.8"),
        (b"-XF9990-", "Xfplay 9.9.9"),
        (b"-XF9992-", "Xfplay 9.9.92"),
        (b"-qB4630-", "qBittorrent 4.6.3"),
    ];
    for (prefix, expected) in cases {
        assert_eq!(decode(prefix).as_deref(), Some(expected));
    }
}

#[test]
fn other_styles() {
    let cases: [(&[u8], &str); 24] = [
        (b"A2-1-18-8-", "aria2 1.18.8"),
        (b"A2-1-2-0-", "aria2 1.2.0"),
        (b"A2-1-36-0-", "aria2 1.36.0"),
        (b"M7-2-0--", "BitTorrent 7.2.0"),
        (b"M4-20-8-", "BitTorrent 4.20.8"),
        (b"Q1-23-4-", "Queen Bee 1.23.4"),
        (b"TIX0193-", "Tixati 1.93"),
        (b"S58B-----", "Shadow's 5.8.11"),
        (b"T03I-----", "BitTornado 0.3.18"),
        (b"S\x05\x07\x09\0\0\0\0\0", "Shadow's 5.7.9"),
        (b"exbc\0\x38LORD", "BitLord 0.56"),
        (b"exbc\0\x3a", "BitComet 0.58"),
        (b"FUTB\0\x38", "BitComet (Solidox mod) 0.56"),
        (b"XBT054d-", "XBT Client 0.5.4 debug"),
        (b"XBT361-", "XBT Client 3.6.1"),
        (b"OP7685", "Opera build 7685"),
        (b"-BOWA0C-", "Bits on Wheels 1.0.6"),
        (b"-G3name", "G3 Torrent"),
        (b"AZ2500BT", "BitTyrant"),
        (b"\0\x03BS", "BitSpirit 3.x"),
        (b"\x00\x07RS", "Rufus 0.7"),
        (b"xxxxxAzureus", "Azureus 2.0.3.2"),
        (b"turbobt1.2-", "TurboBT 1.2"),
        (b"AP0.70rc30-", "AllPeers 0.70rc30"),
    ];
    for (prefix, expected) in cases {
        assert_eq!(decode(prefix).as_deref(), Some(expected));
    }
}

#[test]
fn unidentified_and_random() {
    assert_eq!(
        decode(b"-NP1A00-").as_deref(),
        Some("unknown client NP 1.10.0.0")
    );
    assert_eq!(decode(b"-?!1000-"), None);
    assert_eq!(decode(b"T1000-)IJq91pyt_yj"), None);
    assert_eq!(decode(b"OPxxxx"), None);
    assert_eq!(Client::from_peer_id(&[0; 20]), None);
    let mut experimental = [7; 20];
    experimental[..12].fill(0);
    experimental[12] = 0x97;
    let client = Client::from_peer_id(&experimental).unwrap();
    assert_eq!(client.to_string(), "BitTorrent (experimental) 3.x");
}

#[test]
fn dht_versions() {
    let decode = |v: &[u8]| Client::from_dht_version(v).map(|client| client.to_string());
    assert_eq!(decode(b"LT\x01\x02").as_deref(), Some("libtorrent 1.0.2"));
    assert_eq!(decode(b"LT\x02\x0b").as_deref(), Some("libtorrent 2.0.11"));
    assert_eq!(
        decode(b"UT\xb6\x1f").as_deref(),
        Some("µTorrent build 46623")
    );
    assert_eq!(decode(b"TR").as_deref(), Some("Transmission"));
    assert_eq!(decode(b"TR\x01\x02").as_deref(), Some("Transmission"));
    assert_eq!(decode(b"\xff\xff\0\0"), None);
    assert_eq!(decode(b"L"), None);
}

proptest! {
    /// Any id gives an answer, and never a control character.
    #[test]
    fn any_id(id in any::<[u8; 20]>(), style in 0_usize..6) {
        let mut styled = id;
        let head: &[u8] = [&b""[..], b"-", b"-UT", b"-BL", b"exbc", b"A2-"][style];
        styled[..head.len()].copy_from_slice(head);
        for id in [id, styled] {
            if let Some(client) = Client::from_peer_id(&id) {
                prop_assert!(!client.to_string().chars().any(char::is_control));
            }
            Client::from_dht_version(&id[..4]);
        }
    }
}
