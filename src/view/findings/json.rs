//! Findings as JSON: an object a line (`docs/json.md`).

use std::io::{self, Write};

use serde::Serialize;

use crate::capture::Timestamp;
use crate::findings::{Cause, Finding, Group, NotEvaluated, Report};
use crate::flow::Side;
use crate::view::clock::Calendar;
use crate::view::json::push_guarded;

#[derive(Serialize)]
struct Record<'a> {
    kind: &'static str,
    rule: Option<&'static str>,
    severity: Option<&'static str>,
    stream: Option<u64>,
    frame: Option<u64>,
    frames: &'a [u64],
    time: Option<String>,
    src: Option<String>,
    dst: Option<String>,
    title: &'a str,
    bep: Option<u16>,
    evidence: Vec<&'a str>,
    count: u64,
}

/// Writes all objects: of each connection its cause and its findings, then what
/// was not evaluated.
pub fn write_findings_json(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut writer = Writer {
        out,
        calendar: Calendar::default(),
        line: String::new(),
    };
    for group in &report.groups {
        if let Some(cause) = &group.cause {
            writer.cause(group, cause)?;
        }
        for finding in &group.findings {
            writer.finding(finding)?;
        }
    }
    report
        .not_evaluated
        .iter()
        .try_for_each(|unmet| writer.not_evaluated(unmet))
}

struct Writer<'w> {
    out: &'w mut dyn Write,
    calendar: Calendar,
    line: String,
}

impl Writer<'_> {
    fn time(&mut self, time: Timestamp) -> Option<String> {
        let mut text = String::new();
        self.calendar.write(&mut text, time.nanos()?, 9);
        Some(text)
    }

    fn cause(&mut self, group: &Group, cause: &Cause) -> io::Result<()> {
        let ends = group.ends.map(|ends| ends.map(|end| end.to_string()));
        let by = cause.by.map_or(0, Side::index);
        let end = |index: usize| ends.as_ref().map(|ends| ends[index].clone());
        let record = Record {
            kind: "cause",
            rule: cause.rule.map(|rule| rule.id),
            severity: None,
            stream: group.stream,
            frame: Some(cause.stamp.frame),
            frames: &cause.frames,
            time: self.time(cause.stamp.time),
            src: end(by),
            dst: end(1 - by),
            title: &cause.words,
            bep: cause.rule.and_then(|rule| rule.bep),
            evidence: cause.evidence.iter().map(String::as_str).collect(),
            count: 1,
        };
        self.write(&record)
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let lack = finding.weakened.into_iter();
        let record = Record {
            kind: "finding",
            rule: Some(finding.rule.id),
            severity: Some(finding.severity.name()),
            stream: finding.place.stream,
            frame: Some(finding.first.frame),
            frames: &finding.frames,
            time: self.time(finding.first.time),
            src: Some(finding.place.src.to_string()),
            dst: Some(finding.place.dst.to_string()),
            title: finding.rule.title,
            bep: finding.bep,
            evidence: std::iter::once(&finding.words[..]).chain(lack).collect(),
            count: finding.count,
        };
        self.write(&record)
    }

    fn not_evaluated(&mut self, unmet: &NotEvaluated) -> io::Result<()> {
        for rule in &unmet.rules {
            let record = Record {
                kind: "not_evaluated",
                rule: Some(rule.id),
                severity: Some(rule.severity.name()),
                stream: unmet.unmet.first,
                frame: None,
                frames: &[],
                time: None,
                src: None,
                dst: None,
                title: rule.title,
                bep: rule.bep,
                evidence: vec![unmet.evidence.lack(), unmet.evidence.remedy()],
                count: unmet.unmet.connections,
            };
            self.write(&record)?;
        }
        Ok(())
    }

    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        let json = serde_json::to_string(record)?;
        self.line.clear();
        push_guarded(&mut self.line, &json);
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())
    }
}
