//! Records packets into pcapng files while they are analysed: one file, or a
//! ring of files that never takes more than so much room.

mod blocks;
mod recording;
mod ring;

pub use recording::Recorder;
pub use ring::Ring;
