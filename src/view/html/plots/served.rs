//! Who gave how much to whom.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::{Drawn, Scene};
use crate::view::html::format::count;
use crate::view::html::peers::Peers;
use crate::view::html::plot::{Matrix, Numbers};
use crate::view::quantity::Bytes;

/// Rows of the table at most.
const MAX_ROWS: usize = 60;

/// The matrix.
pub fn draw(scene: &Scene<'_>) -> Drawn {
    let mut pairs: Vec<_> = scene.digest.served.pairs().collect();
    pairs.sort_by_key(|(giver, taker, bytes)| (Reverse(*bytes), *giver, *taker));
    let peers = &Peers::by_pairs(scene.digest, scene.names, &pairs);
    if peers.len() == 0 {
        return Err("Nobody gave piece data to anybody: there is no matrix of who served whom.");
    }
    let mut cells = vec![vec![0; peers.len()]; peers.len()];
    let mut others = scene.digest.served.others;
    for &(giver, taker, bytes) in &pairs {
        match (peers.index(giver), peers.index(taker)) {
            (Some(giver), Some(taker)) => cells[giver][taker] += bytes,
            _ => others += bytes,
        }
    }
    let mut description = "How much piece data each host gave to each other.".to_owned();
    if others > 0 {
        let _ = write!(
            description,
            " Drawn are the {} hosts between which most went; {} went between others.",
            peers.len(),
            Bytes(others)
        );
    }
    let left_out = pairs.len().saturating_sub(MAX_ROWS);
    pairs.truncate(MAX_ROWS);
    let rows = pairs.into_iter().map(|(giver, taker, bytes)| {
        vec![
            scene.names.host(giver),
            scene.names.host(taker),
            count(bytes),
            Bytes(bytes).to_string(),
        ]
    });
    let matrix = Matrix {
        id: scene.id("served"),
        title: "Who served whom".to_owned(),
        description,
        names: (0..peers.len()).map(Peers::short).collect(),
        cells,
        numbers: Numbers {
            head: ["gave", "got", "bytes", ""].map(str::to_owned).into(),
            rows: rows.collect(),
            note: if left_out > 0 {
                format!("{left_out} pairs with less are left out.")
            } else {
                String::new()
            },
        },
    };
    Ok(matrix.draw(&peers.list()))
}
