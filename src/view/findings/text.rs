//! Findings in words: what explains most first, connection by connection.

use std::io::{self, Write};

use super::explain::role;
use super::fold::{self, Told};
use crate::capture::Timestamp;
use crate::findings::{Excerpt, Finding, Group, NotEvaluated, Report, Weight};
use crate::flow::Carrier;
use crate::view::clock::{Clock, TimeFormat};
use crate::view::document::Document;
use crate::view::dump::Message;
use crate::view::ends::push_ends;
use crate::view::hexdump::push_excerpt;
use crate::view::options::Medium;
use crate::view::style::Role;
use crate::view::terminal::Terminal;
use crate::view::text::{Safe, wrap};
use crate::wire::Severity;
use crate::wire::words::Count;

/// Columns before what belongs to a finding.
const MARGIN: usize = 2;

/// Columns of the narrowest layout.
const MIN_COLUMNS: usize = 40;

/// Connections or pairs of hosts that a line of more names.
const MAX_LISTED: usize = 8;

/// How findings are written.
#[derive(Debug, Clone, Copy)]
pub struct FindingsText {
    /// Columns to lay out for.
    pub columns: usize,
    /// With colour.
    pub colour: bool,
    /// Where they are written: on a terminal no line is longer than it is wide.
    pub medium: Medium,
    /// The first packet of the capture: times count from there.
    pub first: Timestamp,
    /// Also connections that ended in good order and broke no rule.
    pub all: bool,
}

/// Writes a report.
pub fn write_findings(
    out: &mut dyn Write,
    report: &Report,
    options: FindingsText,
) -> io::Result<()> {
    let mut terminal = Terminal::new(options.colour);
    let mut document = terminal.document();
    let groups = report.groups.iter();
    let told = if options.all {
        groups.map(Told::Full).collect()
    } else {
        fold::connections(groups.filter(|group| is_told(group)))
    };
    for told in &told {
        match told {
            Told::Full(group) => push_group(&mut document, group, options),
            Told::More { like, more } => Writer::new(&mut document, options).more(like, more),
        }
        terminal.write(out, &document)?;
        document.clear();
    }
    push_totals(&mut document, report, options);
    terminal.write(out, &document)
}

/// Appends the findings of a connection, if there is anything to tell.
pub fn push_group(document: &mut Document, group: &Group, options: FindingsText) {
    if options.all || is_told(group) {
        Writer::new(document, options).group(group);
    }
}

/// Appends what was not evaluated, and the totals.
pub fn push_totals(document: &mut Document, report: &Report, options: FindingsText) {
    let mut writer = Writer::new(document, options);
    writer.not_evaluated(&report.not_evaluated);
    writer.totals(report);
}

fn is_told(group: &Group) -> bool {
    let weight = group.cause.as_ref().map(|cause| cause.weight);
    !group.findings.is_empty() || weight.is_some_and(|weight| weight > Weight::Orderly)
}

struct Writer<'d> {
    document: &'d mut Document,
    columns: usize,
    medium: Medium,
    /// Nothing is folded.
    all: bool,
    clock: Clock,
}

impl<'d> Writer<'d> {
    fn new(document: &'d mut Document, options: FindingsText) -> Self {
        let mut clock = Clock::new(TimeFormat::Relative);
        clock.start(options.first);
        Self {
            document,
            columns: options.columns.max(MIN_COLUMNS),
            medium: options.medium,
            all: options.all,
            clock,
        }
    }

    fn group(&mut self, group: &Group) {
        self.head(group);
        if let Some(cause) = &group.cause {
            let frames: Vec<_> = cause
                .frames
                .iter()
                .map(|frame| format!("#{frame}"))
                .collect();
            let bep = cause.rule.and_then(|rule| rule.bep);
            let bep = bep.map_or(String::new(), |bep| format!("; BEP {bep}"));
            let what = match cause.weight {
                Weight::Failed => "An attempt that failed",
                Weight::Elsewhere => "Beside the peers",
                Weight::Unmet => "No peer was reached",
                _ => "Why it ended",
            };
            let words = format!("{what}: {} ({}{bep}).", cause.words, frames.join(", "));
            let is_bad = cause.weight > Weight::Elsewhere;
            self.wrapped(if is_bad { Role::Warning } else { Role::Plain }, 0, &words);
            for evidence in &cause.evidence {
                self.wrapped(Role::Plain, MARGIN, evidence);
            }
        }
        let mut shown: Vec<(u64, &[u8])> = Vec::new();
        let findings = if self.all {
            let findings = group.findings.iter();
            findings.map(|finding| (finding, Vec::new())).collect()
        } else {
            fold::findings(group)
        };
        for (finding, more) in findings {
            self.document.end_line();
            self.finding(finding, group);
            // The bytes of a message that breaks several rules are shown once.
            if let Some(excerpt) = &finding.excerpt {
                let key = (finding.first.frame, &excerpt.bytes[..]);
                if !shown.contains(&key) {
                    self.excerpt(excerpt);
                    shown.push(key);
                }
            }
            if !more.is_empty() {
                self.document.end_line();
                self.more_findings(&more);
            }
        }
        self.document.end_line();
    }

