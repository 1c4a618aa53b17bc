//! What must hold for any input at all. The fuzz targets run these on what the
//! fuzzer finds, `tests/seeds.rs` on the seeds in `fuzz/corpus`.

use std::io::Write;

use peerscope::capture::{self, CaptureError, LinkType, Packet, Source, Timestamp};
use peerscope::notation;
use peerscope::paste::{self, Section};
use peerscope::pasted::{self, Names, Reading, Sample};
use peerscope::pipeline::{Observer, Pipeline};
use peerscope::session::{Heard, Torrents};
use peerscope::wire::bencode::Tape;
use peerscope::wire::compact::Family;
use peerscope::wire::http_tracker::{Purpose, dissect_request, dissect_response};
use peerscope::wire::peer::{self, Context, Framing};
use peerscope::wire::{Tree, dht, lsd, udp_tracker};

/// A message: the first byte says how it is framed and how many of its declared
/// bytes are missing, the rest is the message.
pub fn message(input: &[u8]) {
    let Some((&control, bytes)) = input.split_first() else {
        return;
    };
    let framing = match control & 3 {
        0 => Framing::Handshake,
        1 => Framing::Azmp,
        _ => Framing::Messages,
    };
    let context = Context {
        framing,
        ..Context::default()
    };
    let declared = bytes.len() + usize::from(control >> 2);
    let mut tree = Tree::new();
    let shown = peer::dissect(bytes, declared, &context, &mut tree);
    let plain = peer::dissect(bytes, declared, &context, &mut ());
    assert_eq!(shown, plain, "the sink changes the message");
    assert_partition(&tree, declared);
    let _ = plain.message.to_string();
}

/// A text with pasted bytes: each reading of each dump covers its bytes, and the
/// sink does not change it.
pub fn paste(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for pasted in [paste::read(&text), paste::read_bytes(&text)] {
        for section in &pasted.sections {
            let Section::Dump(dump) = section else {
                continue;
            };
            let sample = Sample {
                is_cut: dump.cut.is_some(),
                ..Sample::new(&dump.bytes)
            };
            for reading in Reading::ALL {
                let mut end = 0;
                for stretch in pasted::messages(&sample, reading, &mut Names::default()) {
                    assert_eq!(stretch.at, end, "{reading} leaves bytes out");
                    end += stretch.bytes.len();
                    let mut tree = Tree::new();
                    let shown = stretch.dissect(&mut tree);
                    assert_eq!(shown, stretch.dissect(&mut ()), "the sink changes it");
                    assert_partition(&tree, stretch.length);
                }
                assert_eq!(end, dump.bytes.len(), "{reading} leaves bytes out");
            }
            let _ = dump.place(dump.bytes.len());
        }
    }
}

/// A message in words: what it makes can be said in words that make it again.
pub fn notation(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let Ok(encoded) = notation::encode(&text, &|_| None) else {
        return;
    };
    let words = notation::of_bytes(&encoded.bytes);
    let again = notation::encode(&words, &|_| None);
    assert_eq!(again.map(|again| again.bytes), Ok(encoded.bytes));
}

/// A message of the DHT, a tracker or local discovery: the first byte says of
/// which and how many of its declared bytes are missing, the rest is the message.
pub fn discovery(input: &[u8]) {
    let Some((&control, bytes)) = input.split_first() else {
        return;
    };
    let declared = bytes.len() + usize::from(control >> 3);
    let mut tree = Tree::new();
    let words = match control & 7 {
        0 | 7 => dht::dissect(bytes, declared, None, &mut tree)
            .message
            .to_string(),
        1 => lsd::dissect(bytes, declared, &mut tree).message.to_string(),
        2 => match dissect_request(bytes, declared, &mut tree) {
            Some(request) => request.message.to_string(),
            None => return,
        },
        3 => {
            let purpose = Purpose::Announce;
            let response = dissect_response(bytes, declared, purpose, &mut tree);
            response.message.to_string()
        }
        kind => {
            let context = udp_tracker::Context {
                role: match kind {
                    4 => udp_tracker::Role::Request,
                    _ => udp_tracker::Role::Response,
                },
                family: if kind == 6 { Family::V6 } else { Family::V4 },
            };
            let message = udp_tracker::dissect(bytes, declared, context, &mut tree);
            message.message.to_string()
        }
    };
    assert!(!words.is_empty());
    assert_partition(&tree, declared);
}

