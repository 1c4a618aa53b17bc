//! TCP: segments become connections of two byte streams.
//!
//! What is waited for, and how long, is decided by the capture alone:
//!
//! * a hole becomes a gap when the other side acknowledged it and 64 packets of the
//!   connection or 250 ms went by, when the buffer
//!   behind it outgrew its bound, or at the end;
//! * a connection without SYN begins at the lowest sequence number of its first
//!   16 packets or 250 ms;
//! * a RST takes effect after the same grace as a hole, for what was sent before
//!   it and captured after it.
//!
//! A segment whose numbers are of another connection (a SYN with another first
//! number, a jump beyond any window) begins a new one when a second segment
//! agrees with it: one alone may be forged, and is passed over.
//!
//! First bytes win. Other bytes in a retransmission are reported as a conflict
//! while the first copy still waits in the reorder buffer; bytes that were
//! delivered are gone and not compared.

mod connections;
mod direction;
mod entry;
mod start;
#[cfg(test)]
mod tests;

pub use connections::TcpTable;
