//! The DHT as a capture shows it: nodes, lookups step by step, tokens, stored items.

mod bootstrap;
mod census;
mod item;
mod lookup;
mod node;
mod pending;

pub use census::{Dht, DhtCensus, DhtLeftOut, Tokens};
pub use item::StoredItem;
pub use lookup::{Lookup, Step};
pub use node::{Node, Rtt};
pub use pending::UNANSWERED_AFTER;
