use serde_json::{Value, json};

use super::*;
use crate::capture::Timestamp;
use crate::view::fixture::SHORT;
use crate::view::fixture::{self, Sample};
use crate::view::record::Record;
use crate::wire::Malformed;

fn line(sample: &Sample) -> String {
    let mut writer = JsonWriter::default();
    let bytes = sample.record(|record| writer.record(record).to_vec());
    String::from_utf8(bytes).unwrap()
}

fn fields(sample: &Sample) -> Value {
    let record: Value = serde_json::from_str(&line(sample)).unwrap();
    record["fields"].clone()
}

#[test]
fn a_request_is_the_line_of_the_contract() {
    assert_eq!(
        line(&fixture::request()),
        concat!(
            r#"{"time":"2026-11-22T17:16:36.015501000Z","frame":16,"first_frame":15,"stream":0,"#,
            r#""transport":"tcp","src":"10.98.0.2:40322","dst":"10.98.0.1:6881","protocol":"peer","#,
            r#""message":"request","length":17,"fields":{"index":60,"begin":0,"length":16384}}"#,
            "\n"
        )
    );
}

#[test]
fn remarks_follow_where_there_are_any() {
    let mut sample = fixture::piece(100);
    sample.missing = 16297;
    sample.malformed = Some(Malformed::new(5, &SHORT));
    let line = line(&sample);
    let expected = concat!(
        r#""message":"piece","length":16397,"fields":{"index":60,"begin":0,"length":16384},"#,
        r#""malformed":{"offset":5,"reason":"shorter than its layout"},"missing":16297,"#,
        r#""anomalies":[{"id":"MS-02","offset":5,"note":"shorter than its layout"}]}"#,
        "\n"
    );
    assert!(line.ends_with(expected), "{line}");
}

#[test]
fn a_gap_says_what_is_missing() {
    let mut writer = JsonWriter::default();
    let mut gap = fixture::gap();
    let record: Value = serde_json::from_slice(writer.gap(&gap)).unwrap();
    assert_eq!(record["message"], "gap");
    assert_eq!(
        record["fields"],
        json!({"bytes": 1448, "skipped": 0, "offset": 4096, "cause": "lost"})
    );
    gap.hole.missing = None;
    gap.time = Timestamp::UNKNOWN;
    let record: Value = serde_json::from_slice(writer.gap(&gap)).unwrap();
    assert_eq!(record["time"], Value::Null);
    assert_eq!(record["fields"]["bytes"], Value::Null);
}

#[test]
fn hashes_flags_and_ids() {
    assert_eq!(
        fields(&fixture::handshake()),
        json!({
            "reserved": "0000020000100004",
            "info_hash": "292a2b2c2d2e2f303132333435363738393a3b3c",
            "peer_id": "2d5452343036302d1b5b33316dff373839616263",
        })
    );
}

#[test]
fn dictionaries_become_objects() {
    let body = b"d5:added12:\x01\x02\x03\x04\x1a\xe1\x05\x06\x07\x08\x00\x501:md6:ut_pexi1ee\
        1:v3:T\xff!6:yourip4:\x7f\0\0\x011:xli-3e0:i99999999999999999999ed0:leeee";
    assert_eq!(
        fields(&fixture::extended(body)),
        json!({
            "added": ["1.2.3.4:6881", "5.6.7.8:80"],
            "m": {"ut_pex": 1},
            "v": {"hex": "54ff21"},
            "yourip": "127.0.0.1",
            "x": [-3, "", "99999999999999999999", {"": []}],
        })
    );
}

#[test]
fn equal_and_odd_keys_stay_apart() {
    let body = b"d1:ai1e1:ai2e1:ai3e3:a#2i4e2:\xff\"i5e2:\x1b\ni6ee";
    let sample = fixture::extended(body);
    assert_eq!(
        fields(&sample),
        json!({"a": 1, "a#2": 2, "a#3": 3, "a#2#2": 4, "\\xff\"": 5, "\u{1b}\n": 6})
    );
    assert!(!line(&sample).contains('\u{1b}'));
    let many: Vec<u8> = (0..3000).flat_map(|_| *b"0:0:").collect();
    let object = fields(&fixture::extended(&[b"d", &many[..], b"e"].concat()));
    assert_eq!(object.as_object().unwrap().len(), 3000);
}

#[test]
fn broken_dictionaries_still_give_a_record() {
    for end in 1..60 {
        let body = b"d1:md6:ut_pexi1ee1:xlli1eee6:yourip4:\x7f\0\0\x01e";
        let sample = fixture::extended(&body[..end.min(body.len())]);
        assert!(fields(&sample).is_object());
    }
}

#[test]
fn derived_facts_come_last() {
    let facts = vec![("client", json!("µT\u{202e}")), ("n", json!([1, null]))];
    let mut writer = JsonWriter::default();
    let line = fixture::request().record(|record| {
        let subject = fixture::WithFacts(record.subject, facts);
        let record = Record {
            subject: &subject,
            ..*record
        };
        String::from_utf8(writer.record(&record).to_vec()).unwrap()
    });
    assert!(
        line.contains(r#""length":16384,"client":"µT\u202e","n":[1,null]}}"#),
        "{line}"
    );
}
