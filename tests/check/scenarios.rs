//! Each rule fires where it should, and not where it nearly would.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use peerscope::capture;
use peerscope::findings::{Report, rules};

use super::run::{packets, run};
use super::scenario::{Expected, Scenario, play, read};

fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check/scenarios");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("scenarios")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let read_file = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        read(&name, &fs::read_to_string(path).expect("text"))
    };
    files.iter().flat_map(read_file).collect()
}

#[test]
fn rules_fire_and_nearly_fire() {
    let mut wrong = Vec::new();
    for scenario in scenarios() {
        let played = play(&scenario);
        let source = capture::from_reader("made", std::io::Cursor::new(played.capture));
        let packets = packets(source);
        let verifies = ["PC-04", "V2-04"].contains(&&scenario.rule[..]);
        let report = run(packets.iter(), played.torrents, played.keys, verifies);
        let found: Vec<_> = report
            .findings()
            .map(|finding| (finding.rule.id, finding.severity.name()))
            .collect();
        let of_rule = report
            .findings()
            .filter(|finding| finding.rule.id == scenario.rule);
        let said: String = of_rule.map(|finding| &finding.words[..]).collect();
        let causes = told(&report).join("\n");
        let is_said = scenario.says.iter().all(|text| said.contains(text))
            && scenario.causes.iter().all(|text| causes.contains(text));
        let is_as_expected = match &scenario.expected {
            Expected::Silent => found.iter().all(|(id, _)| *id != scenario.rule),
            Expected::Fires(severity) => found.iter().any(|(id, found)| {
                *id == scenario.rule && severity.as_ref().is_none_or(|one| one == found)
            }),
        };
        if !is_as_expected || !is_said {
            let Scenario {
                place,
                rule,
                expected,
                ..
            } = &scenario;
            wrong.push(format!(
                "{place}: {rule}: {expected:?}, found {found:?}\n  {said}\n  {causes}"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_has_both_scenarios() {
    let all = scenarios();
    let with = |is_wanted: fn(&Expected) -> bool| -> BTreeSet<String> {
        let some = all.iter().filter(|scenario| is_wanted(&scenario.expected));
        some.map(|scenario| scenario.rule.clone()).collect()
    };
    let fires = with(|expected| matches!(expected, Expected::Fires(_)));
    let silent = with(|expected| *expected == Expected::Silent);
    let missing: Vec<_> = rules::all()
        .map(|rule| rule.id)
        .filter(|id| !fires.contains(*id) || !silent.contains(*id))
        .collect();
    assert!(missing.is_empty(), "without scenarios: {missing:?}");
    for id in fires.union(&silent) {
        assert!(rules::get(id).is_some(), "{id} is no rule");
    }
}

/// What is said of why the connections of a conversation ended.
pub fn causes(steps: &str) -> Vec<String> {
    let text = format!("rule HS-04\nsilent\n{steps}");
    let played = play(&read("causes", &text)[0]);
    let source = capture::from_reader("made", std::io::Cursor::new(played.capture));
    let packets = packets(source);
    told(&run(packets.iter(), played.torrents, played.keys, false))
}

#[test]
fn what_was_let_pass_is_not_why() {
    let told = |pause: &str, twice: &str| {
        let begin = " open fast\n B have_all\n A have_none\n A interested\n B unchoke\n";
        let breach = " A bitfield bitfield=00\n";
        causes(&format!(
            "{begin}{twice} wait {pause}\n{breach} wait 0.4\n close B\n"
        ))
        .concat()
    };
    let words = "said a second time what it has, and BitBuddy 2.000 closed";
    assert!(told("1.2", "").contains(words), "{}", told("1.2", ""));
    let twice = told("1.2", " A bitfield bitfield=00\n");
    assert!(!twice.contains(words), "{twice}");
}

/// The same, of a report.
fn told(report: &Report) -> Vec<String> {
    let causes = report
        .groups
        .iter()
        .filter_map(|group| group.cause.as_ref());
    let words = causes.map(|cause| [std::slice::from_ref(&cause.words), &cause.evidence].concat());
    words.flatten().collect()
}

#[test]
fn who_serves_and_stops_leaves_requests_unanswered() {
    const BEGIN: &str =
        " open\n A interested\n B unchoke\n A request index=0 begin=0 length=16384\n";
    // Half a block, then its sender stops.
    let half = format!(" raw B 0000400907{}{}\n", "00".repeat(8), "ab".repeat(200));
    for end in ["close B", "reset B"] {
        for said in ["", &half[..]] {
            let told = causes(&format!("{BEGIN}{said} {end}\n"));
            let is_told = told.iter().any(|words| words.ends_with("was not answered"));
            assert!(is_told, "{said} {end}: {told:?}");
        }
    }
}

#[test]
fn a_handshake_without_an_answer_is_explained_by_what_else_there_is() {
    const ANOTHER: &str = " A handshake info_hash=6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b";
    let greeting = |peer: &str, id: &str| {
        format!(
            " {peer} handshake info_hash=5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a peer_id=\"-AA1000-{id}\"\n"
        )
    };
    let [one, answer] = [
        greeting("start A", "abcdefghijkl"),
        greeting("B", "mnopqrstuvwx"),
    ];
    for (steps, expected) in [
        // Nothing else is known.
        (
            format!("{one} close B\n"),
            "most likely it does not have the torrent, or has stopped it",
        ),
        // It answers for another torrent.
        (
            format!("{one}{answer} close B\n start{ANOTHER}\n close B\n"),
            "most likely it does not have the torrent: it answered a handshake about another \
             one, 5a5a5a5a, in #",
        ),
        // It answers for the same one.
        (
            format!("{one}{answer} close B\n{one} close B\n"),
            "it has the torrent, for it answered a handshake about it in #",
        ),
        // It is who asks.
        (
            format!(
                "{one}{answer} close B\n{} close B\n",
                greeting("start A", "mnopqrstuvwx")
            ),
            "most likely a connection to itself: in #",
        ),
        // Both handshakes are there, and the answer shows who it is.
        (
            format!("{one}{} close B\n", greeting("B", "abcdefghijkl")),
            "203.0.113.1:40000 is the same client, by its peer id, and 198.51.100.2:6881 closed",
        ),
    ] {
        let told = causes(&steps);
        let is_told = told.iter().any(|words| words.starts_with(expected));
        assert!(is_told, "{steps}: {told:?}");
    }
}

#[test]
fn what_is_no_message_is_found_where_it_begins() {
    let text = "rule MS-01\nfires\n open\n A interested\n raw A ffffff00010203040506070809\n \
                wait 9\n B interested\n wait 9\n close A\n";
    let played = play(&read("where", text)[0]);
    let source = capture::from_reader("made", std::io::Cursor::new(played.capture));
    let packets = packets(source);
    let report = run(packets.iter(), played.torrents, played.keys, false);
    let mut found = report
        .findings()
        .filter(|finding| finding.rule.id == "MS-01");
    let frame = found.next().expect("a finding").first.frame;
    let is_of_noise =
        |data: &[u8]| data.ends_with(&[0xff, 0xff, 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert!(is_of_noise(&packets[frame as usize - 1].data), "#{frame}");
}

#[test]
fn what_is_encrypted_is_not_evaluated_and_says_so() {
    let text = "rule MS-01\nsilent\n noise A 300\n noisy B 200\n noisy A 400\n noisy B 900\n \
                wait 1\n noisy A 300\n close A\n";
    let played = play(&read("encrypted", text)[0]);
    let source = capture::from_reader("made", std::io::Cursor::new(played.capture));
    let packets = packets(source);
    let report = run(packets.iter(), played.torrents, played.keys, false);
    let unmet = report.not_evaluated.iter();
    let encrypted = unmet.filter(|unmet| unmet.evidence.remedy() == "give --keylog FILE");
    let rules: Vec<_> = encrypted.flat_map(|unmet| &unmet.rules).collect();
    assert!(rules.iter().any(|rule| rule.id == "RQ-04"));
    assert!(rules.iter().all(|rule| rule.theme() != "DT"));
}

#[test]
fn why_nothing_came_is_told() {
    const BEGIN: &str = " open fast\n B have_all\n A have_none\n";
    for (steps, expected) in [
        (
            " wait 40\n close B\n".to_owned(),
            "AA 1.0.0.0 never said that it is interested, and BitBuddy 2.000 has pieces that it lacks",
        ),
        (
            " A interested\n wait 40\n close A\n".to_owned(),
            "was interested from #8 on, and BitBuddy 2.000 never unchoked it",
        ),
        (
            " A interested\n B unchoke\n wait 40\n close A\n".to_owned(),
            "was unchoked in #9, and asked for nothing",
        ),
        (
            format!(
                " A interested\n B unchoke\n{} close A\n",
                " A request index=0\n B reject_request index=0\n".repeat(3)
            ),
            "BitBuddy 2.000 rejected all 3 requests of unknown client AA 1.0.0.0",
        ),
        (
            " A interested\n B unchoke\n A request index=0\n B piece index=0\n B choke\n wait 40\n \
             close A\n"
                .to_owned(),
            "unknown client AA 1.0.0.0 is interested, and BitBuddy 2.000 has choked it since #23",
        ),
        // What ended it long before.
        (
            " A request index=0 length=20000\n wait 40\n close B\n".to_owned(),
            "before that, in #8, unknown client AA 1.0.0.0 asked for more than 16 KiB at once (RQ-01)",
        ),
    ] {
        let told = causes(&format!("{BEGIN}{steps}"));
        let is_told = told.iter().any(|words| words.contains(expected));
        assert!(is_told, "{steps}: {told:#?}");
    }
    for sound in [
        " close B\n",
        " A interested\n wait 5\n close A\n",
        " A interested\n B unchoke\n A request index=0\n B piece index=0\n wait 60\n close A\n",
        " lose B unchoke\n wait 40\n B keep_alive\n close A\n",
    ] {
        let told = causes(&format!("{BEGIN}{sound}"));
        let is_told = told.iter().any(|words| {
            ["never", "asked for nothing", "rejected"]
                .iter()
                .any(|word| words.contains(word))
        });
        assert!(!is_told, "{sound}: {told:#?}");
    }
}

#[test]
fn a_second_connection_of_the_same_peers_is_told() {
    const BEGIN: &str = " open fast\n B have_all\n A have_none\n A interested\n";
    let told = causes(&format!(
        "{BEGIN} leave\n open fast\n close B\n return\n wait 20\n B unchoke\n"
    ));
    let expected = "most likely because the two were connected already: connection 0 is of the \
                    same peer ids";
    assert!(told.iter().any(|words| words == expected), "{told:#?}");
    // The first one is over by then.
    let told = causes(&format!(
        "{BEGIN} close B\n close A\n wait 1\n open fast\n close B\n"
    ));
    assert!(!told.iter().any(|words| words == expected), "{told:#?}");
}
