//! What becomes of requests after they are made: known once the capture has been
//! read, for those who read it twice.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::flow::Side;
use crate::session::{Ended, Heard};
use crate::wire::peer::{Block, Message};

/// Requests that are kept: some 100 MB. Real captures have thousands.
const MAX_KEPT: usize = 1 << 20;

/// A request: its connection, who made it, the packet that completed it.
type Request = (u64, Side, Block, u64);

/// The requests of a capture that were never answered.
#[derive(Debug, Clone, Default)]
pub struct Fates {
    unanswered: HashSet<Request, RandomState>,
    left_out: u64,
}

impl Fates {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A connection ended: what it left open was not answered, unless the answers
    /// are not in the capture.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        for side in Side::BOTH {
            for (block, stamp) in ended.unanswered(side) {
                if self.unanswered.len() < MAX_KEPT {
                    let stream = ended.connection.stream;
                    self.unanswered.insert((stream, side, block, stamp.frame));
                } else {
                    self.left_out += 1;
                }
            }
        }
    }

    /// Requests beyond what is kept: [`Fates::is_unanswered`] does not know them.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Whether a message is a request that was not answered, cancelled or dropped
    /// by a choke.
    pub fn is_unanswered(&self, heard: &Heard<'_>) -> bool {
        let Some(Message::Request(block)) = heard.peer_message() else {
            return false;
        };
        let request = (heard.stream, heard.from, *block, heard.last.frame);
        self.unanswered.contains(&request)
    }
}
