//! One connection as a conversation: who says what to whom, rung by rung, runs of
//! the transfer folded.

mod answer;
mod follower;
mod remark;
mod run;
mod rung;
mod stances;

pub use answer::Answer;
pub use follower::{Follower, Remarks, Words};
pub use remark::Remark;
pub use run::{Pieces, Run};
pub use rung::{Rung, RungContent};
pub use stances::{SideStances, Stances};