/// The leaves of a tree cover every byte exactly once, in order.
fn assert_partition(tree: &Tree, declared: usize) {
    if tree.is_full() {
        return;
    }
    let mut at = 0;
    for (_, leaf) in tree.leaves() {
        assert_eq!(leaf.start as usize, at, "{leaf:?}");
        assert!(leaf.end >= leaf.start, "{leaf:?}");
        at = leaf.end as usize;
    }
    assert_eq!(at, declared, "bytes without a field");
}

/// A bencoded value.
pub fn bencode(input: &[u8]) {
    let tape = Tape::parse(input);
    assert!(tape.end() <= input.len());
    for token in tape.tokens() {
        let (span, content) = (token.span(), token.content());
        assert!(span.start <= content.start && content.end <= span.end);
        assert!(span.end <= input.len());
    }
    for anomaly in tape.anomalies() {
        let _ = anomaly.kind.text();
    }
}

/// Looks at everything that it is told.
#[derive(Default)]
struct Looker {
    tree: Tree,
}

impl Observer for Looker {
    fn message(&mut self, heard: &Heard<'_>) {
        let _ = heard.to_string();
        self.tree.clear();
        heard.dissect(&mut self.tree);
        assert!(heard.first.frame <= heard.last.frame);
    }
}

fn analyse(source: &mut dyn Source) {
    let mut looker = Looker::default();
    let mut pipeline = Pipeline::new(&mut looker, Torrents::default());
    // A damaged capture ends in an error, which is an answer.
    let _ = pipeline.run(source);
    pipeline.finish();
}

/// A capture file of any kind.
pub fn capture(input: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(input).expect("it takes the input");
    if let Ok(mut source) = capture::open(&[file.path().to_owned()]) {
        analyse(&mut source);
    }
}

/// TCP segments: each begins with a control byte (direction, flags), how far its
/// sequence number jumps, and how long it is.
pub fn stream(input: &[u8]) {
    analyse(&mut Segments {
        rest: input,
        frame: 0,
        next: [0; 2],
        packet: Vec::new(),
    });
}

struct Segments<'i> {
    rest: &'i [u8],
    frame: u64,
    /// Sequence number of the next byte in order, by direction.
    next: [u32; 2],
    packet: Vec<u8>,
}

/// Raw IP.
const RAW: LinkType = LinkType(101);

impl Source for Segments<'_> {
    fn next_packet(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let [control, jump, length, rest @ ..] = self.rest else {
            return Ok(None);
        };
        let (payload, rest) = rest.split_at(rest.len().min(usize::from(*length)));
        self.rest = rest;
        self.frame += 1;
        let side = usize::from(control & 1);
        let seq = self.next[side].wrapping_add_signed(i32::from(jump.cast_signed()));
        self.next[side] = seq.wrapping_add(u32::from(*length));
        self.packet.clear();
        // Control: bit 0 the direction, bits 1 to 4 FIN, SYN, RST, ACK.
        let flags = control >> 1 & 0x07 | control & 0x10;
        let ack = self.next[1 - side];
        push_packet(&mut self.packet, side, seq, ack, flags, payload);
        Ok(Some(Packet {
            frame: self.frame,
            time: Timestamp::from_nanos(i128::from(self.frame)),
            interface: 0,
            link: RAW,
            data: &self.packet,
            original_length: self.packet.len() as u32,
        }))
    }
}

/// IPv4 and TCP headers without checksums, which a dissector does not need.
fn push_packet(out: &mut Vec<u8>, side: usize, seq: u32, ack: u32, flags: u8, payload: &[u8]) {
    const ENDS: [([u8; 4], u16); 2] = [([10, 0, 0, 1], 50_000), ([10, 0, 0, 2], 6881)];
    let (from, to) = (ENDS[side], ENDS[1 - side]);
    out.extend_from_slice(&[0x45, 0]);
    out.extend_from_slice(&(40 + payload.len() as u16).to_be_bytes());
    out.extend_from_slice(&[0, 0, 0x40, 0, 64, 6, 0, 0]);
    out.extend_from_slice(&from.0);
    out.extend_from_slice(&to.0);
    out.extend_from_slice(&from.1.to_be_bytes());
    out.extend_from_slice(&to.1.to_be_bytes());
    out.extend_from_slice(&seq.to_be_bytes());
    out.extend_from_slice(&ack.to_be_bytes());
    out.extend_from_slice(&[0x50, flags, 0x20, 0, 0, 0, 0, 0]);
    out.extend_from_slice(payload);
}
