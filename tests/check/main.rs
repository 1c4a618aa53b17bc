//! `peerscope check`: each rule fires where it should and not where it nearly
//! would, and never falsely on transfers between real clients.
//!
//! * `scenarios`: conversations in words (`tests/check/scenarios/*.txt`), made into
//!   packets by the encoders of this project,
//! * `lab`: captures of unmodified clients, whole, and cut, thinned, shuffled,
//!   doubled, with one direction only.

mod lab;
#[path = "../made/mod.rs"]
mod made;
mod run;
mod sarif;
mod scenario;
mod scenarios;
mod transport;
mod variants;
