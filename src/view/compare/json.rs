//! A comparison as one JSON object (`docs/json.md`).

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::Found;
use super::messages::long;
use crate::compare::{
    Categories, Category, Comparison, Fact, Group, Role, Row, Session, Step, Value,
};
use crate::view::clock::Calendar;
use crate::view::json::push_guarded;

#[derive(Serialize)]
struct Record<'a> {
    a: Source<'a>,
    b: Source<'a>,
    differs: bool,
    differing: Vec<&'static str>,
    ignored: Vec<&'static str>,
    facts: Vec<FactRecord<'a>>,
    steps: Steps<'a>,
    first_divergence: Option<DivergenceRecord<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    file: &'a str,
    stream: u64,
    connections: Option<u64>,
    start: Option<String>,
    initiator: &'static str,
    messages_left_out: u64,
}

#[derive(Serialize)]
struct FactRecord<'a> {
    group: &'static str,
    name: &'a str,
    category: Option<&'static str>,
    a: Json,
    b: Json,
    differs: bool,
}

#[derive(Serialize)]
struct Steps<'a> {
    downloader: Vec<RowRecord<'a>>,
    uploader: Vec<RowRecord<'a>>,
}

#[derive(Serialize)]
struct RowRecord<'a> {
    category: &'static str,
    differs: bool,
    a: Option<StepRecord<'a>>,
    b: Option<StepRecord<'a>>,
}

#[derive(Serialize)]
struct StepRecord<'a> {
    step: &'a str,
    frame: u64,
    last_frame: u64,
    time: Option<f64>,
    messages: Json,
    text: String,
}

#[derive(Serialize)]
struct DivergenceRecord<'a> {
    role: &'static str,
    #[serde(flatten)]
    row: RowRecord<'a>,
}

/// The line of a comparison, line feed included.
pub fn comparison_json(
    comparison: &Comparison,
    found: [Found<'_>; 2],
) -> serde_json::Result<String> {
    let writer = Writer { comparison };
    let categories = |all: Categories| all.iter().map(Category::name).collect();
    let [a, b] = [0, 1].map(|at| writer.source(at, found[at]));
    let divergence = comparison.divergence.map(|here| DivergenceRecord {
        role: here.role.name(),
        row: writer.row(here.role, &comparison.rows[here.role as usize][here.row]),
    });
    let record = Record {
        a,
        b,
        differs: comparison.differs(),
        differing: categories(comparison.differing),
        ignored: categories(comparison.ignored),
        facts: comparison.facts.iter().map(fact).collect(),
        steps: Steps {
            downloader: writer.rows(Role::Downloader),
            uploader: writer.rows(Role::Uploader),
        },
        first_divergence: divergence,
    };
    let mut out = String::new();
    push_guarded(&mut out, &serde_json::to_string(&record)?);
    out.push('\n');
    Ok(out)
}

struct Writer<'a> {
    comparison: &'a Comparison,
}

impl<'a> Writer<'a> {
    fn source<'s>(&self, at: usize, found: Found<'s>) -> Source<'s> {
        let session = &self.comparison.sessions[at];
        let downloads = self.comparison.sides[0][at].index() == 0;
        Source {
            file: found.file,
            stream: session.stream,
            connections: (!found.chosen).then_some(found.connections),
            start: start(session),
            initiator: if downloads { "downloader" } else { "uploader" },
            messages_left_out: session.peers.iter().map(|peer| peer.steps.left_out).sum(),
        }
    }

    fn rows(&self, role: Role) -> Vec<RowRecord<'a>> {
        let rows = self.comparison.rows[role as usize].iter();
        rows.map(|row| self.row(role, row)).collect()
    }

    fn row(&self, role: Role, row: &Row) -> RowRecord<'a> {
        let [a, b] = self.comparison.steps(role, row);
        let step = |at: usize, step: &'a Step| {
            let time = self.comparison.sessions[at].since_zero(step.first.stamp);
            let counts = step.counts.sorted().into_iter();
            StepRecord {
                step: &step.key,
                frame: step.first.stamp.frame,
                last_frame: step.last.stamp.frame,
                time: time.map(seconds),
                messages: counts
                    .map(|(name, n)| (name.to_owned(), json!(n)))
                    .collect(),
                text: long(step),
            }
        };
        RowRecord {
            category: row.category.name(),
            differs: row.differs,
            a: a.map(|one| step(0, one)),
            b: b.map(|one| step(1, one)),
        }
    }
}

fn start(session: &Session) -> Option<String> {
    let nanos = session.start().nanos()?;
    let mut text = String::new();
    Calendar::default().write(&mut text, nanos, 9);
    Some(text)
}

fn fact(fact: &Fact) -> FactRecord<'_> {
    let [a, b] = fact.values.each_ref().map(value);
    FactRecord {
        group: match fact.group {
            Group::Session => "session",
            Group::Peer(role) => role.name(),
        },
        name: &fact.name,
        category: fact.category.map(Category::name),
        a,
        b,
        differs: fact.differs,
    }
}

fn value(value: &Value) -> Json {
    let rounded = |number: f64| (number * 1e4).round() / 1e4;
    match value {
        Value::Absent => Json::Null,
        Value::Text(text) => json!(text),
        Value::Names(names) => json!(names),
        Value::Count(count) | Value::Bytes(count) => json!(count),
        Value::Nanos(nanos) => json!(seconds(*nanos)),
        Value::Share(share) => json!(rounded(*share)),
        Value::Pieces(pieces) => json!(pieces),
        Value::Series(series) => series.iter().map(|value| rounded(*value)).collect(),
    }
}

fn seconds(nanos: i64) -> f64 {
    nanos as f64 / 1e9
}
