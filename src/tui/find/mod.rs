//! Looks for one message among many, in a thread of its own: the next one with a
//! text, the answer to a request, the request of an answer, that of a packet.

mod finder;
mod packet;
mod pair;
mod watch;

pub use finder::{Search, Wanted};
pub use pair::request_of;
