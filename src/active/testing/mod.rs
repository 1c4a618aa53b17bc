//! A network between machines, for tests.

mod net;

pub use crate::torrent::testing::{Sample, contradiction, v1, v2};
pub use net::{Net, Node, identity};
