//! Torrents in memory, and a network between machines, for tests.

mod net;
mod sample;

pub use net::{Net, Node, identity};
pub use sample::{Sample, contradiction, v1, v2};
