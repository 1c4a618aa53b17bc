//! Nodes that clients begin with.

/// Their host names, as the clients that have them built in.
const HOSTS: [&str; 8] = [
    "dht.aelitis.com",
    "dht.anacrolix.link",
    "dht.libtorrent.org",
    "dht.transmissionbt.com",
    "router.bitcomet.com",
    "router.bittorrent.com",
    "router.silotis.us",
    "router.utorrent.com",
];

/// Whether clients have this host built in to begin with.
pub fn is_bootstrap(host: &str) -> bool {
    HOSTS.contains(&host)
}
