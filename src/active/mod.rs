//! Our own peer: downloads and serves torrents.
//!
//! Three layers, the upper ones without I/O:
//!
//! * [`machine`]: one connection. Bytes and the time in; bytes and events out.
//! * [`torrent`]: all connections of one torrent. Which block is requested from whom, who
//!   is unchoked, whose data fails its check.
//! * `driver`: sockets, threads, files and the clock.
//!
//! The commands `get` and `seed` and the tests drive the same two machines.

pub mod driver;
pub mod machine;
pub mod mse;
pub mod random;
pub mod recorder;
#[cfg(test)]
mod testing;
pub mod torrent;
pub mod tracker;
