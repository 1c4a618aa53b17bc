//! The figures of a page are those of the other commands.

use std::path::Path;

use serde_json::Value;

use crate::page::{attribute, cells, elements, numbers};
use crate::{corpus, json, printed, report, shipped};

/// Every figure of every card equals that of `sessions --json`.
fn compare_cards(capture: &Path, page: &str) -> usize {
    let sessions = json("sessions", capture, &[]);
    let cards = elements(page, "article", "card");
    let is_connection = |session: &&Value| session.get("kind").is_none();
    let connections = sessions.iter().filter(is_connection).count();
    assert_eq!(cards.len(), connections.min(50), "{}", capture.display());
    for card in &cards {
        let stream: u64 = attribute(card, "data-stream").unwrap().parse().unwrap();
        let session = sessions.iter().find(|session| session["stream"] == stream);
        let session = session.expect("a card is a session");
        for side in ["initiator", "acceptor"] {
            let told = cells(card, side)
                .iter()
                .flat_map(|cell| numbers(cell))
                .collect::<Vec<_>>();
            let number = |key: &str| told.iter().find(|(known, _)| known == key).map(|(_, n)| *n);
            let requests = session["requests"][side].as_object().unwrap();
            for (key, value) in requests.iter().filter(|(key, _)| *key != "latency_us") {
                let shown = number(key).unwrap_or(0);
                assert_eq!(Some(shown), value.as_u64(), "{key} of {stream}");
            }
            for (key, value) in requests["latency_us"].as_object().into_iter().flatten() {
                assert_eq!(number(key), value.as_u64(), "latency {key} of {stream}");
            }
            for (name, value) in session["messages"][side].as_object().unwrap() {
                assert_eq!(number(name), value.as_u64(), "{name} of {stream}");
            }
            let payload = &session["payload_bytes"][side];
            assert_eq!(number("payload_bytes"), payload.as_u64(), "of {stream}");
        }
        assert!(card.contains(&format!("data-key=\"close\" value={}", session["close"])));
    }
    connections
}

/// Every finding of `check --json` is in the page, and no other.
fn compare_findings(capture: &Path, page: &str) -> usize {
    type Told = (String, String, String, u64, u64);
    let told = |finding: &Value| -> Told {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let stream = finding["stream"]
            .as_u64()
            .map_or(String::new(), |n| n.to_string());
        let number = |key: &str| finding[key].as_u64().unwrap();
        (
            text("rule"),
            text("severity"),
            stream,
            number("frame"),
            number("count"),
        )
    };
    let checked = json("check", capture, &[]);
    let findings = checked
        .iter()
        .filter(|finding| finding["kind"] == "finding");
    let mut expected: Vec<_> = findings.map(told).collect();
    let shown = elements(page, "details", "finding").into_iter();
    let shown = shown.chain(elements(page, "tr", "finding"));
    let mut shown: Vec<Told> = shown
        .map(|finding| {
            let text = |key: &str| attribute(finding, key).unwrap_or_default();
            let number = |key: &str| text(key).parse().unwrap();
            (
                text("data-rule"),
                text("data-severity"),
                text("data-stream"),
                number("data-frame"),
                number("data-count"),
            )
        })
        .collect();
    expected.sort();
    shown.sort();
    assert_eq!(shown, expected, "{}", capture.display());
    shown.len()
}

/// A side may have said more than the capture has.
#[test]
fn pieces_are_the_least_where_sessions_say_so() {
    for (name, least) in [
        ("cases/2-midstream.pcap", "at least 5"),
        ("lab/i-snap96.pcap.zst", "at least 95"),
    ] {
        let capture = corpus::shipped(name);
        let details = ["sessions".as_ref(), "-qV".as_ref(), capture.as_os_str()];
        let details = printed(details);
        assert!(details.contains(&format!("{least} pieces")), "{details}");
        assert!(report(&capture, &[]).contains(least), "{name}");
    }
}

#[test]
fn figures_and_findings_are_those_of_sessions_and_check() {
    let mut captures = shipped();
    if let Some(lab) = corpus::shared("lab") {
        captures.extend(
            ["h-dht-libtorrent6", "c-fallback-libtorrent-libtorrent"]
                .map(|name| lab.join(name).with_extension("pcap")),
        );
    }
    let (mut cards, mut findings) = (0, 0);
    for capture in captures {
        let page = report(&capture, &[]);
        cards += compare_cards(&capture, &page);
        findings += compare_findings(&capture, &page);
    }
    assert!(
        cards > 20 && findings > 50,
        "{cards} cards, {findings} findings"
    );
}

