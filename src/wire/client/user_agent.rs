//! Clients by the `User-Agent` of their HTTP requests.

/// How each begins, in small letters, and its client.
static AGENTS: &[(&str, &str)] = &[
    ("aria2", "aria2"),
    ("azureus", "Vuze"),
    ("biglybt", "BiglyBT"),
    ("bitcomet", "BitComet"),
    ("bittorrent", "BitTorrent"),
    ("btwebclient", "µTorrent"),
    ("deluge", "Deluge"),
    ("ktorrent", "KTorrent"),
    ("libtorrent", "libtorrent"),
    ("mediaget", "MediaGet"),
    ("qbittorrent", "qBittorrent"),
    ("rain", "rain"),
    ("rqbit", "rqbit"),
    ("rtorrent", "rTorrent"),
    ("transmission", "Transmission"),
    ("tixati", "Tixati"),
    ("utorrent", "µTorrent"),
    ("vuze", "Vuze"),
    ("webtorrent", "WebTorrent"),
];

/// The BitTorrent client of a `User-Agent`, if it is one.
///
/// ```
/// use peerscope::wire::client::of_user_agent;
///
/// assert_eq!(of_user_agent(b"libtorrent/2.1.1.0"), Some("libtorrent"));
/// assert_eq!(of_user_agent(b"Mozilla/5.0"), None);
/// ```
pub fn of_user_agent(agent: &[u8]) -> Option<&'static str> {
    let end = agent.iter().position(|byte| !byte.is_ascii_alphanumeric());
    let product = &agent[..end.unwrap_or(agent.len())];
    let known = AGENTS
        .iter()
        .find(|(name, _)| product.eq_ignore_ascii_case(name.as_bytes()));
    known.map(|(_, client)| *client)
}
