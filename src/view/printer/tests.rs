use super::*;
use crate::view::fixture::{self, Sample};
use crate::view::{Origin, Subject};
use crate::wire::Tree;
use crate::wire::bencode::{self, Document};

fn shown(format: Format, sample: &Sample) -> String {
    let mut printer = Printer::new(format, Options::default());
    let mut out = Vec::new();
    sample
        .record(|record| printer.record(&mut out, record))
        .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_tree_of_a_request() {
    insta::assert_snapshot!(shown(Format::Tree, &fixture::request()), @r"
    #16 0.000000 10.98.0.2:40322 > 10.98.0.1:6881 request piece 60, offset 0, 16 KiB
        length prefix  13 bytes follow
        id             6, request
        index          60
        begin          0
        length         16384, 16 KiB
    ");
}

#[test]
fn the_tree_of_a_handshake() {
    insta::assert_snapshot!(shown(Format::Tree, &fixture::handshake()), @r"
    #16 0.000000 10.98.0.2:40322 > 10.98.0.1:6881 handshake
        reserved       extension protocol (BEP 10)
                       Fast extension (BEP 6)
                       unknown: byte 2, 0x02
        info_hash      292a2b2c2d2e2f303132333435363738393a3b3c
        peer_id        -TR4060-\x1b[31m\xff789abc
                       Transmission 4.0.6
    ");
}

#[test]
fn the_tree_of_a_dictionary() {
    let body = b"d5:added12:\x01\x02\x03\x04\x1a\xe1\x05\x06\x07\x08\x00\x501:md12:ut_holepunchi4e\
        6:ut_pexi1ee1:v13:\xc2\xb5Torrent 1.26:yourip4:\x7f\0\0\x01e";
    insta::assert_snapshot!(shown(Format::Tree, &fixture::extended(body)), @r"
    #16 0.000000 10.98.0.2:40322 > 10.98.0.1:6881 extended handshake
        length prefix   92 bytes follow
        id              20, extended
        added
          [0]           1.2.3.4:6881
          [1]           5.6.7.8:80
        m
          ut_holepunch  4
          ut_pex        1
        v               µTorrent 1.2
        yourip          127.0.0.1
    ");
}

fn keep_alives(options: Options) -> String {
    let mut printer = Printer::new(Format::Line, options);
    let mut out = Vec::new();
    let sample = Sample::new("keep_alive", "keep-alive", [0; 4], |_| {});
    sample.record(|record| {
        let mut record = *record;
        let mut captured = fixture::captured();
        for frame in [1, 2, 2, 2, 3] {
            captured.frame = frame;
            record.origin = Origin::Capture(captured);
            printer.record(&mut out, &record).unwrap();
        }
        captured.src = fixture::socket("10.98.0.3:1");
        record.origin = Origin::Capture(captured);
        printer.record(&mut out, &record).unwrap();
        printer.record(&mut out, &record).unwrap();
    });
    printer.finish(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn runs_of_keep_alives_are_folded() {
    insta::assert_snapshot!(keep_alives(Options::default()), @r"
    #1 0.000000 10.98.0.2:40322 > 10.98.0.1:6881 keep-alive
    #2 0.000000 10.98.0.2:40322 > 10.98.0.1:6881 keep-alive
    #2 0.000000 10.98.0.2:40322 > 10.98.0.1:6881 2 keep-alives more in this packet
    #3 0.000000 10.98.0.2:40322 > 10.98.0.1:6881 keep-alive
    #3 0.000000 10.98.0.3:1 > 10.98.0.1:6881     keep-alive
    #3 0.000000 10.98.0.3:1 > 10.98.0.1:6881     1 keep-alive more in this packet
    ");
    let unfold = Options {
        unfold: true,
        ..Options::default()
    };
    assert_eq!(keep_alives(unfold).lines().count(), 7);
}

/// A message with a body in another form.
struct WithBody<'s>(&'s dyn Subject, &'static [u8]);

impl Subject for WithBody<'_> {
    fn dissect(&self, tree: &mut Tree) {
        self.0.dissect(tree);
    }

    fn decoded(&self, tree: &mut Tree) -> Option<Vec<u8>> {
        bencode::report(&Document::parse(self.1), tree, 0, &bencode::Table::EMPTY);
        Some(self.1.to_vec())
    }
}

#[test]
fn a_decoded_body_has_fields_of_its_own() {
    let body = b"d8:intervali1800ee";
    let sample = fixture::request();
    let show = |format| {
        let mut printer = Printer::new(format, Options::default());
        let mut out = Vec::new();
        sample.record(|record| {
            let record = Record {
                subject: &WithBody(record.subject, body),
                ..*record
            };
            printer.record(&mut out, &record).unwrap();
        });
        let text = String::from_utf8(out).unwrap();
        text.split_once("16 KiB\n  the").unwrap().1.to_owned()
    };
    insta::assert_snapshot!(show(Format::Tree), @r"
     decoded body (offsets are within it)
        interval       1800
    ");
    insta::assert_snapshot!(show(Format::Hex), @r"
     decoded body (offsets are within it)
      0000  64                                   dictionary
      0001  38 3a 69 6e 74 65 72 76 61 6c 69 31  interval       1800
      000d  38 30 30 65
      0011  65                                   end
    ");
}
