//! The second reading: blocks become pieces, pieces become files.

mod bodies;
mod fetch;
mod kinship;
mod taking;
mod trial;
mod under_way;

pub(super) use taking::Progress;
pub use taking::{Collector, Options, Trouble};
pub use under_way::PieceData;
