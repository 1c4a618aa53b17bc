//! The connections that are kept to be shown: those that tell most.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::digest::Card;
use super::totals::Totals;
use crate::findings::Standing;
use crate::session::Past;

/// Connections that are shown with all that is known of them.
pub const MAX_CARDS: usize = 50;

/// Connections that are shown in a row of a table, beside those.
pub const MAX_ROWS: usize = 400;

/// How much a connection tells: what went wrong first, then how much data it
/// carried, then which came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    standing: Standing,
    payload_bytes: u64,
    stream: Reverse<u64>,
}

impl Rank {
    /// That of a connection.
    pub fn new(standing: Standing, past: &Past) -> Self {
        Self {
            standing,
            payload_bytes: past.payload_bytes(),
            stream: Reverse(past.stream()),
        }
    }
}

/// The connections that tell most so far. What does not fit loses its course, then
/// its row; of the rest there are totals.
#[derive(Debug, Default)]
pub struct Shelf {
    cards: BTreeMap<Rank, Card>,
    rows: BTreeMap<Rank, Past>,
    rest: Totals,
}

impl Shelf {
    /// One more connection.
    pub fn put(&mut self, standing: Standing, card: Card) {
        self.cards.insert(Rank::new(standing, &card.past), card);
        if self.cards.len() > MAX_CARDS
            && let Some((rank, least)) = self.cards.pop_first()
        {
            self.rows.insert(rank, least.past);
        }
        if self.rows.len() > MAX_ROWS
            && let Some((_, least)) = self.rows.pop_first()
        {
            self.rest.add(&least);
        }
    }

    /// The cards and the rows, what tells most first, and the totals of the rest.
    pub fn into_all(self) -> (Vec<Card>, Vec<Past>, Totals) {
        (
            self.cards.into_values().rev().collect(),
            self.rows.into_values().rev().collect(),
            self.rest,
        )
    }
}