    /// Connections that are like some that were told.
    fn more(&mut self, like: &[&Group], more: &[&Group]) {
        let numbers = |groups: &[&Group]| {
            let streams = groups.iter().filter_map(|group| group.stream);
            listed(streams.map(|stream| stream.to_string()), groups.len())
        };
        let words = format!(
            "-- {} more connections like {}: {} (--all tells of each)",
            more.len(),
            numbers(like),
            numbers(more),
        );
        self.wrapped(Role::Label, 0, &words);
        let mut told = Vec::new();
        for finding in &like[0].findings {
            let key = (finding.severity, finding.rule);
            if !told.contains(&key) {
                told.push(key);
                self.rule(finding);
            }
        }
        self.document.end_line();
    }

    /// Findings of a rule like some that were told.
    fn more_findings(&mut self, more: &[&Finding]) {
        let count: u64 = more.iter().map(|finding| finding.count).sum();
        let places = more
            .iter()
            .map(|finding| format!("{} > {}", finding.place.src, finding.place.dst));
        let words = format!(
            "{} {}  {count} more times, between {} other pairs of ends: {} (--all tells of each)",
            more[0].severity.name(),
            more[0].rule.id,
            more.len(),
            listed(places, more.len()),
        );
        self.wrapped(Role::Plain, 0, &words);
    }

    fn head(&mut self, group: &Group) {
        let document = &mut *self.document;
        if let (Some(stream), Some(ends)) = (group.stream, group.ends) {
            let head = format!("-- {stream}  {}", group.carrier.name());
            let columns = (self.medium == Medium::Terminal).then_some(self.columns);
            let clients = group.clients.each_ref().map(Option::as_deref);
            push_ends(document, columns, &head, ends, clients);
        } else {
            document.role(Role::Label);
            document.push("-- outside of connections: the DHT, trackers, local discovery");
            document.end_line();
        }
        if let Some(info_hash) = group.info_hash {
            document.role(Role::Quiet);
            document.push_display(format_args!("   torrent {}", hex::encode(info_hash)));
            document.end_line();
        }
    }

    fn finding(&mut self, finding: &Finding, group: &Group) {
        self.rule(finding);
        let mut words = String::new();
        let frames: Vec<_> = finding
            .frames
            .iter()
            .map(|frame| format!("#{frame}"))
            .collect();
        if finding.count > 1 {
            // Several times in one packet, it is listed once.
            let more = if finding.frames.last() == Some(&finding.last.frame) {
                ""
            } else {
                " ..."
            };
            words = format!(
                "{} times, {}{more}; the first: ",
                finding.count,
                frames.join(" ")
            );
        } else {
            words.push_str(&frames[0]);
            words.push(' ');
        }
        self.clock.write(&mut words, finding.first.time);
        words.push(' ');
        words.push_str(&direction(finding, group));
        words.push_str(&finding.words);
        if let Some(lack) = finding.weakened {
            words.push_str(" (not sure: ");
            words.push_str(lack);
            words.push(')');
        }
        self.wrapped(Role::Plain, MARGIN, &words);
    }

    /// Which rule was broken, and how bad that is.
    fn rule(&mut self, finding: &Finding) {
        let document = &mut *self.document;
        document.role(role(finding.severity));
        document.push_display(format_args!(
            "{} {}",
            finding.severity.name(),
            finding.rule.id
        ));
        let head = finding.severity.name().len() + 1 + finding.rule.id.len() + 2;
        let title = finding.rule.title;
        let title = match finding.bep {
            Some(bep) => format!("{title} (BEP {bep})"),
            None => title.to_owned(),
        };
        let room = match self.medium {
            Medium::Terminal => self.columns.saturating_sub(head),
            Medium::Pipe => usize::MAX,
        };
        for (number, line) in wrap(&title, room).enumerate() {
            document.role(Role::Plain);
            document.spaces(if number == 0 { 2 } else { head });
            document.push(line);
            document.end_line();
        }
    }

