//! The model, driven by keys over real captures.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::tui::testing;
use crate::view::TimeFormat;

fn capture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("captures")
        .join(name)
}

pub(super) fn open(name: &str) -> Model {
    testing::model(&capture(name))
}

/// Presses keys; what is looked for meanwhile is found.
pub(super) fn press(model: &mut Model, keys: &str) -> Option<Effect> {
    let mut effect = None;
    for character in keys.chars() {
        let key = match character {
            '\n' => Key::Enter,
            '\t' => Key::Tab,
            '\u{8}' => Key::Backspace,
            '\u{1b}' => Key::Esc,
            other => Key::Char(other),
        };
        effect = model.update(Input::Key(key));
        testing::settle(model);
    }
    effect
}

/// The words of the message that is selected.
pub(super) fn selected(model: &Model) -> String {
    let detail = model.detail.as_ref().expect("a message");
    let runs = detail.line.runs.iter().map(|(_, text)| text.as_str());
    format!("#{} {}", detail.line.stamp.frame, runs.collect::<String>())
}

pub(super) fn notice(model: &Model) -> &str {
    model.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn a_list_is_moved_through() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    assert_eq!(model.count(), 37);
    assert!(selected(&model).starts_with("#4 http_tracker announce request"));
    press(&mut model, "jjj");
    assert!(
        selected(&model).starts_with("#21 handshake"),
        "{}",
        selected(&model)
    );
    press(&mut model, "G");
    assert_eq!(model.messages.selected, 36);
    press(&mut model, "b");
    assert_eq!(model.messages.selected, 28);
    press(&mut model, "g:23\n");
    assert!(selected(&model).starts_with("#23 bitfield"));
    press(&mut model, ":99999\n");
    assert_eq!(
        notice(&model),
        "no message was completed by that packet, or after it"
    );
}

#[test]
fn filters_list_what_read_lists() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    for filter in [
        "request",
        "piece and length == 1",
        "client contains \"aria2\" and request",
        "info_hash == ef18..",
        "request and unanswered",
        "latency > 0s and piece",
        "queue == 1",
        "frame == 95",
        "time < 1s",
        "anomaly == BF-03 or anomaly == PX-05",
        "extension == ut_pex or ut_pex",
        "not (request or piece)",
    ] {
        press(&mut model, "af");
        press(&mut model, filter);
        press(&mut model, "\n");
        let listed = testing::read(&capture("lab/a-rtorrent-aria2.pcap"), filter);
        assert_eq!(model.count(), listed, "{filter}");
        assert!((1..37).contains(&listed), "{filter}: {listed}");
        assert_eq!(model.filter, filter);
    }
    press(&mut model, "a");
    assert_eq!(model.count(), 37);
}

#[test]
fn one_stays_where_one_was() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, ":95\n");
    let before = selected(&model);
    press(&mut model, "fbitfield\n");
    assert_eq!(selected(&model), before);
    press(&mut model, "a");
    assert_eq!(selected(&model), before);
    // What is not listed leaves one near it.
    press(&mut model, "fhandshake\n");
    assert!(
        selected(&model).contains("handshake"),
        "{}",
        selected(&model)
    );
    assert_eq!(model.count(), 2);
    press(&mut model, "\u{1b}");
    assert_eq!(model.count(), 37);
}

#[test]
fn a_request_leads_to_its_answer_and_back() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "/request piece\n");
    let request = selected(&model);
    assert!(request.contains("request piece 96, offset 0"), "{request}");
    press(&mut model, "\n");
    assert!(selected(&model).contains(" piece 96, offset 0"));
    press(&mut model, "\n");
    assert_eq!(selected(&model), request);
    press(&mut model, "\u{8}");
    assert!(selected(&model).contains(" piece 96, offset 0"));
    press(&mut model, "\u{8}\u{8}");
    assert_eq!(notice(&model), "nowhere to go back to");
    // Of a tracker too.
    press(&mut model, "g\n");
    assert!(selected(&model).contains("announce response"));
    press(&mut model, "\n");
    assert!(selected(&model).contains("announce request"));
    // One that nobody answered, and what is no request.
    press(&mut model, "frequest and unanswered\n\n");
    assert_eq!(notice(&model), "no answer to it");
    press(&mut model, "a:21\n\n");
    assert_eq!(notice(&model), "neither a request nor an answer");
}

