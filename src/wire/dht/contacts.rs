//! Nodes and peers of a message that nobody can reach.

use super::anomalies;
use super::message::{Body, Message};
use super::method::Method;
use crate::wire::anomaly::Argument;
use crate::wire::bencode::{Document, Node};
use crate::wire::compact::{self, Family, is_private, is_reachable};
use crate::wire::{Reader, Sink};

/// Bytes of a node id, which stands before the address of a node.
const ID_BYTES: usize = 20;

/// Nodes told of one message at most.
const MAX_DEVIATIONS: usize = 8;

/// Tells the port of an announce that is none, and nodes where no node can be.
pub(super) fn check<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    document: &Document<'_>,
    message: &Message<'_>,
) {
    let Some(root) = document.root() else { return };
    match &message.body {
        Body::Query(query) if query.method == Method(b"announce_peer") => {
            if let Some(arguments) = root.get(b"a") {
                port(reader, arguments);
            }
        }
        Body::Response(_) => {
            for (key, family) in [("nodes", Family::V4), ("nodes6", Family::V6)] {
                let results = root.get(b"r");
                if let Some(list) = results.and_then(|results| results.get(key.as_bytes())) {
                    nodes(reader, list, family);
                }
            }
        }
        _ => {}
    }
}

fn port<S: Sink>(reader: &mut Reader<'_, '_, S>, arguments: Node<'_, '_>) {
    let implied = arguments
        .get(b"implied_port")
        .and_then(|port| port.as_int());
    let Some(node) = arguments.get(b"port").filter(|_| implied.unwrap_or(0) == 0) else {
        return;
    };
    let at = node.span().start;
    match node.as_int() {
        Some(0) => {
            reader.anomaly_at(at, &anomalies::PORT_ZERO);
            reader.anomaly_at(at, anomalies::NO_PORT.with(0_i64));
        }
        Some(1) => reader.anomaly_at(at, anomalies::NO_PORT.with(1_i64)),
        _ => {}
    }
}

fn nodes<S: Sink>(reader: &mut Reader<'_, '_, S>, list: Node<'_, '_>, family: Family) {
    let start = list.content().start;
    let stride = ID_BYTES + family.size();
    let bytes = list.as_bytes().unwrap_or_default();
    let odd = bytes.chunks_exact(stride).enumerate().filter(|(_, node)| {
        let address = compact::address(&node[ID_BYTES..]);
        !address.is_some_and(|node| is_reachable(node) && !is_private(node.ip()))
    });
    for (index, _) in odd.take(MAX_DEVIATIONS) {
        let end = start + (index + 1) * stride;
        let address = Argument::Address {
            start: (end - family.size()) as u32,
            end: end as u32,
        };
        reader.anomaly_at(
            end - family.size(),
            anomalies::UNREACHABLE_NODE.with(address),
        );
    }
}
