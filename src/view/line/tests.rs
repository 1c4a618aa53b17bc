use super::*;
use crate::view::clock::TimeFormat;
use crate::view::fixture::SHORT;
use crate::view::fixture::{self, at, socket};
use crate::wire::Malformed;

fn writer(show_clients: bool) -> LineWriter {
    let mut writer = LineWriter::new(Clock::new(TimeFormat::Relative), show_clients);
    writer.start(at(0));
    writer
}

fn text(document: &Document) -> &str {
    document.text()
}

#[test]
fn a_request_reads_as_in_the_design() {
    let mut document = Document::new(false);
    fixture::request().record(|record| writer(false).record(&mut document, record, false, None));
    insta::assert_snapshot!(text(&document), @"#16 0.015501 10.98.0.2:40322 > 10.98.0.1:6881 request piece 60, offset 0, 16 KiB");
}

#[test]
fn columns_keep_calm() {
    let mut document = Document::new(false);
    let mut writer = writer(true);
    fixture::request().record(|record| {
        let mut record = *record;
        writer.record(&mut document, &record, true, None);
        let mut captured = fixture::captured();
        captured.time = at(12_000_000_000);
        captured.frame = 1234;
        captured.src = socket("[2001:db8::1]:6881");
        captured.dst = socket("[2001:db8::2]:51413");
        record.origin = Origin::Capture(captured);
        writer.record(&mut document, &record, true, None);
        captured.frame = 7;
        captured.src = socket("10.98.0.1:6881");
        captured.dst = socket("10.98.0.2:40322");
        captured.clients = [Some("Transmission 4.0"), None];
        captured.carrier = Carrier::Utp;
        record.origin = Origin::Capture(captured);
        writer.record(&mut document, &record, true, None);
        record.protocol = "dht";
        captured.carrier = Carrier::Udp;
        captured.clients = [None; 2];
        record.origin = Origin::Capture(captured);
        record.summary = &"find_node query";
        writer.record(&mut document, &record, true, None);
    });
    insta::assert_snapshot!(text(&document), @r"
    #16 0.015501 10.98.0.2:40322 > 10.98.0.1:6881 request piece 60, offset 0, 16 KiB
    #1234 12.000000 [2001:db8::1]:6881 > [2001:db8::2]:51413 request piece 60, offset 0, 16 KiB
    #7    12.000000 10.98.0.1:6881 (Transmission 4.0) > 10.98.0.2:40322 uTP request piece 60, offset 0, 16 KiB
    #7    12.000000 10.98.0.1:6881 > 10.98.0.2:40322              dht find_node query
    ");
}

#[test]
fn problems_are_on_the_line() {
    let mut document = Document::new(false);
    let mut writer = writer(false);
    fixture::piece(13).record(|record| {
        let mut record = *record;
        record.missing = 15197;
        record.inferred = true;
        writer.record(&mut document, &record, true, None);
        record.missing = 0;
        record.inferred = false;
        record.malformed = Some(Malformed::new(5, &SHORT));
        record.summary = &"choke \u{1b}[2J\u{202e}";
        writer.record(&mut document, &record, true, None);
        let mut gap = fixture::gap();
        writer.gap(&mut document, &gap, true);
        gap.hole.missing = None;
        gap.hole.skipped = 12;
        writer.gap(&mut document, &gap, true);
        gap.hole.missing = Some(0);
        writer.gap(&mut document, &gap, true);
    });
    insta::assert_snapshot!(text(&document), @r"
    #16 0.015501 10.98.0.2:40322 > 10.98.0.1:6881 piece 60, offset 0, 16 KiB (inferred); cut: 1200 of 16397 bytes captured
    #16 0.015501 10.98.0.2:40322 > 10.98.0.1:6881 choke \x1b[2J\u{202e}; malformed: shorter than its layout
    #21 0.015501 10.98.0.1:6881 > 10.98.0.2:40322 gap: 1448 bytes not in the capture
    #21 0.015501 10.98.0.1:6881 > 10.98.0.2:40322 gap: an unknown number of bytes not in the capture, 12 bytes out of step passed over
    #21 0.015501 10.98.0.1:6881 > 10.98.0.2:40322 gap: 12 bytes out of step passed over
    ");
}

#[test]
fn long_client_names_are_clipped() {
    let mut out = String::new();
    push_client(&mut out, &"\u{1b}x".repeat(100));
    assert_eq!(out, format!(" ({}\\x…)", "\\x1bx".repeat(6)));
}

#[test]
fn a_pasted_message_has_a_place_instead_of_a_packet() {
    let mut document = Document::new(false);
    fixture::piece(13).record(|record| {
        let mut record = *record;
        let (line, column) = (12, 8);
        record.origin = Origin::Text(Place { line, column });
        record.missing = 1;
        writer(false).record(&mut document, &record, true, None);
        record.protocol = "dht";
        record.missing = 0;
        record.summary = &"ping query";
        writer(false).record(&mut document, &record, false, None);
    });
    insta::assert_snapshot!(text(&document), @r"
    12:8 piece 60, offset 0, 16 KiB; cut here: 16396 of 16397 bytes
    12:8 dht ping query
    ");
}
