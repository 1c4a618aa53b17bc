//! Packets in, messages out: the whole way but for reading the file and
//! printing.

mod support;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use peerscope::pipeline::{Observer, Pipeline};
use peerscope::session::{Heard, Torrents};
use support::Made;
use support::gencap::Shape;

/// Enough to leave the caches.
const SIZE: u64 = 64 * 1024 * 1024;

#[derive(Default)]
struct Counter {
    messages: u64,
}

impl Observer for Counter {
    fn message(&mut self, heard: &Heard<'_>) {
        self.messages += 1;
        black_box(heard.length);
    }
}

fn run(made: &Made) -> u64 {
    let mut counter = Counter::default();
    let mut pipeline = Pipeline::new(&mut counter, Torrents::default());
    pipeline.run(&mut made.source()).expect("it reads well");
    pipeline.finish();
    counter.messages
}

fn bench(bencher: Bencher, shape: Shape) {
    let made = Made::new(shape, SIZE);
    let summary = &made.summary;
    bencher
        .counter(BytesCount::new(summary.bytes))
        .counter(ItemsCount::new(summary.total_messages()))
        .bench_local(|| black_box(run(&made)));
}

#[divan::bench(sample_count = 10)]
fn clean(bencher: Bencher) {
    bench(bencher, Shape::Clean);
}

#[divan::bench(sample_count = 10)]
fn reordered(bencher: Bencher) {
    bench(bencher, Shape::Reordered);
}

#[divan::bench(sample_count = 10)]
fn lossy(bencher: Bencher) {
    bench(bencher, Shape::Lossy);
}

#[divan::bench(sample_count = 10)]
fn small(bencher: Bencher) {
    bench(bencher, Shape::Small);
}

#[divan::bench(sample_count = 10)]
fn connections(bencher: Bencher) {
    bench(bencher, Shape::Connections);
}

fn main() {
    divan::main();
}
