//! HTTP trackers (BEP 3, 7, 23).

use std::net::SocketAddr;
use std::time::Duration;

use ureq::Agent;

use super::{Event, Reply, Request, one_line};
use crate::active::magnet::encode;
use crate::wire::bencode::{Document, Node, TokenKind};
use crate::wire::compact::{self, Family};

/// A tracker that takes longer is dead.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A longer answer is not read: 200 peers are 4 KiB.
const MAX_ANSWER: u64 = 1 << 20;

pub(super) fn announce(url: &str, request: &Request) -> Result<Reply, String> {
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("peerscope/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent
        .get(query(url, request))
        .call()
        .map_err(|error| one_line(error.to_string().as_bytes()))?;
    let status = response.status();
    let body = response.body_mut().with_config().limit(MAX_ANSWER);
    let body = body
        .read_to_vec()
        .map_err(|error| one_line(error.to_string().as_bytes()))?;
    match read(&body) {
        None if !status.is_success() => Err(format!("HTTP status {}", status.as_u16())),
        None => Err("the answer is not bencoded".to_owned()),
        Some(answer) => answer,
    }
}

fn query(url: &str, request: &Request) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    let event = match request.event {
        Event::Started => "&event=started",
        Event::Regular => "",
        Event::Completed => "&event=completed",
        Event::Stopped => "&event=stopped",
    };
    let announce = &request.announce;
    format!(
        "{url}{separator}info_hash={}&peer_id={}&port={}&uploaded={}&downloaded={}&left={}\
         &compact=1&numwant={}&key={:08x}{event}",
        encode(&announce.info_hash),
        encode(&announce.peer_id),
        announce.port,
        announce.uploaded,
        announce.downloaded,
        announce.left,
        request.wanted(),
        request.key,
    )
}

/// Reads an answer; `None` if it is not bencoded.
fn read(body: &[u8]) -> Option<Result<Reply, String>> {
    let document = Document::parse(body);
    let root = document
        .root()
        .filter(|root| root.kind() == TokenKind::Dict)?;
    if let Some(reason) = root.get(b"failure reason").and_then(|node| node.as_bytes()) {
        return Some(Err(one_line(reason)));
    }
    let mut peers = root.get(b"peers").map(self::peers).unwrap_or_default();
    let six = root.get(b"peers6").and_then(|node| node.as_bytes());
    peers.extend(compact::addresses(six.unwrap_or_default(), Family::V6));
    let seconds = |key: &[u8]| root.get(key).and_then(|node| node.as_uint());
    Some(Ok(Reply {
        interval: seconds(b"interval"),
        min_interval: seconds(b"min interval"),
        peers,
    }))
}

/// Peers in the short form or the long one.
fn peers(node: Node<'_, '_>) -> Vec<SocketAddr> {
    if let Some(bytes) = node.as_bytes() {
        return compact::addresses(bytes, Family::V4).collect();
    }
    let peers = node.items().filter_map(|peer| {
        let ip = peer.get(b"ip")?.as_text()?.parse().ok()?;
        let port = u16::try_from(peer.get(b"port")?.lenient_int()?).ok()?;
        Some(SocketAddr::new(ip, port))
    });
    peers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::tracker::Announce;

    #[test]
    fn answers() {
        let reply =
            read(b"d8:intervali1800e12:min intervali900e5:peers6:\x0a\0\0\x01\x1a\xe1e").unwrap();
        let address = SocketAddr::from(([10, 0, 0, 1], 6881));
        let expected = Reply {
            interval: Some(1800),
            min_interval: Some(900),
            peers: vec![address],
        };
        assert_eq!(reply, Ok(expected));
        let long = read(b"d5:peersld2:ip8:10.0.0.14:porti6881eeee").unwrap();
        assert_eq!(long.unwrap().peers, [address]);
        let refused = read(b"d14:failure reason8:not\n hereee").unwrap();
        assert_eq!(refused, Err("not her".to_owned()));
        assert_eq!(read(b"<html>"), None);
    }

    #[test]
    fn the_hash_is_escaped_byte_by_byte() {
        let announce = Announce {
            info_hash: *b"AB\0\xff -._~0123456789a",
            peer_id: *b"-PS0001-ABCDEFGHIJKL",
            port: 6881,
            left: 5,
            uploaded: 0,
            downloaded: 0,
        };
        let request = Request {
            announce,
            event: Event::Started,
            key: 0xab,
        };
        let url = query("http://t/announce?pass=1", &request);
        assert!(url.starts_with("http://t/announce?pass=1&info_hash=AB%00%FF%20-._~0123456789a&"));
        assert!(url.ends_with("&key=000000ab&event=started"));
    }
}
