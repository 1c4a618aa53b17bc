//! In words: nodes, then lookups step by step, then items and tokens.

use std::fmt::Arguments;
use std::net::SocketAddr;

use crate::swarm::dht::{Dht, Lookup, Node, Step};
use crate::view::document::Document;
use crate::view::quantity::Duration;
use crate::view::style::Role;
use crate::wire::words::Count;

/// Appends what a capture shows of the DHT.
pub fn push_dht(document: &mut Document, dht: &Dht) {
    let unanswered: u64 = dht.nodes.values().map(|node| node.unanswered).sum();
    line(
        document,
        Role::Label,
        format_args!(
            "{}, {}, {}; queries unanswered after 15 s: {unanswered}",
            Count(dht.nodes.len() as u64, "node"),
            Count(dht.lookups.len() as u64, "lookup"),
            Count(dht.items.len() as u64, "item"),
        ),
    );
    for (address, node) in &dht.nodes {
        push_node(document, *address, node);
    }
    for lookup in &dht.lookups {
        push_lookup(document, lookup);
    }
    for (target, item) in &dht.items {
        let kind = if item.is_mutable {
            "mutable"
        } else {
            "immutable"
        };
        let role = if item.wrong > 0 {
            Role::Problem
        } else {
            Role::Plain
        };
        let words = format_args!(
            "item {} {kind}: put {} times, found {} times; {} right, {} wrong",
            hex::encode(target),
            item.puts,
            item.gets,
            item.right,
            item.wrong
        );
        line(document, role, words);
    }
    let tokens = &dht.tokens;
    if tokens.given + tokens.used + tokens.wrong + tokens.unknown > 0 {
        let words = format_args!(
            "tokens: {} given, {} used (at an age of {} at most), {} wrong, {} not seen given",
            tokens.given,
            tokens.used,
            Duration(tokens.oldest),
            tokens.wrong,
            tokens.unknown
        );
        line(document, Role::Plain, words);
    }
}

fn push_node(document: &mut Document, address: SocketAddr, node: &Node) {
    document.role(Role::Address);
    document.push_display(format_args!("node {address}"));
    if let Some(host) = &node.host {
        document.push_display(format_args!(" ({host})"));
    }
    document.role(Role::Hash);
    if let Some(id) = node.id {
        document.push_display(format_args!(" {}…", hex::encode(&id[..4])));
    }
    document.role(Role::Quiet);
    document.push_display(format_args!(
        "  asked {}, answered {}, unanswered {}",
        node.asked, node.answered, node.unanswered
    ));
    if let Some(mean) = node.rtt.mean() {
        document.push_display(format_args!(", {} on average", Duration(mean)));
    }
    document.role(Role::Plain);
    if node.is_bootstrap {
        document.push(", bootstrap");
    }
    if node.is_read_only {
        document.push(", read-only");
    }
    document.role(Role::Warning);
    if node.id_fits == Some(false) {
        document.push(", id not of its address (BEP 42)");
    }
    document.end_line();
}

fn push_lookup(document: &mut Document, lookup: &Lookup) {
    document.role(Role::Discovery);
    document.push_display(format_args!(
        "{} {}",
        lookup.method,
        hex::encode(lookup.target)
    ));
    document.role(Role::Quiet);
    document.push_display(format_args!(" by {}", lookup.asker));
    document.end_line();
    for step in &lookup.steps {
        push_step(document, step);
    }
    if lookup.left_out > 0 {
        line(
            document,
            Role::Quiet,
            format_args!("  and {} more", Count(lookup.left_out, "step")),
        );
    }
    if let Some([seeds, peers]) = lookup.estimate {
        let words = format_args!(
            "  filters hold about {seeds:.0} seeds and {peers:.0} other peers (BEP 33)"
        );
        line(document, Role::Discovery, words);
    }
}

fn push_step(document: &mut Document, step: &Step) {
    document.role(Role::Quiet);
    document.push_display(format_args!("  {:>6} ", step.frames.0));
    document.role(Role::Address);
    document.push_display(step.node);
    document.role(Role::Plain);
    if let Some(bits) = step.shared_bits {
        document.push_display(format_args!(" {bits} bits near"));
    }
    match (step.rtt, step.is_unanswered) {
        (Some(rtt), _) => {
            document.push_display(format_args!(
                ", {} nodes, {} peers in {}",
                step.nodes,
                step.values,
                Duration(rtt)
            ));
        }
        (None, true) => {
            document.role(Role::Problem);
            document.push(", unanswered");
        }
        (None, false) => document.push(", no reply yet"),
    }
    document.role(Role::Quiet);
    if let Some(by) = step.given_by {
        document.push_display(format_args!(", named by {by}"));
    }
    document.end_line();
}

fn line(document: &mut Document, role: Role, words: Arguments<'_>) {
    document.role(role);
    document.push_display(words);
    document.end_line();
}
