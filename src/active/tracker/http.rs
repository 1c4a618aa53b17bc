//! HTTP trackers (BEP 3, 7, 23).

use std::borrow::Cow;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use ureq::Agent;

use super::{Reply, Request, one_line};
use crate::wire::compact::{self, Family};
use crate::wire::http_tracker::{self, Parameters};
use crate::wire::udp_tracker::Event;

/// A tracker that takes longer is dead.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A longer answer is not read: 200 peers are 4 KiB.
const MAX_ANSWER: u64 = 1 << 20;

/// Peers with a host name that are looked up of one answer: it may take a while,
/// and anybody may be named.
const MAX_NAMES: usize = 10;

pub(super) fn announce(url: &str, request: &Request<'_>) -> Result<Reply, String> {
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
    match http_tracker::Reply::parse(&body) {
        Ok(reply) => read(&reply),
        Err(_) if !status.is_success() => Err(format!("HTTP status {}", status.as_u16())),
        Err(fault) => Err(format!(
            "no answer of a tracker: {} at byte {}",
            fault.reason, fault.at
        )),
    }
}

fn query(url: &str, request: &Request<'_>) -> String {
    let separator = if url.contains('?') { '&' } else { '?' };
    let announce = &request.announce;
    let event = request
        .event
        .name()
        .filter(|_| request.event != Event::NONE);
    let parameters = Parameters {
        info_hashes: vec![Cow::Borrowed(&announce.info_hash)],
        peer_id: Some(Cow::Borrowed(&announce.peer_id)),
        port: Some(announce.port.into()),
        uploaded: Some(announce.uploaded),
        downloaded: Some(announce.downloaded),
        left: Some(announce.left),
        event: event.map(|name| Cow::Borrowed(name.as_bytes())),
        compact: Some(1),
        numwant: Some(request.wanted().into()),
        key: Some(Cow::Owned(format!("{:08x}", request.key).into_bytes())),
        tracker_id: request.tracker_id.map(Cow::Borrowed),
        ..Parameters::default()
    };
    format!("{url}{separator}{}", parameters.encode())
}

/// What a reply means to us.
fn read(reply: &http_tracker::Reply) -> Result<Reply, String> {
    if let Some(reason) = &reply.failure_reason {
        return Err(one_line(reason));
    }
    let seconds = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
    Ok(Reply {
        interval: seconds(reply.interval),
        min_interval: seconds(reply.min_interval),
        tracker_id: reply.tracker_id.clone(),
        warning: reply.warning_message.as_deref().map(one_line),
        peers: peers(reply),
    })
}

fn peers(reply: &http_tracker::Reply) -> Vec<SocketAddr> {
    let six = reply.peers6.as_deref().unwrap_or_default();
    let mut found: Vec<_> = compact::addresses(six, Family::V6).collect();
    if let Some(peers) = &reply.peers {
        found.extend(peers.addresses());
        let named = peers.names().take(MAX_NAMES);
        found.extend(
            named
                .filter_map(|name| name.to_socket_addrs().ok())
                .flatten(),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::tracker::Announce;

    /// What a body of this text means.
    fn read(body: &[u8]) -> Result<Reply, String> {
        super::read(&http_tracker::Reply::parse(body).map_err(|fault| fault.reason.to_owned())?)
    }

    #[test]
    fn answers() {
        let reply = read(b"d8:intervali1800e12:min intervali900e5:peers6:\x0a\0\0\x01\x1a\xe1e");
        let address = SocketAddr::from(([10, 0, 0, 1], 6881));
        let expected = Reply {
            interval: Some(1800),
            min_interval: Some(900),
            peers: vec![address],
            ..Reply::default()
        };
        assert_eq!(reply, Ok(expected));
        let long = read(b"d5:peersld2:ip8:10.0.0.14:porti6881eeee").unwrap();
        assert_eq!(long.peers, [address]);
        let named = read(b"d5:peersld2:ip9:localhost4:porti6881eed2:ip1: 4:porti1eeee").unwrap();
        assert!(!named.peers.is_empty());
        assert!(
            named
                .peers
                .iter()
                .all(|peer| peer.ip().is_loopback() && peer.port() == 6881)
        );
        let warned = read(b"d10:tracker id2:id15:warning message4:slowe").unwrap();
        assert_eq!(warned.tracker_id.as_deref(), Some(&b"id"[..]));
        assert_eq!(warned.warning.as_deref(), Some("slow"));
        let refused = read(b"d14:failure reason8:not\n hereee");
        assert_eq!(refused, Err("not her".to_owned()));
        assert!(read(b"<html>").is_err());
        // Half an answer is no answer.
        assert!(read(b"d8:intervali1800e5:peers12:\x0a\0\0\x01\x1a\xe1").is_err());
        assert!(read(b"le").is_err());
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
            event: Event::STARTED,
            key: 0xab,
            tracker_id: None,
        };
        let url = query("http://t/announce?pass=1", &request);
        assert!(url.starts_with("http://t/announce?pass=1&info_hash=AB%00%FF%20-._~0123456789a&"));
        assert!(url.ends_with("&key=000000ab&event=started"));
        let later = Request {
            event: Event::NONE,
            tracker_id: Some(b"a b"),
            ..request
        };
        assert!(query("http://t/a", &later).ends_with("&key=000000ab&trackerid=a%20b"));
    }
}
