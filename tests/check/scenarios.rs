//! Each rule fires where it should, and not where it nearly would.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use peerscope::capture;
use peerscope::findings::rules;

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
        let is_as_expected = match &scenario.expected {
            Expected::Silent => found.iter().all(|(id, _)| *id != scenario.rule),
            Expected::Fires(severity) => found.iter().any(|(id, found)| {
                *id == scenario.rule && severity.as_ref().is_none_or(|one| one == found)
            }),
        };
        if !is_as_expected {
            let Scenario {
                place,
                rule,
                expected,
                ..
            } = &scenario;
            wrong.push(format!("{place}: {rule}: {expected:?}, found {found:?}"));
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
