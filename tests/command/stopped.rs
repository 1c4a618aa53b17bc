//! A message that is not whole because its sender stopped is told as that, and
//! not as one that the capture has cut.

use std::fs::File;
use std::path::Path;

use etherparse::PacketBuilder;
use peerscope::capture::{LinkType, Packet, PcapWriter, Precision, Timestamp};

use super::tool::{read_peer, run};

const INITIATOR: ([u8; 4], u16) = ([10, 0, 0, 1], 40_000);
const ACCEPTOR: ([u8; 4], u16) = ([10, 0, 0, 2], 6881);

/// How a segment ends its side of the connection.
#[derive(Clone, Copy, PartialEq)]
enum End {
    None,
    Fin,
    Reset,
}

/// An Ethernet frame from one end to the other.
fn segment(sequence: u32, is_syn: bool, end: End, payload: &[u8]) -> Vec<u8> {
    let builder = PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4(INITIATOR.0, ACCEPTOR.0, 64)
        .tcp(INITIATOR.1, ACCEPTOR.1, sequence, 65_000);
    let builder = if is_syn {
        builder.syn()
    } else {
        builder.ack(1)
    };
    let builder = match end {
        End::None => builder,
        End::Fin => builder.fin(),
        End::Reset => builder.rst(),
    };
    let mut bytes = Vec::new();
    builder.write(&mut bytes, payload).expect("memory");
    bytes
}

/// Writes a capture in which the initiator sends `payload` and then stops; of the
/// packet with the payload only `captured` bytes are in it.
fn write(path: &Path, payload: &[u8], captured: usize, end: End) {
    let file = File::create(path).expect("file");
    let mut writer = PcapWriter::new(file, LinkType(1), Precision::Micros).expect("written");
    let after = 1 + u32::try_from(payload.len()).expect("short");
    let packets = [
        segment(0, true, End::None, &[]),
        segment(1, false, End::None, payload),
        segment(after, false, end, &[]),
    ];
    for (frame, bytes) in (1..).zip(&packets) {
        let header = bytes.len() - payload.len().min(bytes.len());
        let kept = if frame == 2 {
            header + captured
        } else {
            bytes.len()
        };
        let packet = Packet {
            frame,
            time: Timestamp::from_nanos(i128::from(frame) * 1_000_000),
            interface: 0,
            link: LinkType(1),
            data: &bytes[..kept],
            original_length: u32::try_from(bytes.len()).expect("short"),
        };
        writer.packet(&packet).expect("written");
    }
    writer.into_inner().expect("written");
}

/// A handshake and the first 5 of the 17 bytes of a request.
fn payload() -> Vec<u8> {
    let mut bytes = b"\x13BitTorrent protocol".to_vec();
    bytes.extend([7; 48]);
    bytes.extend([0, 0, 0, 13, 6]);
    bytes
}

#[test]
fn whose_fault_it_is_that_a_message_is_not_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("stopped.pcap");
    let all = payload().len();
    let cases = [
        (all, End::Fin, "; cut: 5 of 17 bytes sent", Some(12)),
        (all, End::Reset, "; cut: 5 of 17 bytes sent", Some(12)),
        (all, End::None, "; cut: 5 of 17 bytes captured", None),
        (all - 1, End::None, "; cut: 4 of 17 bytes captured", None),
    ];
    for (captured, end, words, unsent) in cases {
        write(&path, &payload(), captured, end);
        let text = run([Path::new("read"), &path]).stdout;
        assert!(text.lines().any(|line| line.ends_with(words)), "{text}");
        let text = run([Path::new("follow"), &path]).stdout;
        let words = words.trim_start_matches("; ");
        assert!(text.lines().any(|line| line.ends_with(words)), "{text}");
        let records = read_peer(&path);
        let request = records.last().expect("a request");
        assert_eq!(
            request.0.get("unsent").and_then(serde_json::Value::as_u64),
            unsent
        );
        let missing = 17 - (captured - 68) as u64;
        assert_eq!(request.number("missing"), missing);
    }
    write(&path, &payload(), all, End::Fin);
    let text = run([Path::new("read"), Path::new("-x"), &path]).stdout;
    assert!(text.contains("12 bytes not sent"), "{text}");
}