#[test]
fn totals_are_those_of_all_connections() {
    let capture = corpus::shipped("lab").join("a-rtorrent-aria2.pcap");
    let page = report(&capture, &[]);
    let totals = elements(&page, "tr", "totals");
    let totals = numbers(totals[0]);
    let sessions = json("sessions", &capture, &[]);
    let sum = |key: &[&str]| -> u64 {
        let values = sessions.iter().flat_map(|session| {
            let object = |side: &str| {
                key.iter()
                    .skip(1)
                    .fold(&session[key[0]][side], |at, key| &at[*key])
                    .as_u64()
            };
            [object("initiator"), object("acceptor")]
        });
        values.flatten().sum()
    };
    assert_eq!(totals["payload_bytes"], sum(&["payload_bytes"]));
    assert_eq!(totals["asked"], sum(&["requests", "asked"]));
    assert_eq!(totals["unanswered"], sum(&["requests", "unanswered"]));
    let attempts = page.matches("data-attempt=").count();
    let expected = sessions
        .iter()
        .filter(|session| session["kind"] == "attempt");
    assert_eq!(attempts, expected.count());
}

#[test]
fn what_is_chosen_is_what_is_shown() {
    let capture = corpus::shipped("lab").join("a-rtorrent-aria2.pcap");
    let page = report(&capture, &["--stream", "2"]);
    let cards = elements(&page, "article", "card");
    assert_eq!(cards.len(), 1);
    assert_eq!(attribute(cards[0], "data-stream").as_deref(), Some("2"));
    assert_eq!(page.matches("data-attempt=").count(), 0);
    let none = report(&capture, &["-Y", "index == 4000000"]);
    assert!(elements(&none, "article", "card").is_empty());
    assert!(none.contains("There is no such message") && !none.contains("holds no BitTorrent"));

    assert!(lead(&page).starts_with("<b>Only of connection 2.</b>"));
    assert!(!page.contains("messages for which"));
    let filtered = report(&capture, &["-Y", "request"]);
    let told = "<b>Only of connections with a message for which <code>request</code> is true.</b>";
    assert!(lead(&filtered).starts_with(told), "{}", lead(&filtered));
    let anonymous = report(
        &capture,
        &["--anonymize", "-Y", "client contains \"aria2\""],
    );
    assert!(lead(&anonymous).contains("an expression (left out here)"));
    assert!(!anonymous.contains("contains \"") && !anonymous.contains("contains &quot;"));
    // What was looked at is what is shown.
    let messages = filtered.split("Messages for which it is true: ").nth(1);
    let count = messages.expect("counted").split(' ').next().unwrap();
    assert!(
        filtered.contains(&format!("and in {count} message")),
        "{count}"
    );
}

/// The first paragraph of a page.
fn lead(page: &str) -> &str {
    let lead = page.split("<p class=\"lead\">").nth(1).expect("there");
    &lead[..lead.find("</p>").expect("it ends")]
}

/// A connection that is not there is told as other commands tell it.
#[test]
fn what_is_not_there_is_told() {
    let capture = corpus::shipped("lab").join("a-rtorrent-aria2.pcap");
    let told = |command: &[&str]| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_peerscope"));
        let output = program.args(command).arg(&capture).output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    let sessions = told(&["sessions", "--stream", "99"]);
    assert!(sessions.contains("99"), "{sessions}");
    let report = told(&["report", "-o", "-", "--stream", "99"]);
    assert_eq!(report, sessions);
}

/// Two FILEs are compared as `diff` does; `--together` makes them one capture.
#[test]
fn two_files_are_compared() {
    let lab = corpus::shipped("lab");
    let [a, b] = [
        "a-libtorrent-libtorrent.pcap.gz",
        "d-utp-libtorrent-transmission.pcap",
    ]
    .map(|name| lab.join(name));
    let other = b.to_str().unwrap();
    let page = report(&a, &[other]);
    let compared = printed(["diff", "--json", a.to_str().unwrap(), other]);
    let compared: Value = serde_json::from_str(&compared).unwrap();
    let differing = compared["differing"].as_array().unwrap();
    let verdict = page
        .split("The two sessions differ in <b>")
        .nth(1)
        .expect("a verdict");
    let verdict = &verdict[..verdict.find("</b>").unwrap()];
    let expected: Vec<_> = differing.iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(verdict.split(", ").collect::<Vec<_>>(), expected);
    assert_eq!(elements(&page, "article", "card").len(), 2);
    assert!(page.contains("id=\"a-plot-throughput\"") && page.contains("id=\"b-plot-throughput\""));

    let together = report(&a, &[other, "--together"]);
    assert!(!together.contains("id=\"compared\""));
    assert_eq!(elements(&together, "article", "card").len(), 2);

    let chosen = format!("{other}:stream=0");
    assert!(report(&a, &[&chosen]).contains("id=\"compared\""));
}
