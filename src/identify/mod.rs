//! What is this stream or datagram? By its bytes, never by its port.

pub mod datagram;
mod header;
pub mod mse;
mod start;

pub use start::{ENOUGH, Start, start, start_of_cut};
