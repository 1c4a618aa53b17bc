//! Rules on trackers (BEP 3, 15, 21, 23, 48). What one message shows is found by
//! its dissector.

mod announces;
mod http;
mod themes;
mod udp;

pub use announces::conclude;
pub use http::{request as http_request, response as http_response};
pub use themes::RULES;
pub use udp::hear as udp;
