//! A capture as others would have taken it, by seeds.

use super::run::Captured;

/// Random numbers, the same on every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }
}

/// What is done to a capture.
pub const KINDS: [&str; 7] = [
    "whole",
    "late",
    "early",
    "lossy",
    "shuffled",
    "doubled",
    "one-sided",
];

/// A capture, changed.
pub fn vary(kind: &str, packets: &[Captured], seed: u64) -> Vec<Captured> {
    let mut random = Random::new(seed);
    let count = packets.len();
    match kind {
        // Begun or ended in the middle.
        "late" => packets[random.below(count)..].to_vec(),
        "early" => packets[..random.below(count)].to_vec(),
        // Two packets in a hundred were dropped.
        "lossy" => {
            let kept = packets.iter().filter(|_| random.below(50) > 0);
            kept.cloned().collect()
        }
        // Packets of several CPUs: each with its own time.
        "shuffled" => {
            let mut shuffled = packets.to_vec();
            for at in 0..count {
                let with = (at + random.below(4)).min(count - 1);
                shuffled.swap(at, with);
            }
            shuffled
        }
        // Two interfaces saw each packet.
        "doubled" => packets
            .iter()
            .flat_map(|packet| [packet.clone(), packet.clone()])
            .collect(),
        // Only what one host sends.
        "one-sided" => {
            let host = source(&packets[random.below(count)]);
            let kept = packets.iter().filter(|packet| source(packet) == host);
            kept.cloned().collect()
        }
        _ => packets.to_vec(),
    }
}

/// The address that an IPv4 packet in Ethernet comes from.
fn source(packet: &Captured) -> Option<&[u8]> {
    packet.data.get(26..30)
}
