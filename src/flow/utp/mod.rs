//! uTP (BEP 29): UDP datagrams become connections of two byte streams.
//!
//! A flow is recognised by its packets alone, never by its port: a second packet
//! must fit the first (connection ids, numbers that acknowledge each other), or
//! the payload must be certain ([`Streams::is_certain`]). Until then its packets
//! are held, and few of them. A SYN that nothing confirms is an attempt that
//! failed: it gets a number, and the consumer is told, when it is reset or given
//! up. Nothing else than uTP asks like that by accident (see `entry`); whether a
//! peer was asked is for the consumer to know.
//!
//! Packets are numbered, not bytes: a lost packet is a gap of unknown length.
//! What is waited for, and how long, is the same as with TCP.

mod connections;
mod direction;
mod entry;
mod evidence;
mod half;
mod start;
#[cfg(test)]
mod tests;

pub use connections::{Standing, UtpTable};
