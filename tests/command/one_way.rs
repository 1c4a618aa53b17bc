//! A capture of one direction only: what the other said is not told as nothing.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use peerscope::capture::{self, PcapWriter, Precision, Source};

use crate::corpus::shipped;
use crate::tool::run;

/// Where the sender stands in a packet of IPv4 over Ethernet.
const SENDER: std::ops::Range<usize> = 26..30;

/// Writes the packets of one host.
fn only(sender: [u8; 4], folder: &Path) -> PathBuf {
    let path = folder.join(format!("{}.pcap", sender[3]));
    let file = shipped("lab/a-libtorrent-libtorrent.pcap.gz");
    let mut source = capture::open(&[file]).expect("a capture");
    let mut writer = None;
    while let Some(packet) = source.next_packet().expect("packets") {
        if packet.data.get(SENDER) == Some(&sender) {
            let writer = writer.get_or_insert_with(|| {
                let file = BufWriter::new(File::create(&path).expect("a file"));
                PcapWriter::new(file, packet.link, Precision::Micros).expect("a header")
            });
            writer.packet(&packet).expect("written");
        }
    }
    drop(writer);
    path
}

/// The line of `sessions -V` that begins with these words, cut at its columns.
fn row(details: &str, label: &str) -> Vec<String> {
    let found = details.lines().map(str::trim_start);
    let line = found.into_iter().find(|line| line.starts_with(label));
    let line = line.unwrap_or_else(|| panic!("no {label} in {details}"));
    let cells = line.split("  ").map(str::trim);
    let cells = cells.filter(|cell| !cell.is_empty()).skip(1);
    cells.map(str::to_owned).collect()
}

#[test]
fn what_a_side_said_that_was_not_captured_is_not_seen() {
    let folder = tempfile::tempdir().expect("folder");
    let details = |sender| {
        let file = only(sender, folder.path());
        run([Path::new("sessions"), Path::new("-V"), &file]).stdout
    };
    let of_acceptor = details([10, 98, 0, 1]);
    for (label, sent) in [
        ("sent on the wire", "3.00 MiB"),
        ("data of pieces", "3.00 MiB"),
        ("messages", "203"),
    ] {
        assert_eq!(
            row(&of_acceptor, label),
            ["not seen", sent],
            "{of_acceptor}"
        );
    }
    assert!(
        of_acceptor.contains("; half closed by B (#"),
        "{of_acceptor}"
    );

    let of_initiator = details([10, 98, 0, 2]);
    assert_eq!(row(&of_initiator, "messages"), ["294", "not seen"]);
    assert_eq!(row(&of_initiator, "requests made"), ["193"]);
    assert_eq!(row(&of_initiator, "not seen"), ["193"]);
    assert!(!of_initiator.contains("unanswered"), "{of_initiator}");

    let file = only([10, 98, 0, 1], folder.path());
    let json = run([Path::new("sessions"), Path::new("--json"), &file]).stdout;
    assert!(
        json.contains(r#""not_seen":{"initiator":true,"acceptor":false}"#),
        "{json}"
    );
    let page = run([Path::new("report"), &file, Path::new("-o"), Path::new("-")]).stdout;
    let sides = page.split("messages sent").nth(1).expect("a card");
    let [initiator, acceptor] = ["initiator", "acceptor"].map(|side| {
        let cell = sides.split(&format!("data-side=\"{side}\">")).nth(1);
        cell.expect("a cell")
            .split("</td>")
            .next()
            .unwrap_or_default()
    });
    assert!(initiator.contains("not seen"), "{initiator}");
    assert!(acceptor.contains("piece"), "{acceptor}");
}
