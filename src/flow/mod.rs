//! Flow table, TCP and uTP reassembly: segments become two byte streams a
//! connection, with 64-bit offsets and explicit gaps.

mod acks;
mod assembler;
mod budget;
mod connection;
mod duplex;
mod keeper;
mod output;
mod side;
mod table;
mod tcp;
#[cfg(test)]
mod testing;
mod trouble;
mod utp;
mod waiting;

pub use budget::{Counter, Evicted, Limits};
pub use connection::{Carrier, Chunk, Close, Connection, Gap, GapCause, Opening, Streams};
pub use side::Side;
pub use tcp::TcpTable;
pub use trouble::{Probes, Resent, Setback, Troubles, Unreachable};
pub use utp::{Standing, UtpTable};
