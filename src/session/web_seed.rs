//! Web seeds: data of torrents that comes by HTTP (BEP 19, BEP 17).

use std::net::SocketAddr;

use crate::packet::Stamp;

/// A connection on which a BitTorrent client asks an HTTP server for a range of a
/// file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSeed {
    /// Number of the connection.
    pub stream: u64,
    /// The client and the server.
    pub ends: [SocketAddr; 2],
    /// The client, by its User-Agent.
    pub client: &'static str,
    /// The packet with the request.
    pub request: Stamp,
}
