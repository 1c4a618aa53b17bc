//! What one moves to, and back: from pane to pane, from message to message.

use super::tests::{notice, open, press, selected};
use super::*;
use crate::tui::testing;

/// The connection that is selected.
fn connection(model: &Model) -> u64 {
    let spool = model.spool().clone();
    spool.overview(|overview| {
        let row = model.connections.selected(overview);
        row.expect("a connection").stream
    })
}

/// That of the message.
fn stream(model: &Model) -> Option<u64> {
    model.detail.as_ref().expect("a message").line.stream
}

#[test]
fn a_message_selects_its_connection() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    let height = model.layout().rows(Pane::Connections);
    let mut seen = Vec::new();
    for _ in 0..model.count() {
        assert_eq!(Some(connection(&model)), stream(&model));
        let Scroll { selected, top } = model.connections.scroll;
        assert!((top..top + height).contains(&selected), "it is in sight");
        seen.push(connection(&model));
        press(&mut model, "j");
    }
    seen.dedup();
    assert!(seen.len() > 1, "{seen:?}");
}

#[test]
fn a_connection_shows_its_first_message() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "G1g");
    assert_eq!((connection(&model), stream(&model)), (0, Some(0)));
    assert_eq!(model.messages.selected, 0);
    for place in 1..model.connections.len() {
        press(&mut model, "j");
        assert_eq!(model.connections.scroll.selected, place);
        assert_eq!(Some(connection(&model)), stream(&model));
        assert_eq!(model.focus, Pane::Connections);
        // It is the first one of it.
        let number = model.detail.as_ref().expect("a message").number;
        for earlier in 0..number {
            let (_, line) = model.line(earlier).expect("a line");
            assert_ne!(line.stream, stream(&model));
        }
    }
    // Ticks change nothing.
    let (place, message) = (model.connections.scroll.selected, model.messages.selected);
    testing::settle(&mut model);
    assert_eq!(
        (model.connections.scroll.selected, model.messages.selected),
        (place, message)
    );
    // Only what is listed is shown, and a filter stays.
    press(&mut model, "frequest\n1g");
    assert_eq!(notice(&model), "no message of it is listed");
    assert_eq!(connection(&model), 0);
    press(&mut model, "G");
    assert_eq!(
        (stream(&model), model.filter.as_str()),
        (Some(2), "request")
    );
    // The messages of one alone stay.
    press(&mut model, "a1G\n1gj");
    assert_eq!((model.stream(), stream(&model)), (Some(2), Some(2)));
}

#[test]
fn a_finding_shows_its_message() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "5gj");
    assert!(selected(&model).contains("ut_pex"), "{}", selected(&model));
    assert_eq!(model.focus, Pane::Findings);
    press(&mut model, "k");
    assert!(selected(&model).starts_with("#95 bitfield"));
    // Looking throws no filter away; Enter does.
    press(&mut model, "frequest\n5j");
    assert!(
        notice(&model).contains("Enter lists all"),
        "{}",
        notice(&model)
    );
    assert_eq!(model.filter, "request");
    press(&mut model, "\n");
    assert!(selected(&model).contains("ut_pex"));
    assert_eq!(model.filter, "");
    press(&mut model, "\u{8}");
    assert_eq!(model.filter, "request");
    assert!(selected(&model).contains("request"));
}

#[test]
fn what_was_listed_is_there_again_on_the_way_back() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "frequest\njjj");
    let (request, count) = (selected(&model), model.count());
    press(&mut model, "\n");
    assert!(selected(&model).contains(" piece "), "{}", selected(&model));
    assert_eq!((model.filter.as_str(), model.count()), ("", 37));
    press(&mut model, "\u{8}");
    assert_eq!((model.filter.as_str(), model.count()), ("request", count));
    assert_eq!(selected(&model), request);
    // A connection, and a conversation.
    press(&mut model, "a:95\nc");
    assert_eq!((model.stream(), model.follows), (Some(2), true));
    press(&mut model, ":4\n");
    assert_eq!((model.stream(), model.follows), (None, false));
    press(&mut model, "\u{8}");
    assert_eq!((model.stream(), model.follows), (Some(2), true));
    assert!(selected(&model).starts_with("#95 bitfield"));
}

#[test]
fn a_packet_within_a_message_leads_to_it() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, ":1\n");
    assert!(selected(&model).starts_with("#4 "), "{}", selected(&model));
    assert_eq!(
        notice(&model),
        "packet 1 completes no message: this is the next one, of packet 4"
    );
    press(&mut model, ":4\n");
    assert_eq!(notice(&model), "");
    assert_eq!(press(&mut model, ":q\n"), Some(Effect::Quit));
    // A piece in the packets 32 to 46.
    press(&mut model, ":40\n");
    assert!(selected(&model).starts_with("#46 piece 95"));
    assert_eq!(
        notice(&model),
        "packet 40 completes no message: this one goes from packet 32 to 46"
    );
}

#[test]
fn what_is_wrong_has_a_line_and_is_selected() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "]]3");
    let detail = model.detail.as_mut().expect("a message");
    let node = detail.node;
    let lines = detail.fields(80, false);
    let of_it: String = lines
        .iter()
        .filter(|line| line.node == Some(node))
        .flat_map(|line| line.runs.iter().map(|(_, text)| text.as_str()))
        .collect();
    assert!(of_it.contains("ut_pex without any list"), "{of_it}");
    // One goes up from it, and down to it.
    press(&mut model, "kj");
    assert_eq!(model.detail.as_ref().expect("a message").node, node);
}

#[test]
fn an_event_says_what_it_is() {
    let mut model = open("lab/a-rtorrent-aria2.pcap");
    press(&mut model, "1gj3");
    let detail = model.detail.as_mut().expect("an event");
    assert!(detail.message_type.is_none());
    let lines = detail.fields(43, false);
    let text: Vec<String> = lines
        .iter()
        .map(|line| line.runs.iter().map(|(_, text)| text.as_str()).collect())
        .collect();
    assert!(text[0].starts_with("    event       "), "{text:?}");
    assert!(text.iter().any(|line| line.contains("dropped")), "{text:?}");
    assert!(
        text.iter().all(|line| line.chars().count() <= 43),
        "{text:?}"
    );
}
