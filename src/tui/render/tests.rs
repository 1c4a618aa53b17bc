//! The screen, as text. `^` is below what the keys go to, `_` below what is selected
//! in other panes.

use std::path::Path;

use insta::assert_snapshot;

use crate::tui::model::{Input, Key, Model};
use crate::tui::testing;
use crate::view::text::is_plain;

fn open(name: &str) -> Model {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    testing::model(&captures.join(name))
}

fn press(model: &mut Model, keys: &str) {
    for character in keys.chars() {
        let key = match character {
            '\n' => Key::Enter,
            '\t' => Key::Tab,
            '\u{1b}' => Key::Esc,
            other => Key::Char(other),
        };
        model.update(Input::Key(key));
        testing::settle(model);
    }
}

/// The last four lines.
fn last_lines(screen: &str) -> String {
    let lines: Vec<&str> = screen.lines().collect();
    lines[lines.len() - 4..].join("\n")
}

#[test]
fn all_panes_at_80_by_24() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "/request piece\n3jj");
    assert_snapshot!(testing::screen(&mut model, 80, 24));
}

#[test]
fn all_panes_at_200_by_60() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "/request piece\n4");
    assert_snapshot!(testing::screen(&mut model, 200, 60));
}

#[test]
fn findings_at_80_by_24() {
    let mut model = open("cases/19-violations.pcap");
    press(&mut model, "]]5");
    assert_snapshot!(testing::screen(&mut model, 80, 24));
}

#[test]
fn a_conversation_at_80_by_24() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, ":95\nc");
    assert_snapshot!(testing::screen(&mut model, 80, 24));
}

#[test]
fn a_filter_that_is_wrong_at_80_by_24() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "frequest and indx");
    let screen = testing::screen(&mut model, 80, 24);
    assert_snapshot!(last_lines(&screen));
}

#[test]
fn names_are_offered_at_80_by_24() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "fhash\t\t");
    let screen = testing::screen(&mut model, 80, 24);
    assert_snapshot!(last_lines(&screen));
}

#[test]
fn a_long_meaning_takes_two_lines() {
    let mut model = open("cases/1-session.pcap");
    press(&mut model, "fut_pex\n3jjj");
    let screen = testing::screen(&mut model, 80, 24);
    assert_snapshot!(last_lines(&screen));
}

#[test]
fn an_event_at_80_by_24() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "1gj2");
    assert_snapshot!(testing::screen(&mut model, 80, 24));
}

#[test]
fn help_at_80_by_24() {
    let mut model = open("cases/2-midstream.pcap");
    press(&mut model, "?");
    assert_snapshot!(testing::screen(&mut model, 80, 24));
}

#[test]
fn a_pane_alone() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "G/extended handshake\n4z");
    assert_snapshot!(testing::screen(&mut model, 80, 24));
}

#[test]
fn small_screens() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    for (width, height) in [(60, 20), (40, 12), (20, 5)] {
        let name = format!("{width}x{height}");
        assert_snapshot!(name, testing::screen(&mut model, width, height));
    }
    for size in 0..4 {
        testing::screen(&mut model, size, size);
    }
}

#[test]
fn help_fits_eighty_columns() {
    let mut model = open("cases/2-midstream.pcap");
    press(&mut model, "?");
    let screen = testing::screen(&mut model, 80, 60);
    assert!(!screen.contains('…'), "{screen}");
}

/// Whatever is in a capture, a cell of the screen holds one visible character.
#[test]
fn no_capture_breaks_the_screen() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    for folder in ["cases", "reports", "attacks"] {
        for file in std::fs::read_dir(captures.join(folder)).expect("a folder") {
            let path = file.expect("a file").path();
            if path.extension().is_none_or(|kind| kind != "pcap") {
                continue;
            }
            let mut model = testing::model(&path);
            for keys in ["", "]]5", "1", "3u", "4z", "zc"] {
                press(&mut model, keys);
                let buffer = testing::buffer(&mut model, 100, 30, true);
                for cell in buffer.content() {
                    let symbol = cell.symbol();
                    assert!(
                        symbol.chars().all(is_plain) && !symbol.is_empty(),
                        "{}: {symbol:?}",
                        path.display()
                    );
                }
            }
        }
    }
}