    fn excerpt(&mut self, excerpt: &Excerpt) {
        let message = Message {
            tree: &excerpt.tree,
            bytes: &excerpt.bytes,
            length: excerpt.length,
            missing: 0,
            absence: "not captured",
            malformed: None,
            all_anomalies: true,
        };
        push_excerpt(self.document, &message, self.columns, excerpt.at);
    }

    fn not_evaluated(&mut self, list: &[NotEvaluated]) {
        if list.is_empty() {
            return;
        }
        self.document.role(Role::Quiet);
        self.document.push("Not evaluated everywhere:");
        self.document.end_line();
        for unmet in list {
            let rules: Vec<_> = unmet.rules.iter().map(|rule| rule.id).collect();
            let words = format!(
                "{}: {} ({}). To judge {}: {}.",
                Count(unmet.unmet.connections, "connection"),
                unmet.evidence.lack(),
                Count(rules.len() as u64, "rule"),
                if rules.len() <= 6 {
                    rules.join(" ")
                } else {
                    format!("{} ...", rules[..6].join(" "))
                },
                unmet.evidence.remedy()
            );
            self.wrapped(Role::Quiet, MARGIN, &words);
        }
        self.document.end_line();
    }

    fn totals(&mut self, report: &Report) {
        let count = |severity: Severity| {
            let all = report.findings();
            all.filter(|finding| finding.severity == severity).count() as u64
        };
        let words = format!(
            "{}, {}: {}, {}, {} of note{}",
            Count(report.connections, "connection"),
            Count(report.messages, "message"),
            Count(count(Severity::Error), "error"),
            Count(count(Severity::Warning), "warning"),
            count(Severity::Info),
            match report.left_out {
                0 => String::new(),
                more => format!("; {more} more were not kept"),
            }
        );
        self.wrapped(Role::Plain, 0, &words);
        if report.untold > 0 {
            let words = format!(
                "{} more are not told of one by one",
                Count(report.untold, "connection")
            );
            self.wrapped(Role::Plain, 0, &words);
        }
        if let Some(checked) = report.checked {
            let words = format!(
                "{} hashed: {} right, {} wrong; {} not whole in the capture, {} without a hash",
                Count(checked.good + checked.bad, "piece"),
                checked.good,
                checked.bad,
                checked.unfinished,
                checked.unknown,
            );
            self.wrapped(Role::Plain, 0, &words);
        }
        let worst = report.findings().map(|finding| finding.severity).max();
        let worst = report
            .findings()
            .find(|finding| Some(finding.severity) == worst);
        if let Some(finding) = worst {
            let words = format!("peerscope explain {} says what it means.", finding.rule.id);
            self.wrapped(Role::Quiet, 0, &words);
        }
    }

    /// Writes words that may hold text of the capture, wrapped.
    fn wrapped(&mut self, role: Role, margin: usize, words: &str) {
        let safe = Safe::from(words).to_string();
        for (number, line) in wrap(&safe, self.columns - margin - MARGIN).enumerate() {
            let indent = if number == 0 { margin } else { margin + MARGIN };
            self.document.spaces(indent);
            self.document.role(role);
            self.document.push(line);
            self.document.end_line();
        }
    }
}

/// The first few of so many items, one behind the other.
fn listed(items: impl Iterator<Item = String>, count: usize) -> String {
    let few: Vec<_> = items.take(MAX_LISTED).collect();
    let more = if count > few.len() { " ..." } else { "" };
    format!("{}{more}", few.join(", "))
}

/// Who told whom: by letters within a connection, by addresses elsewhere.
fn direction(finding: &Finding, group: &Group) -> String {
    match &group.ends {
        Some(ends) if ends[0] == finding.place.src => "A>B ".to_owned(),
        Some(_) => "B>A ".to_owned(),
        None if group.carrier == Carrier::Udp => {
            format!("{} > {} ", finding.place.src, finding.place.dst)
        }
        None => String::new(),
    }
}
