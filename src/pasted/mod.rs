//! What may pasted bytes be? They come without a stream, a port or a direction,
//! so that several readings can be possible: each is scored.

mod bencoded;
mod datagram;
mod headers;
mod http;
mod judge;
mod loose;
mod loose_kind;
mod meaning;
mod names;
mod packet;
mod reading;
mod run;
mod sample;
mod stretch;
#[cfg(test)]
mod tests;
mod value;

pub use judge::{Candidate, completes, messages, readings};
pub use meaning::{Decoded, Meaning};
pub use names::Names;
pub use reading::Reading;
pub use sample::Sample;
pub use stretch::Stretch;
