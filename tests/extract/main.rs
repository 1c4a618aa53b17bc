//! `peerscope extract`: what it writes is held against what the hashes of the torrents
//! prove, by other means than the program's own.
//!
//! * `lab`: transfers between real clients, from a list (`lab.txt`),
//! * `made`: captures made for the purpose: lies, tricks, web seeds, pipes.
//!
//! Captures that are not shipped are looked for in `../shared/captures`; a test that
//! misses them says so and passes.
#![cfg(unix)]

mod lab;
mod made;
#[path = "../made/mod.rs"]
mod making;
#[path = "../program/mod.rs"]
mod program;
mod proof;
mod tool;
