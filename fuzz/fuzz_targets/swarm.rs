#![no_main]

#[path = "../swarm.rs"]
mod swarm;

libfuzzer_sys::fuzz_target!(|input: &[u8]| swarm::swarm(input));
