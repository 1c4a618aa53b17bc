//! Torrents as a table: a row each.

use super::text::hash;
use super::verified::Verified;
use crate::swarm::{Peer, Swarm};
use crate::view::quantity::Bytes;
use crate::view::style::Role;
use crate::view::table::{Cell, Column, Table};
use crate::view::text::Safe;

/// Hex digits of an info-hash that are shown where it has a name.
const SHORT_HASH: usize = 8;

/// The table of torrents, each with what of it is verified.
pub fn torrent_table<'s>(torrents: impl Iterator<Item = (&'s Swarm, Verified)>) -> Table {
    let columns = vec![
        Column::new("info-hash"),
        Column::names("name", 8),
        Column::right("size"),
        Column::right("pieces"),
        Column::right("peers"),
        Column::right("data"),
        Column::names("seen in", 9),
    ];
    let rows = torrents
        .map(|(swarm, verified)| row(swarm, verified))
        .collect();
    Table { columns, rows }
}

fn row(swarm: &Swarm, verified: Verified) -> Vec<Cell> {
    let digits = hash(swarm);
    let name = swarm.name.as_deref().unwrap_or_default();
    let pieces = match (verified.pieces, swarm.pieces) {
        (Some(have), Some(all)) => format!("{have}/{all}"),
        (None, Some(all)) => all.to_string(),
        _ => String::new(),
    };
    let transferred = swarm.count(Peer::has_transferred);
    let sources: Vec<_> = swarm.sources.iter().map(|source| source.name()).collect();
    vec![
        Cell::new(Role::Hash, &digits[..SHORT_HASH]),
        Cell::new(Role::Text, Safe::from(name)),
        Cell::plain(
            swarm
                .length
                .map(|length| Bytes(length).to_string())
                .unwrap_or_default(),
        ),
        Cell::plain(pieces),
        Cell::plain(format!("{transferred}/{}", swarm.peers.len())),
        Cell::plain(Bytes(swarm.bytes())),
        Cell::new(Role::Discovery, sources.join(" ")),
    ]
}
