use proptest::prelude::*;

use super::columns::MIN_COLUMNS;
use super::*;
use crate::view::document::Document;
use crate::view::fixture::{self, Sample, at, socket};
use crate::view::options::Medium;
use crate::view::options::Options;
use crate::view::record::Captured;
use crate::view::text::width;

fn listing(columns: usize) -> Listing {
    let mut listing = Listing::new(Options {
        columns,
        medium: Medium::Terminal,
        ..Options::default()
    });
    listing.start(at(0));
    listing
}

fn record(listing: &mut Listing, document: &mut Document, sample: &Sample, captured: Captured<'_>) {
    let tree = sample.tree();
    sample.record(|record| listing.record(document, record, &captured, &tree));
}

#[test]
fn a_connection_is_introduced_once() {
    let mut document = Document::new(false);
    let mut listing = listing(80);
    listing.titles(&mut document);
    let there = fixture::captured();
    let back = Captured {
        src: there.dst,
        dst: there.src,
        frame: 17,
        time: at(20_000_000),
        ..there
    };
    record(&mut listing, &mut document, &fixture::request(), there);
    record(&mut listing, &mut document, &fixture::request(), back);
    insta::assert_snapshot!(document.text(), @r"
        #     time    ->   message                                   queue   latency
    -- 0  A 10.98.0.2:40322  B 10.98.0.1:6881
       16   0.0155  0 A>B  request piece 60, offset 0, 16 KiB
       17   0.0200  0 B>A  request piece 60, offset 0, 16 KiB
    ");
}

#[test]
fn what_was_held_is_marked() {
    let mut document = Document::new(false);
    let mut listing = listing(80);
    let steps = [(12, 5), (9, 4), (13, 6), (14, 3), (15, 7)];
    for (frame, millis) in steps {
        let captured = Captured {
            frame,
            time: at(millis * 1_000_000),
            ..fixture::captured()
        };
        record(&mut listing, &mut document, &fixture::request(), captured);
    }
    insta::assert_snapshot!(document.text(), @r"
    -- 0  A 10.98.0.2:40322  B 10.98.0.1:6881
       12   0.0050  0 A>B  request piece 60, offset 0, 16 KiB
        9   0.0040  0 A>B< request piece 60, offset 0, 16 KiB  held until #12
       13   0.0060  0 A>B  request piece 60, offset 0, 16 KiB
       14   0.0030  0 A>B< request piece 60, offset 0, 16 KiB  earlier by the clock
       15   0.0070  0 A>B  request piece 60, offset 0, 16 KiB
    ");
}

#[test]
fn words_give_way_to_why_they_stand_here() {
    let mut document = Document::new(false);
    let mut listing = listing(70);
    for frame in [12, 9] {
        let captured = Captured {
            frame,
            ..fixture::captured()
        };
        record(&mut listing, &mut document, &fixture::request(), captured);
    }
    let last = document.text().lines().last().unwrap();
    assert_eq!(
        last,
        "    9   0.0155  0 A>B< request piece 60, offset 0, 16…  held until #12"
    );
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_terminal(
        words in "[a-z日本 \\u{1b}\\u{202e}]{0,300}",
        columns in MIN_COLUMNS..200,
        frame in 1..20_000_000_u64,
        stream in 0..1_000_000_u64,
        is_ipv6: bool,
    ) {
        let mut document = Document::new(true);
        let mut listing = listing(columns);
        listing.titles(&mut document);
        let mut captured = Captured { frame, stream: Some(stream), ..fixture::captured() };
        if is_ipv6 {
            captured.src = socket("[2001:db8:85a3:8d3:1319:8a2e:370:7348]:51413");
            captured.dst = socket("[2001:db8:85a3:8d3:1319:8a2e:370:7349]:51413");
        }
        let sample = Sample::new("request", &words, [0; 4], |_| {});
        record(&mut listing, &mut document, &sample, captured);
        for line in document.lines() {
            prop_assert!(width(line.text) <= columns, "{}", line.text);
        }
    }
}
