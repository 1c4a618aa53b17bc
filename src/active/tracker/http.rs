//! HTTP trackers (BEP 3, 7, 23).

use std::borrow::Cow;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{Response, Uri};

use super::announce::Request;
use super::reply::{Reply, one_line};
use super::url;
use crate::wire::compact::{self, Family};
use crate::wire::http_tracker::{self, Parameters};
use crate::wire::udp_tracker::Event;

/// How long an announce may take, redirections included.
const ANNOUNCE_TIMEOUT: Duration = Duration::from_secs(15);

/// A longer answer is not read (200 peers take 4 KiB), in bytes.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

/// The most host names of peers that are looked up for one answer: a look-up may take a
/// while, and a tracker may name any host.
const MAX_HOST_NAMES: usize = 10;

/// The most redirections that are followed for one announce.
const MAX_REDIRECTS: usize = 5;

/// Where a redirection may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// To the same host only: a tracker, which the torrent has named, could otherwise make
    /// us send requests to machines that only we can reach.
    SameHost,
    /// Anywhere.
    Anywhere,
}

/// Announces to the tracker at `url`.
pub(super) fn announce(
    url: &str,
    request: &Request<'_>,
    redirects: Redirects,
) -> Result<Reply, String> {
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(ANNOUNCE_TIMEOUT))
        .user_agent(concat!("peerscope/", env!("CARGO_PKG_VERSION")))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build()
        .into();
    let began = Instant::now();
    let mut target = query(url, request);
    let mut followed = 0;
    let mut response = loop {
        let response = agent.get(&target).call();
        let response = response.map_err(|error| one_line(error.to_string().as_bytes()))?;
        let Some(next) = redirection(&target, &response) else {
            break response;
        };
        target = next?;
        let shown = one_line(target.as_bytes());
        if redirects == Redirects::SameHost && !is_same_host(url, &target) {
            return Err(format!(
                "it redirects to another host, {shown}; --follow-redirects goes there"
            ));
        }
        followed += 1;
        if followed > MAX_REDIRECTS || began.elapsed() > ANNOUNCE_TIMEOUT {
            return Err(format!("it redirects too often, at last to {shown}"));
        }
    };
    let status = response.status();
    let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
    let body = body
        .read_to_vec()
        .map_err(|error| one_line(error.to_string().as_bytes()))?;
    match http_tracker::Reply::parse(&body) {
        Ok(reply) => read(&reply),
        Err(_) if !status.is_success() => Err(format!("HTTP status {}", status.as_u16())),
        Err(fault) => Err(format!(
            "no answer of a tracker: {} at byte {}",
            fault.reason(),
            fault.at
        )),
    }
}

/// Where a response sends us, if it does.
fn redirection<B>(from: &str, response: &Response<B>) -> Option<Result<String, String>> {
    let is_redirection = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response
        .headers()
        .get("location")
        .filter(|_| is_redirection)?;
    let resolved = location.to_str().ok().and_then(|to| resolve(from, to));
    let is_http = |url: &String| origin(url).is_some();
    Some(resolved.filter(is_http).ok_or_else(|| {
        let to = one_line(location.as_bytes());
        format!("it redirects to {to}, which is no address of a tracker")
    }))
}

/// The address that `to` means on the page `from` (RFC 3986, section 5.2, without dot
/// segments).
fn resolve(from: &str, to: &str) -> Option<String> {
    let (scheme, rest) = url::scheme(from)?;
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    if url::scheme(to).is_some_and(|(scheme, _)| !scheme.contains(['/', '?', '#'])) {
        Some(to.to_owned())
    } else if let Some(rest) = to.strip_prefix("//") {
        Some(format!("{scheme}://{rest}"))
    } else if to.starts_with('/') {
        Some(format!("{scheme}://{authority}{to}"))
    } else {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
        Some(format!("{scheme}://{authority}{folder}{to}"))
    }
}

/// Scheme, host and port of an HTTP address.
fn origin(url: &str) -> Option<(&'static str, String, u16)> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, default) = match uri.scheme_str()?.to_ascii_lowercase().as_str() {
        "http" => ("http", 80),
        "https" => ("https", 443),
        _ => return None,
    };
    let port = uri.port_u16().unwrap_or(default);
    Some((scheme, uri.host()?.to_ascii_lowercase(), port))
}

/// Whether one address is at the same server as another: the same host and port, or
/// its encrypted standard port instead of the plain one.
fn is_same_host(from: &str, to: &str) -> bool {
    let (Some(from), Some(to)) = (origin(from), origin(to)) else {
        return false;
    };
    let is_upgrade = (from.0, from.2, to.0, to.2) == ("http", 80, "https", 443);
    from.1 == to.1 && (from.2 == to.2 || is_upgrade)
}

/// The address of an announce.
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

/// The peers of a reply; host names are looked up.
fn peers(reply: &http_tracker::Reply) -> Vec<SocketAddr> {
    let six = reply.peers6.as_deref().unwrap_or_default();
    let mut found: Vec<_> = compact::addresses(six, Family::V6).collect();
    if let Some(peers) = &reply.peers {
        found.extend(peers.addresses());
        let named = peers.names().take(MAX_HOST_NAMES);
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
        super::read(&http_tracker::Reply::parse(body).map_err(|fault| fault.reason().to_owned())?)
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
    fn a_redirection_leads_where_it_says() {
        let from = "http://t.example/x/announce?info_hash=1/2";
        for (to, target) in [
            ("https://other/a?b", "https://other/a?b"),
            ("//other/a", "http://other/a"),
            ("/a?u=http://x", "http://t.example/a?u=http://x"),
            ("b?c", "http://t.example/x/b?c"),
        ] {
            assert_eq!(resolve(from, to).as_deref(), Some(target));
        }
        assert_eq!(resolve("http://t", "b").as_deref(), Some("http://t/b"));
    }

    #[test]
    fn another_port_is_another_host() {
        let from = "http://T.example/announce";
        for (to, is_same) in [
            ("http://t.example/other", true),
            ("http://t.example:80/", true),
            ("https://t.example/", true),
            ("http://t.example:8080/", false),
            ("https://t.example:80/", true),
            ("http://user@t.example.evil/", false),
            ("http://t.example@evil/", false),
            ("file://t.example/", false),
            ("http://127.0.0.1/", false),
        ] {
            assert_eq!(is_same_host(from, to), is_same, "{to}");
        }
        assert!(!is_same_host("https://t/", "http://t/"), "no step down");
        assert!(origin("file:///etc/passwd").is_none());
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
