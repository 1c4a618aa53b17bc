use proptest::prelude::*;

use super::extension::{is_selected, selectively_acknowledged};
use super::*;
use crate::wire::{Fact, Note, Problem, Reader, Tree};

fn read(bytes: &[u8]) -> Result<Packet<'_>, Problem> {
    dissect(Reader::new(bytes, bytes.len(), &mut ()))
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).expect("hex")
}

#[test]
fn syn_and_its_answer() {
    let syn = bytes("4100 1234 00100000 00000000 00000000 0001 0000");
    let packet = read(&syn).expect("a packet");
    assert_eq!(packet.packet_type, PacketType::SYN);
    assert_eq!(packet.to_string(), "syn, id 4660, seq 1");
    let answer = bytes("2100 1234 00100100 00000100 00100000 8000 0001");
    let packet = read(&answer).expect("a packet");
    assert_eq!((packet.wnd_size, packet.seq_nr), (1 << 20, 0x8000));
    assert_eq!(packet.to_string(), "state, id 4660, seq 32768, ack 1");
    assert!(packet.is_plausible());
}

#[test]
fn data() {
    let mut datagram = bytes("0100 1235 00100200 00000100 00100000 0002 7fff");
    datagram.extend(b"\x13BitTorrent protocol");
    let packet = read(&datagram).expect("a packet");
    assert_eq!(packet.payload, b"\x13BitTorrent protocol");
    assert_eq!(packet.to_string(), "data 20 B, id 4661, seq 2, ack 32767");
}

#[test]
fn selective_ack() {
    let datagram = bytes("2101 1234 00100300 00000100 00100000 8000 0002 0004 05000000");
    let mut tree = Tree::new();
    let packet = dissect(Reader::new(&datagram, datagram.len(), &mut tree)).expect("a packet");
    let Some(Extension::SelectiveAck(bits)) = packet.extensions.iter().next() else {
        panic!("a selective ACK");
    };
    let arrived: Vec<u16> = selectively_acknowledged(bits, packet.ack_nr).collect();
    assert_eq!(arrived, [4, 6]);
    let is_named = |number: &u16| is_selected(bits, packet.ack_nr, *number);
    let named: Vec<u16> = (0..=u16::MAX).filter(is_named).collect();
    assert_eq!(named, arrived);
    let is_fact = |note: &Note| matches!(note, Note::Fact(Fact::Arrived { ack_nr: 2, .. }));
    assert!(tree.notes().iter().any(|(_, note)| is_fact(note)));
    assert_eq!(
        packet.to_string(),
        "state, id 4660, seq 32768, ack 2, 2 more selectively"
    );
}

#[test]
fn close_reason() {
    let datagram = bytes("1103 1234 00100300 00000100 00100000 8000 0002 0004 0000 0102");
    let packet = read(&datagram).expect("a packet");
    let text = "fin, id 4660, seq 32768, ack 2, reason: connection to itself";
    assert_eq!(packet.to_string(), text);
    assert_eq!(CloseReason(288).name(), Some("peer exchange too frequent"));
    assert_eq!(CloseReason(289).name(), None);
}

#[test]
fn what_is_no_packet() {
    let syn = bytes("4100 1234 00100000 00000000 00000000 0001 0000");
    for length in 0..syn.len() {
        assert!(read(&syn[..length]).is_err());
        let cut = dissect(Reader::new(&syn[..length], syn.len(), &mut ()));
        assert_eq!(cut, Err(Problem::Cut));
    }
    let version_0 = bytes("0000 1234 00100000 00000000 00000000 0001 0000");
    assert!(matches!(read(&version_0), Err(Problem::Malformed(_))));
    let chain_leaves = bytes("4101 1234 00100000 00000000 00000000 0001 0000 0104");
    assert!(matches!(read(&chain_leaves), Err(Problem::Malformed(_))));
    let type_5 = bytes("5100 1234 00100000 00000000 00000000 0001 0000");
    assert!(!read(&type_5).expect("a packet").is_plausible());
}

fn chain() -> impl Strategy<Value = (u8, Vec<u8>)> {
    let element = (1..5_u8, prop::collection::vec(any::<u8>(), 0..20));
    prop::collection::vec(element, 0..4).prop_map(|elements| {
        let mut types: Vec<u8> = elements.iter().map(|(kind, _)| *kind).collect();
        types.push(0);
        let mut bytes = Vec::new();
        for (index, (_, body)) in elements.iter().enumerate() {
            bytes.extend([types[index + 1], body.len() as u8]);
            bytes.extend(body);
        }
        (types[0], bytes)
    })
}

fn leaves_partition(tree: &Tree, length: usize) -> bool {
    let mut at = 0;
    for (_, leaf) in tree.leaves() {
        if leaf.start != at {
            return false;
        }
        at = leaf.end;
    }
    at as usize == length
}

proptest! {
    #[test]
    fn what_is_encoded_is_read_back(
        (kind, id, stamps, wnd_size, numbers) in (
            0..5_u8, any::<u16>(), any::<(u32, u32)>(), any::<u32>(), any::<(u16, u16)>(),
        ),
        (first, chain) in chain(),
        payload in prop::collection::vec(any::<u8>(), 0..50),
    ) {
        let packet = Packet {
            packet_type: PacketType(kind),
            connection_id: id,
            timestamp: stamps.0,
            timestamp_difference: stamps.1,
            wnd_size,
            seq_nr: numbers.0,
            ack_nr: numbers.1,
            extensions: Extensions::new(first, &chain).expect("a whole chain"),
            payload: &payload,
            payload_length: payload.len(),
        };
        let mut datagram = Vec::new();
        packet.encode(&mut datagram);
        let mut tree = Tree::new();
        let read = dissect(Reader::new(&datagram, datagram.len(), &mut tree));
        prop_assert_eq!(read, Ok(packet));
        prop_assert!(leaves_partition(&tree, datagram.len()));
        prop_assert_eq!(self::read(&datagram), Ok(packet));
    }

    #[test]
    fn any_bytes_give_an_answer(
        mut datagram in prop::collection::vec(any::<u8>(), 0..80),
        beyond in 0..50_usize,
    ) {
        if let Some(first) = datagram.first_mut() {
            *first = *first & 0xf0 | VERSION;
        }
        let mut tree = Tree::new();
        let declared = datagram.len() + beyond;
        let result = dissect(Reader::new(&datagram, declared, &mut tree));
        prop_assert!(leaves_partition(&tree, declared));
        if let Ok(packet) = result {
            prop_assert!(!packet.to_string().is_empty());
        }
    }
}
