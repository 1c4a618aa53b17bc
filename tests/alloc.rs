//! The small messages that make up a transfer cost no allocation.

#[path = "../benches/support.rs"]
#[allow(dead_code)] // the benches need all of it
mod support;

use std::fmt::Write;

use allocation_counter::measure;
use peerscope::pipeline::{Observer, Pipeline};
use peerscope::session::{Heard, Torrents};
use peerscope::wire::peer::{self, Context};
use support::Made;
use support::gencap::Shape;

/// Choke, have, request, and the header of a piece with the piece's length.
const MESSAGES: [(&str, usize); 4] = [
    ("0000000100", 5),
    ("000000050400000007", 9),
    ("0000000d06000000040000000000004000", 17),
    ("00004009070000000400000000", 16_397),
];

#[test]
fn a_message_and_its_line() {
    let context = Context::default();
    for (hex, declared) in MESSAGES {
        let bytes = hex::decode(hex).unwrap();
        let mut line = String::with_capacity(256);
        let cost = measure(|| {
            let dissected = peer::dissect(&bytes, declared, &context, &mut ());
            write!(line, "{}", dissected.message).unwrap();
        });
        assert_eq!(cost.count_total, 0, "{line}");
    }
}

/// Writes the line of every message into the same buffer.
struct Lines {
    line: String,
    messages: u64,
}

impl Observer for Lines {
    fn message(&mut self, heard: &Heard<'_>) {
        self.line.clear();
        write!(self.line, "{heard}").unwrap();
        self.messages += 1;
    }
}

/// Allocations of a whole analysis, and its messages.
fn cost_of(made: &Made) -> (u64, u64) {
    let mut lines = Lines {
        line: String::with_capacity(4096),
        messages: 0,
    };
    let cost = measure(|| {
        let mut pipeline = Pipeline::new(&mut lines, Torrents::default());
        pipeline.run(&mut made.source()).unwrap();
        pipeline.finish();
    });
    (cost.count_total, lines.messages)
}

#[test]
fn a_longer_transfer_allocates_no_more() {
    for shape in [Shape::Clean, Shape::Small] {
        let (short, some) = cost_of(&Made::new(shape, 4_000_000));
        let (long, more) = cost_of(&Made::new(shape, 12_000_000));
        assert!(more > 2 * some);
        // Tables that double their size now and then are no cost a message.
        assert!(
            long < short + 16,
            "{shape:?}: {short} for {some} messages, {long} for {more}"
        );
    }
}
