//! Captures cut by a small snaplen: no message is made up, and what little is
//! there shows the connection.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use peerscope::capture::{self, Packet, Source};
use peerscope::packet::{Decoder, Transport};
use peerscope::pipeline::{Observer, Pipeline};
use peerscope::session::{Heard, Torrents};

/// First packet, sender, length and name of each message; a name that only the
/// rest of the message would tell is left out.
#[derive(Default)]
struct Messages(BTreeSet<(u64, SocketAddr, u64, &'static str)>);

impl Observer for Messages {
    fn message(&mut self, heard: &Heard<'_>) {
        if heard.peer_message().is_none() {
            return;
        }
        let name = match heard.message_name() {
            name @ ("handshake" | "request" | "piece" | "have" | "cancel") => name,
            _ => "",
        };
        self.0
            .insert((heard.first.frame, heard.src, heard.length, name));
    }
}

/// Bytes of a packet before what TCP or UDP carry.
fn headers(packet: &Packet<'_>) -> usize {
    let payload = match Decoder::new().decode(packet) {
        Some(Transport::Tcp(segment)) => segment.payload.len(),
        Some(Transport::Udp(datagram)) => datagram.payload.len(),
        Some(Transport::Icmp(_)) | None => 0,
    };
    packet.data.len() - payload
}

/// What is heard when `payload` bytes of each packet are there.
fn heard(path: &Path, payload: usize) -> Messages {
    let mut source = capture::open(&[path.to_owned()]).expect("the file opens");
    let mut messages = Messages::default();
    let mut pipeline = Pipeline::new(&mut messages, Torrents::default());
    while let Ok(Some(packet)) = source.next_packet() {
        let length = headers(&packet).saturating_add(payload);
        let data = &packet.data[..length.min(packet.data.len())];
        pipeline.packet(&Packet { data, ..packet });
    }
    pipeline.finish();
    messages
}

fn captures(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        eprintln!("skipped: {} is not there", folder.display());
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<_> = paths
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            let is_log = path.to_string_lossy().contains("peerlog");
            !is_log && matches!(extension, Some("pcap" | "pcapng" | "gz" | "zst"))
        })
        .collect();
    paths.sort();
    paths
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn no_message_is_made_up() {
    for path in captures(&root().join("captures/lab")) {
        let whole = heard(&path, usize::MAX);
        for payload in [0, 5, 6, 7, 13, 30] {
            let cut = heard(&path, payload);
            let made_up: Vec<_> = cut.0.difference(&whole.0).collect();
            assert!(
                made_up.iter().all(|message| message.3.is_empty()),
                "{} {payload} {made_up:?}",
                path.display()
            );
        }
    }
}

#[test]
fn six_bytes_of_a_packet_show_handshakes_and_requests() {
    let cut = heard(&root().join("captures/demo.pcap"), 6);
    let names = |wanted| cut.0.iter().filter(|message| message.3 == wanted).count();
    assert_eq!(names("handshake"), 2);
    assert!(names("request") > 0 && names("piece") > 0, "{:?}", cut.0);
}

#[test]
fn nothing_is_heard_in_what_is_not_bittorrent() {
    for path in captures(&root().join("../shared/captures/negatives")) {
        for payload in [4, 6, 8, 20, 60, 200] {
            let found = heard(&path, payload).0;
            assert!(found.is_empty(), "{} {payload} {found:?}", path.display());
        }
    }
}
