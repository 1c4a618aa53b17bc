//! An object each: nodes, lookups, items, tokens (`docs/json.md`).

use std::io::{self, Write};

use serde::Serialize;

use crate::swarm::dht::{Dht, Lookup, Node, Step, StoredItem};
use crate::view::json::push_guarded;

#[derive(Serialize)]
struct NodeRecord {
    kind: &'static str,
    address: String,
    id: Option<String>,
    id_changes: u64,
    id_fits_address: Option<bool>,
    version: Option<String>,
    bootstrap: bool,
    named: bool,
    read_only: bool,
    asked: u64,
    answered: u64,
    errors: u64,
    unanswered: u64,
    rtt_us_min: Option<i64>,
    rtt_us_mean: Option<i64>,
    rtt_us_max: Option<i64>,
    samples: Option<i64>,
    host: Option<String>,
}

#[derive(Serialize)]
struct LookupRecord {
    kind: &'static str,
    asker: String,
    target: String,
    method: String,
    closest_bits: Option<u32>,
    seeds_estimate: Option<f64>,
    peers_estimate: Option<f64>,
    steps: Vec<StepRecord>,
    steps_left_out: u64,
}

#[derive(Serialize)]
struct StepRecord {
    node: String,
    given_by: Option<String>,
    shared_bits: Option<u32>,
    frame: u64,
    reply_frame: Option<u64>,
    rtt_us: Option<i64>,
    unanswered: bool,
    nodes: u32,
    values: u32,
}

#[derive(Serialize)]
struct ItemRecord {
    kind: &'static str,
    target: String,
    mutable: bool,
    puts: u64,
    gets: u64,
    right: u64,
    wrong: u64,
    sequence: Option<i64>,
    salt: String,
}

#[derive(Serialize)]
struct TokensRecord {
    kind: &'static str,
    given: u64,
    used: u64,
    oldest_us: i64,
    wrong: u64,
    unknown: u64,
    open_queries: u64,
}

/// Nanoseconds as whole microseconds.
const fn micros(nanos: i64) -> i64 {
    nanos / 1000
}

/// Writes what a capture shows of the DHT.
pub fn write_dht_json(out: &mut dyn Write, dht: &Dht) -> io::Result<()> {
    for (address, node) in &dht.nodes {
        write(out, &node_record(address.to_string(), node))?;
    }
    for lookup in &dht.lookups {
        write(out, &lookup_record(lookup))?;
    }
    for (target, item) in &dht.items {
        write(out, &item_record(target, item))?;
    }
    let tokens = &dht.tokens;
    write(
        out,
        &TokensRecord {
            kind: "tokens",
            given: tokens.given,
            used: tokens.used,
            oldest_us: micros(tokens.oldest),
            wrong: tokens.wrong,
            unknown: tokens.unknown,
            open_queries: dht.open,
        },
    )
}

fn node_record(address: String, node: &Node) -> NodeRecord {
    let some = |nanos: i64| (node.rtt.count > 0).then(|| micros(nanos));
    NodeRecord {
        kind: "node",
        address,
        id: node.id.map(hex::encode),
        id_changes: node.id_changes,
        id_fits_address: node.id_fits,
        version: node.version.as_ref().map(hex::encode),
        bootstrap: node.is_bootstrap,
        named: node.is_named,
        read_only: node.is_read_only,
        asked: node.asked,
        answered: node.answered,
        errors: node.errors,
        unanswered: node.unanswered,
        rtt_us_min: some(node.rtt.min),
        rtt_us_mean: node.rtt.mean().map(micros),
        rtt_us_max: some(node.rtt.max),
        samples: node.samples,
        host: node.host.clone(),
    }
}

fn lookup_record(lookup: &Lookup) -> LookupRecord {
    LookupRecord {
        kind: "lookup",
        asker: lookup.asker.to_string(),
        target: hex::encode(lookup.target),
        method: lookup.method.clone(),
        closest_bits: lookup.closest(),
        seeds_estimate: lookup.estimate.map(|[seeds, _]| seeds),
        peers_estimate: lookup.estimate.map(|[_, peers]| peers),
        steps: lookup.steps.iter().map(step_record).collect(),
        steps_left_out: lookup.left_out,
    }
}

fn step_record(step: &Step) -> StepRecord {
    StepRecord {
        node: step.node.to_string(),
        given_by: step.given_by.map(|by| by.to_string()),
        shared_bits: step.shared_bits,
        frame: step.frames.0,
        reply_frame: step.frames.1,
        rtt_us: step.rtt.map(micros),
        unanswered: step.is_unanswered,
        nodes: step.nodes,
        values: step.values,
    }
}

fn item_record(target: &[u8; 20], item: &StoredItem) -> ItemRecord {
    ItemRecord {
        kind: "item",
        target: hex::encode(target),
        mutable: item.is_mutable,
        puts: item.puts,
        gets: item.gets,
        right: item.right,
        wrong: item.wrong,
        sequence: item.sequence,
        salt: hex::encode(&item.salt),
    }
}

fn write(out: &mut dyn Write, record: &impl Serialize) -> io::Result<()> {
    let mut line = String::new();
    push_guarded(&mut line, &serde_json::to_string(record)?);
    line.push('\n');
    out.write_all(line.as_bytes())
}
