//! A capture in memory, checked.

use peerscope::capture::{self, Packet, Source};
use peerscope::findings::{Checker, Report, Selection};
use peerscope::packet::Stamp;
use peerscope::pipeline::{Bodies, Interest, Observer, Pipeline};
use peerscope::session::{Conflict, ConnectionEvent, Ended, Heard, KeyLog, Torrents};

/// A packet with its own bytes.
#[derive(Clone)]
pub struct Captured {
    pub time: capture::Timestamp,
    pub interface: u32,
    pub link: capture::LinkType,
    pub data: Vec<u8>,
    pub original_length: u32,
}

/// All packets of a source.
pub fn packets(mut source: impl Source) -> Vec<Captured> {
    let mut packets = Vec::new();
    while let Some(packet) = source.next_packet().expect("a sound capture") {
        packets.push(Captured {
            time: packet.time,
            interface: packet.interface,
            link: packet.link,
            data: packet.data.to_vec(),
            original_length: packet.original_length,
        });
    }
    packets
}

struct Listener {
    checker: Checker,
    verifies: bool,
}

impl Observer for Listener {
    fn interest(&self) -> Interest {
        Interest {
            bodies: if self.verifies {
                Bodies::Whole
            } else {
                Bodies::Counted
            },
            ..Interest::of_findings()
        }
    }

    fn over(&mut self, last: Stamp) {
        self.checker.until(last.time);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.checker.hear(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.checker.ended(ended);
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        self.checker.contradicted(conflict);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.checker.connection(event);
    }
}

/// What a check of these packets comes to.
pub fn check<'p>(packets: impl Iterator<Item = &'p Captured>, torrents: Torrents) -> Report {
    run(packets, torrents, KeyLog::default(), false)
}

/// The same, with the data of pieces held against their hashes.
pub fn verify<'p>(packets: impl Iterator<Item = &'p Captured>, torrents: Torrents) -> Report {
    run(packets, torrents, KeyLog::default(), true)
}

/// The same, with all that may be known beforehand.
pub fn run<'p>(
    packets: impl Iterator<Item = &'p Captured>,
    torrents: Torrents,
    keys: KeyLog,
    verifies: bool,
) -> Report {
    let checker = Checker::new(Selection::default());
    let mut listener = Listener {
        checker: if verifies {
            checker.verifying()
        } else {
            checker
        },
        verifies,
    };
    listener.checker.know(&torrents);
    let mut pipeline = Pipeline::new(&mut listener, torrents).with_keys(keys);
    for (frame, captured) in (1..).zip(packets) {
        pipeline.packet(&Packet {
            frame,
            time: captured.time,
            interface: captured.interface,
            link: captured.link,
            data: &captured.data,
            original_length: captured.original_length,
        });
    }
    pipeline.finish();
    listener.checker.report()
}
