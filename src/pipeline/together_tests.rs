//! Observers beside each other, and what is told of interest alone.

use std::path::PathBuf;

use super::{Bodies, BodyChunk, Interest, Observer, Pipeline, StreamSet};
use crate::capture;
use crate::packet::Stamp;
use crate::session::{Ended, Heard, Torrents};
use crate::wire::peer::{Block, Message};
use crate::wire::{MessageSet, Protocol, Topic};

/// Counts what it is told.
#[derive(Default)]
struct Ear {
    interest: Interest,
    begun: usize,
    messages: u64,
    pieces: u64,
    packets: u64,
    with_fields: u64,
    /// Data of the pieces in messages and in chunks, as far as it came.
    whole: Vec<(Block, Vec<u8>)>,
    chunked: Vec<(Block, Vec<u8>)>,
    chunks: u64,
    ended: u64,
}

impl Ear {
    fn of(interest: Interest) -> Self {
        Self {
            interest,
            ..Self::default()
        }
    }
}

impl Observer for Ear {
    fn interest(&self) -> Interest {
        self.interest.clone()
    }

    fn begin(&mut self, _: Stamp) {
        self.begun += 1;
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.messages += 1;
        self.with_fields += u64::from(heard.fields.is_some());
        self.packets += u64::from(heard.is_packet());
        if let Some(Message::Piece(block)) = heard.peer_message() {
            self.pieces += 1;
            self.whole.push((*block, heard.bytes[13..].to_vec()));
        }
    }

    fn body(&mut self, chunk: &BodyChunk<'_>) {
        self.chunks += 1;
        if chunk.offset == 0 {
            self.chunked.push((chunk.block, Vec::new()));
        }
        let (block, data) = self.chunked.last_mut().unwrap();
        assert_eq!((*block, data.len()), (chunk.block, chunk.offset as usize));
        data.extend_from_slice(chunk.bytes);
    }

    fn ended(&mut self, _: &Ended<'_>) {
        self.ended += 1;
    }
}

fn listen(name: &str, observer: &mut dyn Observer) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name);
    let mut source = capture::open(&[path]).unwrap();
    let mut pipeline = Pipeline::new(observer, Torrents::default());
    pipeline.run(&mut source).unwrap();
    pipeline.finish();
}

const PIECES: MessageSet = MessageSet::NONE.with_topic(Protocol::Peer, Topic::Delivery);

#[test]
fn each_is_told_what_it_asked_for() {
    const CAPTURE: &str = "lab/d-utp-libtorrent-transmission.pcap";
    let all = Interest::default();
    let pieces = Interest {
        messages: PIECES,
        bodies: Bodies::Chunks,
        ..Interest::default()
    };
    let packets = Interest {
        packets: true,
        fields: true,
        ..Interest::default()
    };
    let none = Interest {
        messages: MessageSet::NONE,
        ..Interest::default()
    };
    let alone = [&all, &pieces, &packets, &none].map(|interest| {
        let mut ear = Ear::of(interest.clone());
        listen(CAPTURE, &mut ear);
        ear
    });
    let mut together = [all, pieces, packets, none].map(Ear::of);
    let [a, b, c, d] = &mut together;
    listen(CAPTURE, &mut ((a, b), c, d));
    for (alone, beside) in alone.iter().zip(&together) {
        let counts = |ear: &Ear| [ear.messages, ear.pieces, ear.packets, ear.chunks, ear.ended];
        assert_eq!(counts(alone), counts(beside));
        assert_eq!(beside.begun, 1);
    }
    let [a, b, c, d] = together;
    assert!(a.pieces > 0 && c.packets > 0 && a.packets == 0);
    assert_eq!(a.messages + c.packets, c.messages);
    assert!(b.pieces == a.pieces && b.messages < a.messages);
    assert_eq!((d.messages, d.ended), (0, a.ended));
    assert!(alone[2].with_fields > 0 && alone[0].with_fields == 0);
}

#[test]
fn chunks_are_the_data_of_whole_pieces() {
    for name in [
        "lab/a-rtorrent-aria2.pcap",
        "lab/d-utp-libtorrent-transmission.pcap",
    ] {
        let mut whole = Ear::of(Interest {
            bodies: Bodies::Whole,
            ..Interest::default()
        });
        let mut chunks = Ear::of(Interest {
            bodies: Bodies::Chunks,
            messages: MessageSet::NONE,
            ..Interest::default()
        });
        listen(name, &mut whole);
        listen(name, &mut chunks);
        assert!(whole.pieces > 0 && chunks.chunks > chunks.chunked.len() as u64);
        assert_eq!(whole.chunked, chunks.chunked);
        assert_eq!(whole.whole, chunks.chunked);
    }
}

#[test]
fn streams_are_chosen_by_number() {
    const CAPTURE: &str = "lab/a-rtorrent-aria2.pcap";
    let mut all = Ear::default();
    listen(CAPTURE, &mut all);
    let one = |stream| {
        let mut ear = Ear::of(Interest {
            streams: StreamSet::only(vec![stream]),
            ..Interest::default()
        });
        listen(CAPTURE, &mut ear);
        ear.messages
    };
    let counts: Vec<_> = (0..40).map(one).collect();
    assert!(counts.iter().filter(|count| **count > 0).count() > 1);
    assert_eq!(counts.iter().sum::<u64>(), all.messages);
}
