//! HTTP trackers: announces and scrapes in the query of a GET request, answers
//! as a bencoded body (BEP 3, 7, 23, 24, 27, 31, 48).
//!
//! The length of a message depends on what is said in it ([`next_head_end`],
//! [`body_length`], [`Chunks`]); who cuts a stream into messages calls these.

pub mod anomalies;
mod body;
mod head;
mod keys;
mod members;
mod parameters;
mod purpose;
mod reply;
mod request;
mod response;
mod summary;
#[cfg(test)]
mod tests;

pub use super::headers::next_head_end;
pub use body::{Chunks, Coding, MAX_BODY, Progress};
pub use head::{BodyLength, body_length, body_of, header_of, ranged_by, status_of};
pub use keys::REPLY;
pub(super) use members::ANYWHERE;
pub use purpose::Purpose;
pub use reply::{Peer, Peers, Reply, Torrent};
pub use request::{
    ANNOUNCE_REQUEST, Parameters, Request, SCRAPE_REQUEST, dissect_request, encode_request, purpose,
};
pub use response::{
    ANNOUNCE_RESPONSE, ERROR, Response, SCRAPE_RESPONSE, dissect_decoded_body, dissect_response,
    encode_response,
};
