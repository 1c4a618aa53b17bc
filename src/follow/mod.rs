//! One connection as a conversation: who says what to whom, rung by rung, runs of
//! the transfer folded.

mod answer;
mod follower;
mod run;
mod rung;
mod stances;

pub use answer::Answer;
pub use follower::{Follower, Words};
pub use run::{Pieces, Run};
pub use rung::{Rung, RungContent};
pub use stances::{SideStances, Stances};
