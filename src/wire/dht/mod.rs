//! The DHT: KRPC messages, one bencoded dictionary a datagram (BEP 5, with 32,
//! 33, 42, 43, 44, 46, 50 and 51).
//!
//! A response does not say which query it answers: [`dissect`] is told, or
//! infers it from the keys and says so.

pub mod anomalies;
mod bloom;
mod code;
mod contacts;
mod encode;
mod fault;
mod item;
mod keys;
mod message;
mod method;
mod node_id;
mod nodes;
mod read;
mod remark;
mod summary;
#[cfg(test)]
mod tests;

pub use bloom::{BLOOM_SIZE, Bloom};
pub use code::ErrorCode;
pub use encode::encode;
pub use item::{immutable_target, is_signed, mutable_target, signed_bytes};
pub use keys::{ERROR, METHOD_FACT, QUERY, RESPONSE, UNKNOWN};
pub use message::{Arguments, Body, ErrorBody, Message, Query, Response, Results, Want};
pub use method::Method;
pub use node_id::{id_fits, id_prefix, is_exempt};
pub use nodes::Nodes;
pub(super) use read::ANYWHERE;
pub use read::dissect;
