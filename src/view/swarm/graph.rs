//! Who served whom, as a graph in the language of Graphviz.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::text::hash;
use crate::swarm::Swarm;
use crate::view::quantity::Bytes;
use crate::view::text::Safe;

/// Writes a graph with a cluster a torrent: an arrow says who sent data to whom.
pub fn write_swarms_dot(out: &mut dyn Write, swarms: &[Swarm]) -> io::Result<()> {
    writeln!(out, "digraph swarm {{")?;
    writeln!(out, "  rankdir=LR; node [shape=box];")?;
    for (number, swarm) in swarms.iter().enumerate() {
        write_cluster(out, number, swarm)?;
    }
    writeln!(out, "}}")
}

fn write_cluster(out: &mut dyn Write, number: usize, swarm: &Swarm) -> io::Result<()> {
    let digits = hash(swarm);
    let title = swarm.name.as_deref().unwrap_or(&digits);
    writeln!(out, "  subgraph cluster_{number} {{")?;
    writeln!(out, "    label=\"{}\";", quoted(title))?;
    let ends: BTreeSet<_> = swarm
        .flows
        .keys()
        .flat_map(|(from, to)| [from, to])
        .collect();
    for address in ends {
        let client = swarm
            .peers
            .get(address)
            .and_then(|peer| peer.client.as_deref());
        let client = client
            .map(|client| format!("\\n{}", quoted(client)))
            .unwrap_or_default();
        writeln!(
            out,
            "    \"{number} {address}\" [label=\"{address}{client}\"];"
        )?;
    }
    for ((from, to), bytes) in &swarm.flows {
        let bytes = Bytes(*bytes);
        writeln!(
            out,
            "    \"{number} {from}\" -> \"{number} {to}\" [label=\"{bytes}\"];"
        )?;
    }
    writeln!(out, "  }}")
}

/// Text of a capture between quotation marks.
fn quoted(text: &str) -> String {
    let safe = Safe::from(text).to_string();
    safe.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_quotes() {
        let mut swarm = Swarm::new([1; 20]);
        swarm.name = Some("a\"]; evil [x=\"\\\u{1b}".to_owned());
        let [from, to] = ["10.0.0.1:1", "[::1]:2"].map(|end| end.parse().unwrap());
        swarm.flows.insert((from, to), 2048);
        let mut out = Vec::new();
        write_swarms_dot(&mut out, &[swarm]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.contains(r#"label="a\"]; evil [x=\"\\\\x1b";"#),
            "{text}"
        );
        assert!(
            text.contains(r#""0 10.0.0.1:1" -> "0 [::1]:2" [label="2.00 KiB"];"#),
            "{text}"
        );
    }
}