#[test]
fn texts_are_found_forwards_and_backwards() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "/BITFIELD\n");
    assert!(selected(&model).starts_with("#23 bitfield, 97"));
    press(&mut model, "n");
    assert!(selected(&model).starts_with("#95 bitfield, 3"));
    press(&mut model, "n");
    assert!(selected(&model).starts_with("#23"), "once around");
    press(&mut model, "N");
    assert!(selected(&model).starts_with("#95"));
    press(&mut model, "/no such text\n");
    assert_eq!(notice(&model), "not found");
    press(&mut model, "/\nN");
    assert_eq!(notice(&model), "not found", "an empty text is the last one");
}

#[test]
fn findings_lead_to_their_messages() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "]");
    assert!(notice(&model).starts_with("BF-03: in mid-session"));
    assert!(selected(&model).starts_with("#95 bitfield"));
    let span = |model: &Model| model.detail.as_ref().map(Detail::span);
    assert_eq!(span(&model), Some((4, 5)), "the field that is wrong");
    press(&mut model, "]");
    assert!(notice(&model).starts_with("PX-05"), "{}", notice(&model));
    assert!(selected(&model).contains("ut_pex"), "{}", selected(&model));
    press(&mut model, "[");
    assert!(selected(&model).starts_with("#95 bitfield"));
    let mut model = open("cases/8-dht.pcap");
    press(&mut model, "5");
    assert!(model.shows_findings);
}

#[test]
fn a_connection_is_listed_alone() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "1s");
    let by = |model: &Model| {
        let connections = &model.connections;
        let rows = model.spool.overview(|overview| {
            let rows = 0..connections.len();
            let rows = rows.filter_map(|place| connections.row(overview, place));
            rows.map(|row| row.stream).collect::<Vec<_>>()
        });
        (connections.by.name(), rows)
    };
    assert_eq!(by(&model), ("time", vec![2, 1, 0]));
    press(&mut model, "sss");
    assert_eq!(by(&model), ("trouble", vec![2, 1, 0]));
    press(&mut model, "S");
    assert_eq!(by(&model), ("trouble", vec![0, 1, 2]));
    press(&mut model, "G\n");
    assert_eq!((model.stream(), model.count()), (Some(2), 34));
    assert_eq!(model.focus, Pane::Messages);
    press(&mut model, "1\n");
    assert_eq!((model.stream(), model.count()), (None, 37));
    // The failed attempt is there, and has what happened to it.
    press(&mut model, "k\n");
    assert_eq!(model.count(), 1);
    assert!(selected(&model).contains("dropped"), "{}", selected(&model));
}

#[test]
fn a_conversation_is_followed() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, ":95\nc");
    assert!(model.follows && model.count() == 34);
    assert!(selected(&model).starts_with("#95 bitfield"));
    assert_eq!(model.layout().upper.height, 0);
    press(&mut model, "\u{1b}");
    assert!(!model.follows && model.count() == 37);
    assert!(selected(&model).starts_with("#95 bitfield"));
}

#[test]
fn moving_in_one_pane_moves_the_others() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    let name = |model: &Model| {
        let detail = model.detail.as_ref().expect("a message");
        let field = detail.selected().and_then(|node| node.label.field());
        (field.map_or("", |field| field.name), detail.span())
    };
    press(&mut model, "/request piece\n3");
    assert_eq!(name(&model), ("length_prefix", (0, 4)));
    press(&mut model, "jj");
    assert_eq!(name(&model), ("index", (5, 9)));
    press(&mut model, "l");
    assert_eq!(model.focus, Pane::Bytes);
    press(&mut model, "l");
    assert_eq!(name(&model), ("begin", (9, 13)));
    press(&mut model, "k");
    assert_eq!(name(&model), ("length_prefix", (0, 4)));
    press(&mut model, "G");
    assert_eq!(name(&model), ("length", (13, 17)));
    press(&mut model, "g");
    assert_eq!(name(&model), ("length_prefix", (0, 4)));
    // A click on the byte 9: the second row, its second byte.
    let area = model.layout().bytes;
    model.update(Input::Click(area.x + 6 + 3, area.y + 2));
    assert_eq!(name(&model), ("begin", (9, 13)));
    // And on the line of a field.
    let area = model.layout().fields;
    model.update(Input::Click(area.x + 4, area.y + 2));
    assert_eq!(name(&model), ("id", (4, 5)));
}

#[test]
fn the_mouse_selects_and_scrolls() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    let area = model.layout().messages;
    model.update(Input::Click(10, area.y + 4));
    assert_eq!(model.messages.selected, 3);
    model.update(Input::Wheel(10, area.y + 4, 1));
    assert_eq!(model.messages.selected, 6);
    model.update(Input::Wheel(10, area.y + 4, -1));
    assert_eq!(model.messages.selected, 3);
    let area = model.layout().upper;
    model.update(Input::Click(10, area.y + 4));
    assert_eq!(model.connections.scroll.selected, 2);
    assert_eq!(model.focus, Pane::Connections);
    // Heads of columns are no rows.
    model.update(Input::Click(10, area.y + 1));
    assert_eq!(model.connections.scroll.selected, 2);
}

