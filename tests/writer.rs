//! What the writers write, other programs read alike.

use std::io::Write;
use std::process::Command;

use peerscope::capture::{LinkType, Packet, PcapWriter, PcapngWriter, Precision, Timestamp};

const NANOS: i128 = 1_700_000_000_123_456_789;

fn packets() -> Vec<Packet<'static>> {
    let packet = |frame: u64, data: &'static [u8], original_length: u32| Packet {
        frame,
        time: Timestamp::from_nanos(NANOS + i128::from(frame)),
        interface: 0,
        link: LinkType(101),
        data,
        original_length,
    };
    vec![
        packet(1, b"E", 1500),
        packet(2, b"", 40),
        packet(3, b"abcde", 5),
    ]
}

/// The fields that tshark finds, a line a packet; `None` where there is none.
fn tshark(bytes: &[u8], fields: &[&str]) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().expect("temporary file");
    file.write_all(bytes).expect("temporary file");
    let mut command = Command::new("tshark");
    command.arg("-r").arg(file.path()).args(["-T", "fields"]);
    for field in fields {
        command.args(["-e", field]);
    }
    let Ok(output) = command.output() else {
        eprintln!("skipped: tshark is not installed");
        return None;
    };
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).expect("text"))
}

const FIELDS: [&str; 3] = ["frame.time_epoch", "frame.cap_len", "frame.len"];

#[test]
fn tshark_reads_our_pcapng() {
    let mut writer = PcapngWriter::new(Vec::new()).expect("memory");
    writer.interface(LinkType(101), "peer").expect("memory");
    writer.secrets(0x544c_534b, b"# no keys\n").expect("memory");
    for packet in packets() {
        let comment = (packet.frame == 2).then_some("why");
        writer.packet(&packet, comment).expect("memory");
    }
    let bytes = writer.into_inner().expect("memory");
    let fields = [&FIELDS[..], &["frame.interface_name", "frame.comment"]].concat();
    if let Some(lines) = tshark(&bytes, &fields) {
        assert_eq!(
            lines,
            "1700000000.123456790\t1\t1500\tpeer\t\n\
             1700000000.123456791\t0\t40\tpeer\twhy\n\
             1700000000.123456792\t5\t5\tpeer\t\n"
        );
    }
}

#[test]
fn tshark_reads_our_pcap() {
    for (precision, times) in [
        (Precision::Micros, ["456000", "456000", "456000"]),
        (Precision::Nanos, ["456790", "456791", "456792"]),
    ] {
        let mut writer = PcapWriter::new(Vec::new(), LinkType(101), precision).expect("memory");
        for packet in packets() {
            writer.packet(&packet).expect("memory");
        }
        if let Some(lines) = tshark(&writer.into_inner().expect("memory"), &FIELDS) {
            let [first, second, third] = times.map(|end| format!("1700000000.123{end}"));
            assert_eq!(
                lines,
                format!("{first}\t1\t1500\n{second}\t0\t40\n{third}\t5\t5\n")
            );
        }
    }
}
