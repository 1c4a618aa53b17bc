//! The watches of the connections that are under way.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::watch::Watch;
use crate::session::budget::Budget;

/// What is remembered of each connection.
#[derive(Debug, Default)]
pub struct Watches {
    all: HashMap<u64, Box<Watch>, RandomState>,
    /// The connection heard last, outside of the map: most often the next message
    /// is of the same.
    current: Option<(u64, Box<Watch>)>,
}

impl Watches {
    /// The watch of a connection, begun if need be.
    #[inline]
    pub fn turn_to(&mut self, stream: u64, budget: &Budget) -> &mut Watch {
        let all = &mut self.all;
        if let Some((at, before)) = self.current.take_if(|(at, _)| *at != stream) {
            all.insert(at, before);
        }
        let (_, watch) = self.current.get_or_insert_with(|| {
            let watch = all.remove(&stream);
            (
                stream,
                watch.unwrap_or_else(|| Box::new(Watch::new(budget))),
            )
        });
        watch
    }

    /// What was remembered of a connection that is over.
    pub fn take(&mut self, stream: u64, budget: &Budget) -> Box<Watch> {
        let current = self.current.take_if(|(at, _)| *at == stream);
        let watch = current.map(|(_, watch)| watch);
        let watch = watch.or_else(|| self.all.remove(&stream));
        watch.unwrap_or_else(|| Box::new(Watch::new(budget)))
    }
}
