//! A lookup: the nodes that somebody asked for one id, step by step.

use std::net::SocketAddr;

/// Steps that are kept of one lookup.
const MAX_STEPS: usize = 256;

/// A query of a lookup, and its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Who was asked.
    pub node: SocketAddr,
    /// Who named that node to the asker, if the capture shows it.
    pub given_by: Option<SocketAddr>,
    /// How many bits its id shares with the target, once it has said its id.
    pub shared_bits: Option<u32>,
    /// The packet of the query, and that of the reply.
    pub frames: (u64, Option<u64>),
    /// How long the reply took, in nanoseconds.
    pub rtt: Option<i64>,
    /// It is unanswered.
    pub is_unanswered: bool,
    /// Nodes and peers that the reply names.
    pub nodes: u32,
    /// See `nodes`.
    pub values: u32,
}

/// The lookup.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// Who looks.
    pub asker: SocketAddr,
    /// For what.
    pub target: [u8; 20],
    /// By which method first.
    pub method: String,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// Steps that were not kept.
    pub left_out: u64,
    /// How many seeds and other peers the replies' filters hold together, about
    /// (BEP 33).
    pub estimate: Option<[f64; 2]>,
}

impl Lookup {
    /// A lookup without a step.
    pub fn new(asker: SocketAddr, target: [u8; 20], method: String) -> Self {
        Self {
            asker,
            target,
            method,
            steps: Vec::new(),
            left_out: 0,
            estimate: None,
        }
    }

    /// A query.
    pub fn ask(&mut self, step: Step) {
        if self.steps.len() < MAX_STEPS {
            self.steps.push(step);
        } else {
            self.left_out += 1;
        }
    }

    /// The step of the query in this packet.
    pub fn step(&mut self, frame: u64) -> Option<&mut Step> {
        self.steps
            .iter_mut()
            .rev()
            .find(|step| step.frames.0 == frame)
    }

    /// The most bits that any node that answered shares with the target.
    pub fn closest(&self) -> Option<u32> {
        let answered = self.steps.iter().filter(|step| step.rtt.is_some());
        answered.filter_map(|step| step.shared_bits).max()
    }
}

/// How many bits two ids share at their beginning.
pub fn shared_bits(one: &[u8; 20], other: &[u8; 20]) -> u32 {
    let mut bits = 0;
    for (one, other) in one.iter().zip(other) {
        let same = (one ^ other).leading_zeros();
        bits += same;
        if same < 8 {
            break;
        }
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_share_their_first_bits() {
        let mut other = [0; 20];
        assert_eq!(shared_bits(&[0; 20], &other), 160);
        other[2] = 0b0001_0000;
        assert_eq!(shared_bits(&[0; 20], &other), 19);
        other[0] = 0xff;
        assert_eq!(shared_bits(&[0; 20], &other), 0);
    }
}
