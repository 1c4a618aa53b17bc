//! The DHT as a capture shows it, in words and as JSON.

mod json;
mod text;

pub use json::write_dht_json;
pub use text::push_dht;
