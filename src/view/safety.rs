//! Invariant: no byte of a capture reaches a terminal as a control,
//! bidirectional, format or otherwise invisible character, by any view.

use proptest::prelude::*;
use serde_json::json;

use super::fixture::{self, Sample};
use super::text::is_plain;
use super::{
    Captured, Format, Medium, Options, Origin, Printer, SessionJson, SessionTable, TimeFormat,
};
use crate::view::fixture::SHORT;
use crate::wire::Malformed;
use crate::wire::extension::{self, ExtensionMap};

const MEDIA: [Medium; 2] = [Medium::Pipe, Medium::Terminal];

const FORMATS: [Format; 4] = [Format::Line, Format::Tree, Format::Hex, Format::Json];

/// Bytes that are often what tricks a terminal.
fn hostile_bytes() -> impl Strategy<Value = Vec<u8>> {
    let tricks = prop::sample::select(vec![
        "\u{1b}[31m",
        "\u{9b}2J",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{feff}",
        "\u{e0041}",
        "\n",
        "\r",
        "\u{7f}",
        "\u{301}",
        "ä",
        "e",
        "\u{ad}",
    ]);
    let piece = prop_oneof![
        tricks.prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn bencoded(text: &[u8]) -> Vec<u8> {
    [text.len().to_string().as_bytes(), b":", text].concat()
}

/// A dictionary of hostile keys and values, whole or cut.
fn hostile_dictionary() -> impl Strategy<Value = Vec<u8>> {
    let key = prop_oneof![
        hostile_bytes(),
        prop::sample::select(vec!["m", "v", "added", "added.f", "yourip", "p", "e"])
            .prop_map(|key| key.as_bytes().to_vec()),
    ];
    let entries = prop::collection::vec((key, hostile_bytes(), 0..4_u8), 0..6);
    (entries, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(entries, cut, whole)| {
        let mut dictionary = b"d".to_vec();
        for (key, value, shape) in entries {
            let (key, value) = (bencoded(&key), bencoded(&value));
            dictionary.extend(match shape {
                0 => [&key[..], b"l", &value, b"e"].concat(),
                1 => [&key[..], b"d", &value, b"i7ee"].concat(),
                _ => [key, value].concat(),
            });
        }
        dictionary.push(b'e');
        let length = if whole {
            dictionary.len()
        } else {
            cut.index(dictionary.len())
        };
        dictionary.truncate(length);
        dictionary
    })
}

/// Takes our own colours out: `ESC [ digits and semicolons m`.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (sequence, rest) = part.split_once('m').expect("an SGR sequence");
        assert!(
            sequence
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b';')
        );
        plain.push_str(rest);
    }
    plain
}

fn assert_harmless(output: &[u8], what: &str) {
    let text = std::str::from_utf8(output).expect("UTF-8");
    let text = without_colours(text);
    for line in text.split('\n') {
        if let Some(bad) = line.chars().find(|character| !is_plain(*character)) {
            panic!("{bad:?} in {what}: {line:?}");
        }
    }
}

fn extended(body: Vec<u8>, summary: &[u8], missing: u64) -> Sample {
    let summary = String::from_utf8_lossy(summary).into_owned();
    let mut sample = Sample::new("extended", &summary, body, |reader| {
        let _ = extension::dissect(reader, Some(&ExtensionMap::default()));
    });
    sample.length += missing as usize;
    sample.missing = missing;
    sample.malformed = Some(Malformed::new(3, &SHORT));
    sample
}

fn print(
    sample: &Sample,
    client: &str,
    format: Format,
    (colour, unfold): (bool, bool),
    medium: Medium,
) -> Vec<u8> {
    let options = Options {
        colour,
        unfold,
        clients: true,
        time: TimeFormat::Absolute,
        medium,
        ..Options::default()
    };
    let mut printer = Printer::new(format, options);
    let mut out = Vec::new();
    sample
        .record(|record| {
            let mut record = *record;
            record.origin = Origin::Capture(Captured {
                clients: [Some(client), Some(client)],
                ..fixture::captured()
            });
            let facts = vec![("client", json!(client))];
            let subject = fixture::WithFacts(record.subject, facts);
            record.subject = &subject;
            printer.record(&mut out, &record)
        })
        .unwrap();
    out
}

proptest! {
    #[test]
    fn no_view_lets_a_capture_steer_the_terminal(
        id in prop::sample::select(vec![0_u8, 1]),
        dictionary in hostile_dictionary(),
        words in hostile_bytes(),
        missing in 0..40_u64,
        flags in any::<(bool, bool)>(),
    ) {
        let sample = extended([&[id][..], &dictionary].concat(), &words, missing);
        let client = String::from_utf8_lossy(&words);
        for (format, medium) in FORMATS.into_iter().flat_map(|format| MEDIA.map(|to| (format, to))) {
            let output = print(&sample, &client, format, flags, medium);
            assert_harmless(&output, &format!("{format:?}"));
            if format == Format::Json {
                let lines = output.split(|byte| *byte == b'\n').count();
                prop_assert_eq!(lines, 2);
                serde_json::from_slice::<serde_json::Value>(&output).unwrap();
            }
        }
    }

    #[test]
    fn no_table_lets_a_capture_steer_the_terminal(
        words in hostile_bytes(),
        columns in 0..200_usize,
        colour in any::<bool>(),
    ) {
        let text = String::from_utf8_lossy(&words);
        let mut summary = fixture::session();
        summary.name = Some(&text);
        summary.ends[0].client = Some(&text);
        let mut out = Vec::new();
        let mut table = SessionTable::new(columns, colour);
        table.push(&mut out, &summary).unwrap();
        assert_harmless(&out, "the table");
        assert_harmless(SessionJson::default().record(&summary), "its JSON");
    }
}
