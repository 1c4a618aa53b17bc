//! The list of connections, in an order that the user chooses.

use std::cmp::Ordering;

use super::scroll::Scroll;
use crate::tui::spool::{Overview, Row};

/// What connections are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortBy {
    /// In the order in which they began.
    #[default]
    Number,
    /// By how long they lasted.
    Time,
    /// By the number of their messages.
    Messages,
    /// By the data that went by on them.
    Payload,
    /// By how bad what was found on them is; then those that failed.
    Trouble,
    /// By the acceptor's address.
    Acceptor,
}

impl SortBy {
    const ALL: [Self; 6] = [
        Self::Number,
        Self::Time,
        Self::Messages,
        Self::Payload,
        Self::Trouble,
        Self::Acceptor,
    ];

    /// The next one.
    pub fn next(self) -> Self {
        let at = Self::ALL
            .iter()
            .position(|other| *other == self)
            .unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    /// In words, for `sorted by ..`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Time => "time",
            Self::Messages => "messages",
            Self::Payload => "payload",
            Self::Trouble => "trouble",
            Self::Acceptor => "acceptor",
        }
    }

    /// Numbers and addresses begin with the smallest, all else with what is most.
    fn compare(self, one: &Row, other: &Row) -> Ordering {
        let sum = |pair: [u64; 2]| pair[0].saturating_add(pair[1]);
        let order = match self {
            Self::Number => Ordering::Equal,
            Self::Time => other.nanos().cmp(&one.nanos()),
            Self::Messages => sum(other.messages).cmp(&sum(one.messages)),
            Self::Payload => sum(other.payload).cmp(&sum(one.payload)),
            Self::Trouble => other.trouble().cmp(&one.trouble()),
            Self::Acceptor => one.ends[1].cmp(&other.ends[1]),
        };
        order.then(one.stream.cmp(&other.stream))
    }
}

/// The list.
#[derive(Debug, Clone, Default)]
pub struct Connections {
    /// What it is sorted by.
    pub by: SortBy,
    /// The other way round.
    pub is_reversed: bool,
    /// What is selected.
    pub scroll: Scroll,
    /// Indices of rows.
    order: Vec<u32>,
    /// The connection to be selected once it is listed.
    pub(super) awaited: Option<u64>,
}

impl Connections {
    /// How many there are.
    pub fn len(&self) -> u64 {
        self.order.len() as u64
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Puts the rows in order; the connection that is selected stays selected.
    pub fn sort(&mut self, overview: &Overview, height: u64) {
        let rows = overview.rows();
        let selected = self.selected(overview).map(|row| row.stream);
        self.order.clear();
        self.order.extend(0..rows.len() as u32);
        let (by, is_reversed) = (self.by, self.is_reversed);
        self.order.sort_by(|one, other| {
            let order = by.compare(&rows[*one as usize], &rows[*other as usize]);
            if is_reversed { order.reverse() } else { order }
        });
        let awaited = self.awaited;
        for stream in selected.into_iter().chain(awaited) {
            self.select(overview, stream, height);
        }
        self.scroll.show(self.len(), height);
    }

    /// Selects a connection, now or as soon as it is listed.
    pub fn select(&mut self, overview: &Overview, stream: u64, height: u64) {
        self.awaited = None;
        if self
            .selected(overview)
            .is_some_and(|row| row.stream == stream)
        {
            return;
        }
        let rows = overview.rows();
        let is_it = |index: &u32| rows[*index as usize].stream == stream;
        if let Some(place) = self.order.iter().position(is_it) {
            let count = self.len();
            self.scroll.select(place as u64, count, height);
        } else {
            self.awaited = Some(stream);
        }
    }

    /// The row at a place of the list.
    pub fn row<'o>(&self, overview: &'o Overview, place: u64) -> Option<&'o Row> {
        let index = self.order.get(usize::try_from(place).ok()?)?;
        overview.rows().get(*index as usize)
    }

    /// The row that is selected.
    pub fn selected<'o>(&self, overview: &'o Overview) -> Option<&'o Row> {
        self.row(overview, self.scroll.selected)
    }
}
