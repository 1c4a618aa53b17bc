//! UDP trackers (BEP 15, options of BEP 41).
//!
//! A datagram does not say whether it is a request: a request has its action at
//! offset 8, behind the connection id, a response at 0. Which one it is, and
//! that it is of a tracker at all, is told by [`Context`]: only the connect
//! request is known by itself ([`is_connect`]).

mod action;
mod announce;
pub mod anomalies;
mod message;
mod options;
mod scrape;
#[cfg(test)]
mod tests;

pub use action::Action;
pub use announce::{ANNOUNCE_SIZE, AnnounceRequest, AnnounceResponse, Event, is_lone_announce};
pub(super) use message::ANYWHERE;
pub use message::{
    ANNOUNCE_REQUEST, ANNOUNCE_RESPONSE, Body, CONNECT_REQUEST, CONNECT_RESPONSE, Context, ERROR,
    Message, PROTOCOL_ID, Role, SCRAPE_REQUEST, SCRAPE_RESPONSE, UNKNOWN, dissect, encode,
    is_connect, is_connect_backwards, is_nearly_connect, is_shaped_as_answer, is_shaped_as_connect,
};
pub use scrape::{Counts, ScrapeRequest, ScrapeResponse};
