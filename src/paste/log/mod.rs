//! Lines in which clients log their messages: what was said in words, the time
//! and the direction, as far as the line has them. A file a client.
//!
//! A line becomes the message that it names, with those fields that it prints;
//! everything else that clients log is words.

mod anacrolix;
mod aria2;
mod clients;
mod libtorrent;
mod logged;
mod phrase;
mod rqbit;
mod rust;
mod stamp;
mod transmission;
mod webtorrent;

pub use clients::read;
pub use logged::{Direction, Logged, Rest, Said};