#[test]
fn messages_are_copied_in_every_form() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "/request piece\n");
    let copied = |model: &mut Model, form: &str| match press(model, &format!("y{form}")) {
        Some(Effect::Copy(text)) => text,
        other => panic!("{form}: {other:?} {}", notice(model)),
    };
    assert_eq!(
        copied(&mut model, "x"),
        "0000000d06000000600000000000000001"
    );
    let command = copied(&mut model, "e");
    assert_eq!(
        command,
        "peerscope hex --encode 'request index=96 begin=0 length=1'"
    );
    let json: serde_json::Value = serde_json::from_str(&copied(&mut model, "j")).expect("JSON");
    assert_eq!(json["fields"]["index"], 96);
    assert!(copied(&mut model, "y").contains("10.98.0.2:38029 > 10.98.0.1:6881 request piece 96"));
    // Data of a piece is not kept.
    press(&mut model, "\n");
    assert_eq!(press(&mut model, "yx"), None);
    assert_eq!(
        notice(&model),
        "not copied: the data of pieces is not kept; y its line, j JSON, e one with zeros"
    );
    let command = copied(&mut model, "e");
    let words = "piece index=96 begin=0 length=1";
    assert_eq!(command, format!("peerscope hex --encode '{words}'"));
    assert_eq!(
        crate::notation::encode(words, &|_| None)
            .expect("words")
            .bytes
            .len(),
        14
    );
    assert_eq!(press(&mut model, "yq"), None);
    assert_eq!(press(&mut model, "q"), Some(Effect::Quit));
}

#[test]
fn times_are_shown_in_three_ways() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "t");
    assert_eq!(model.time, TimeFormat::Absolute);
    press(&mut model, "t");
    assert_eq!(model.time, TimeFormat::Delta);
    press(&mut model, "t");
    assert_eq!(model.time, TimeFormat::Relative);
}

#[test]
fn a_capture_that_grows_is_listed_while_it_does() {
    let capture = capture("lab/a-rtorrent-aria2.pcap");
    let (mut model, growing) = testing::slowly(&capture);
    press(&mut model, "frequest and unanswered\n");
    assert!(notice(&model).contains("at the end") || model.progress.is_complete);
    press(&mut model, "afpiece\nF");
    growing.join().expect("reads");
    testing::settle(&mut model);
    assert_eq!(model.count(), 6);
    assert_eq!(model.messages.selected, 5);
    assert!(model.tails && model.progress.is_complete);
    press(&mut model, "k");
    assert!(!model.tails);
}

/// Anything that users can do.
fn input() -> impl Strategy<Value = Input> {
    let keys = "jkhlgGbd nNfcFtyzusSa12345?/:[]&\\qxe";
    let keys: Vec<Key> = keys.chars().map(Key::Char).collect();
    let others = vec![
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::BackTab,
        Key::Backspace,
        Key::PageDown,
        Key::PageUp,
        Key::Ctrl('d'),
        Key::Ctrl('u'),
        Key::Ctrl('o'),
        Key::Home,
        Key::End,
    ];
    prop_oneof![
        6 => prop::sample::select(keys).prop_map(Input::Key),
        4 => prop::sample::select(others).prop_map(Input::Key),
        1 => (0..220_u16, 0..70_u16).prop_map(|(x, y)| Input::Click(x, y)),
        1 => (0..220_u16, 0..70_u16, -2..3_i64).prop_map(|(x, y, by)| Input::Wheel(x, y, by)),
        1 => (0..220_u16, 0..70_u16).prop_map(|(x, y)| Input::Resize(x, y)),
        1 => Just(Input::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_key_breaks_anything(
        inputs in prop::collection::vec(input(), 1..80),
        name in prop::sample::select(vec![
            "lab/a-rtorrent-aria2.pcap",
            "cases/19-violations.pcap",
            "cases/8-dht.pcap",
            "cases/9-nest-big.pcap",
            "cases/10-mse.pcap",
            "cases/14-nonbt6881.pcap",
            "attacks/boundaries-utp.pcap",
        ]),
    ) {
        let mut model = open(name);
        for input in inputs {
            model.update(input);
            let (width, height) = model.size;
            testing::screen(&mut model, width, height);
            prop_assert!(model.messages.selected < model.count().max(1));
        }
    }
}
