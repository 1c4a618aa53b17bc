//! What may pasted bytes be? They come without a stream, a port or a direction,
//! so that several readings can be possible: each is scored.

mod address;
mod bencoded;
mod datagram;
mod headers;
mod http;
mod item;
mod judge;
mod loose;
mod loose_kind;
mod magnet;
mod meaning;
mod misframed;
mod names;
mod near;
mod packet;
mod reading;
mod reply;
mod run;
mod sample;
mod stretch;
#[cfg(test)]
mod tests;
mod value;

pub use item::{Item, item};
pub use judge::{Candidate, completes, messages, readings};
pub use meaning::Meaning;
pub use names::Names;
pub use reading::Reading;
pub use sample::Sample;
pub use stretch::Stretch;
