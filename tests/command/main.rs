//! Whole captures through the `peerscope` command: what it says about them is
//! compared with what is known of them.
//!
//! * `cases`: hand-made captures, row by row,
//! * `truth`: transfers between real clients, with what these clients logged,
//! * `public`: real traffic of others, and what is not BitTorrent at all,
//! * `broken`: damaged files,
//! * `maybe`: connections that may be encrypted BitTorrent,
//! * `packets`: the packets of uTP,
//! * `stopped`: messages whose sender stopped within them,
//! * `reports`: situations after public reports, and attacks,
//! * `generated`: captures of any size with faults of the network,
//! * `oracle`: agreement with tshark, message by message,
//! * `overwritten`: what is read is never written over,
//! * `interrupt`: Ctrl-C, whatever is being computed,
//! * `wireshark`: what `read --write-wireshark` writes, as tshark reads it,
//! * `typed`: what people type out of habit, pipes at either end, the manual.
//!
//! Captures that are not shipped are looked for in `../shared/captures`; a test
//! that misses them says so and passes.

mod broken;
mod cases;
mod corpus;
#[path = "../../benches/gencap/mod.rs"]
mod gencap;
mod generated;
#[cfg(unix)]
mod interrupt;
mod log;
#[path = "../made/mod.rs"]
mod made;
mod maybe;
mod missing;
mod one_way;
mod oracle;
mod overwritten;
mod packets;
#[path = "../program/mod.rs"]
mod program;
mod public;
mod reports;
mod stopped;
mod tool;
mod truth;
mod typed;
mod wireshark;
