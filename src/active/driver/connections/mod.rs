//! All connections of a session: dialled, accepted, served and ended.

mod descriptors;
mod ending;
mod pool;
mod room;
mod tokens;
mod transfer;
mod unreadable;

pub(super) use pool::Connections;
pub(super) use tokens::{LISTENER, WAKER};
