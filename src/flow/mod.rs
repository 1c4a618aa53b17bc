//! Flow table, TCP and uTP reassembly: segments become two byte streams a
//! connection, with 64-bit offsets and explicit gaps.

mod acks;
mod assembler;
mod budget;
mod connection;
mod duplex;
mod keeper;
mod output;
mod table;
mod tcp;
#[cfg(test)]
mod testing;
mod utp;
mod waiting;

pub use budget::{Counter, Evicted, Limits};
pub use connection::{
    Carrier, Chunk, Close, Connection, Gap, GapCause, Opening, Side, Streams, Unreachable,
};
pub use tcp::TcpTable;
pub use utp::{Standing, UtpTable};
