//! Findings as SARIF 2.1.0, which CI services show beside a change.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::findings::{Finding, NotEvaluated, Report, Rule, Weight, rules};
use crate::view::json::push_guarded;
use crate::wire::Severity;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes a report about the captures in `files`, each with the number of its first
/// packet, in their order.
pub fn write_findings_sarif(
    out: &mut dyn Write,
    report: &Report,
    files: &[(u64, PathBuf)],
) -> io::Result<()> {
    let mut text = String::new();
    push_guarded(&mut text, &log(report, &Artifacts::new(files)).to_string());
    text.push('\n');
    out.write_all(text.as_bytes())
}

/// The files of a run. Packets are counted on from one to the next.
struct Artifacts {
    /// The first packet of each, and which of the references is its own; `None` of
    /// standard input.
    firsts: Vec<(u64, Option<usize>)>,
    /// References to them.
    uris: Vec<String>,
}

impl Artifacts {
    fn new(files: &[(u64, PathBuf)]) -> Self {
        let mut uris = Vec::new();
        let firsts = files.iter().map(|(first, file)| {
            let place = uri(file).map(|uri| {
                uris.push(uri);
                uris.len() - 1
            });
            (*first, place)
        });
        let firsts = firsts.collect();
        Self { firsts, uris }
    }

    /// The place and the reference of the file that has a packet.
    fn of(&self, frame: u64) -> Option<(usize, &str)> {
        let behind = self.firsts.partition_point(|(first, _)| *first <= frame);
        let (_, place) = self.firsts.get(behind.checked_sub(1)?)?;
        let place = (*place)?;
        Some((place, &self.uris[place]))
    }
}

fn log(report: &Report, artifacts: &Artifacts) -> Value {
    let all: Vec<_> = rules::all().collect();
    let results: Vec<_> = report
        .findings()
        .map(|finding| result(finding, &all, artifacts))
        .collect();
    let causes = report.groups.iter().filter_map(|group| {
        let cause = group.cause.as_ref()?;
        let what = match group.stream {
            Some(stream) => format!("connection {stream}"),
            None => "no peer was reached".to_owned(),
        };
        (cause.weight > Weight::Orderly).then(|| json!(format!("{what}: {}", cause.words)))
    });
    let locations = artifacts
        .uris
        .iter()
        .map(|uri| json!({"location": {"uri": uri}}));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "peerscope",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": all.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "artifacts": locations.collect::<Vec<_>>(),
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications":
                    report.not_evaluated.iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": results,
            "properties": {"causes": causes.collect::<Vec<_>>()},
        }],
    })
}

/// What there is to say about a rule.
fn descriptor(rule: &Rule) -> Value {
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.meaning},
        "help": {"text": format!("{} {}", rule.consequence, rule.fix)},
        "defaultConfiguration": {"level": level(rule.severity)},
    });
    if let Some(bep) = rule.bep {
        descriptor["helpUri"] = json!(format!("https://www.bittorrent.org/beps/bep_{bep:04}.html"));
    }
    descriptor
}

fn result(finding: &Finding, all: &[&'static Rule], artifacts: &Artifacts) -> Value {
    let index = all.iter().position(|rule| *rule == finding.rule);
    let frame = finding.first.frame;
    let place = match finding.place.stream {
        Some(stream) => format!("connection {stream}/packet {frame}"),
        None => format!("packet {frame}"),
    };
    let mut location = json!({
        "logicalLocations": [{
            "name": format!("packet {frame}"),
            "fullyQualifiedName": place,
        }],
    });
    if let Some((index, uri)) = artifacts.of(frame) {
        location["physicalLocation"] = json!({"artifactLocation": {"uri": uri, "index": index}});
    }
    let lack = finding.weakened.map(|lack| format!(" (not sure: {lack})"));
    let text = format!(
        "{} > {}: {}: {}{}",
        finding.place.src,
        finding.place.dst,
        finding.rule.title,
        finding.words,
        lack.unwrap_or_default()
    );
    json!({
        "ruleId": finding.rule.id,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": text},
        "locations": [location],
        "occurrenceCount": finding.count,
        "properties": {
            "frames": finding.frames,
            "src": finding.place.src.to_string(),
            "dst": finding.place.dst.to_string(),
        },
    })
}

fn notification(unmet: &NotEvaluated) -> Value {
    let rules: Vec<_> = unmet.rules.iter().map(|rule| rule.id).collect();
    let text = format!(
        "not evaluated on {} connections, because {}: {}; {}",
        unmet.unmet.connections,
        unmet.evidence.lack(),
        rules.join(" "),
        unmet.evidence.remedy()
    );
    json!({"level": "note", "message": {"text": text}})
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A file as a reference in a URI, relative as it was given; `None` for standard
/// input.
fn uri(file: &Path) -> Option<String> {
    let text = file.to_str().filter(|text| *text != "-")?;
    let mut uri = String::new();
    for byte in text.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    Some(uri)
}
