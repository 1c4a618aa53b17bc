//! UDP trackers (BEP 15).

use std::borrow::Cow;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant};

use super::announce::Request;
use super::reply::{Reply, one_line};
use crate::active::random;
use crate::wire::compact::Family;
use crate::wire::udp_tracker::{
    Action, AnnounceRequest, Body, Context, Message, PROTOCOL_ID, Role, dissect, encode,
};

/// How long an answer is waited for, the first time and the second (BEP 15: 15·2ⁿ
/// seconds).
const ANSWER_TIMEOUTS: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(30)];

/// The most addresses of a tracker that are tried.
const MAX_ADDRESSES: usize = 4;

/// The longest datagram.
const MAX_DATAGRAM_BYTES: usize = 64 << 10;

/// Why there is no reply.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// None came.
    Silence(String),
    /// The tracker has sent an error.
    Refusal(String),
}

/// Announces to the tracker at `host:port/path`.
pub(super) fn announce(rest: &str, request: &Request<'_>) -> Result<Reply, String> {
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, Some(format!("/{path}"))),
        None => (rest, None),
    };
    let addresses = host.to_socket_addrs().map_err(|error| error.to_string())?;
    let addresses: Vec<_> = addresses.take(MAX_ADDRESSES).collect();
    announce_to(&addresses, path.as_deref(), request)
}

/// Tries one address after the other, then all again with a longer timeout.
fn announce_to(
    addresses: &[SocketAddr],
    path: Option<&str>,
    request: &Request<'_>,
) -> Result<Reply, String> {
    let mut failure = "the name has no address".to_owned();
    for timeout in ANSWER_TIMEOUTS {
        for address in addresses {
            let reply = Client::new(*address, timeout).and_then(|client| {
                let connection = client.connect()?;
                client.announce(connection, path, request)
            });
            match reply {
                Ok(reply) => return Ok(reply),
                Err(Failure::Refusal(text)) => return Err(text),
                Err(Failure::Silence(text)) => failure = text,
            }
        }
    }
    Err(failure)
}

/// A socket towards one address of a tracker.
struct Client {
    socket: UdpSocket,
    /// Whether addresses in an answer are IPv4 or IPv6: as that of the tracker.
    family: Family,
    timeout: Duration,
}

impl Client {
    fn new(address: SocketAddr, timeout: Duration) -> Result<Self, Failure> {
        let any = if address.is_ipv4() {
            "0.0.0.0:0"
        } else {
            "[::]:0"
        };
        let socket = UdpSocket::bind(any).map_err(silence)?;
        socket.connect(address).map_err(silence)?;
        Ok(Self {
            socket,
            family: Family::of(address.ip()),
            timeout,
        })
    }

    /// Gets a connection id.
    fn connect(&self) -> Result<u64, Failure> {
        let request = |transaction| Message {
            role: Role::Request,
            connection: Some(PROTOCOL_ID),
            action: Some(Action::CONNECT),
            transaction: Some(transaction),
            body: Body::ConnectRequest,
        };
        self.exchange(request, |body| match body {
            Body::ConnectResponse(connection) => Some(*connection),
            _ => None,
        })
    }

    fn announce(
        &self,
        connection: u64,
        path: Option<&str>,
        request: &Request<'_>,
    ) -> Result<Reply, Failure> {
        let body = body(path, request);
        let request = |transaction| Message {
            role: Role::Request,
            connection: Some(connection),
            action: Some(Action::ANNOUNCE),
            transaction: Some(transaction),
            body: Body::AnnounceRequest(Box::new(body.clone())),
        };
        self.exchange(request, |body| match body {
            Body::AnnounceResponse(response) => Some(Reply {
                interval: Some(response.interval.into()),
                peers: response.addresses().collect(),
                ..Reply::default()
            }),
            _ => None,
        })
    }

    /// Sends a request and waits for an answer from which `take` gets something.
    fn exchange<'m, T>(
        &self,
        request: impl Fn(u32) -> Message<'m>,
        take: impl Fn(&Body<'_>) -> Option<T>,
    ) -> Result<T, Failure> {
        let number = random::bytes().map_err(|error| Failure::Silence(error.to_string()))?;
        let transaction = u32::from_be_bytes(number);
        let request = encode(&request(transaction));
        self.socket.send(&request).map_err(silence)?;
        let context = Context {
            role: Role::Response,
            family: self.family,
        };
        let mut buffer = vec![0; MAX_DATAGRAM_BYTES];
        let until = Instant::now() + self.timeout;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let wait = left.max(Duration::from_millis(1));
            self.socket.set_read_timeout(Some(wait)).map_err(silence)?;
            let length = self.socket.recv(&mut buffer).map_err(silence)?;
            let message = dissect(&buffer[..length], length, context, &mut ()).message;
            if message.transaction != Some(transaction) {
                continue;
            }
            if let Body::Error(text) = &message.body {
                return Err(Failure::Refusal(one_line(text)));
            }
            if let Some(answer) = take(&message.body) {
                return Ok(answer);
            }
        }
        Err(Failure::Silence(NO_ANSWER.to_owned()))
    }
}

const NO_ANSWER: &str = "no answer";

/// A system error. The words of the system for a timeout would mislead.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn silence(error: std::io::Error) -> Failure {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    Failure::Silence(match error.kind() {
        WouldBlock | TimedOut => NO_ANSWER.to_owned(),
        _ => error.to_string(),
    })
}

fn body<'p>(path: Option<&'p str>, request: &Request<'_>) -> AnnounceRequest<'p> {
    let announce = &request.announce;
    AnnounceRequest {
        info_hash: announce.info_hash,
        peer_id: announce.peer_id,
        downloaded: announce.downloaded,
        left: announce.left,
        uploaded: announce.uploaded,
        event: request.event,
        ip: [0; 4],
        key: request.key,
        num_want: request.wanted().cast_signed(),
        port: announce.port,
        url_data: path.map(|path| Cow::Borrowed(path.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use std::thread::{self, JoinHandle};

    use super::*;
    use crate::active::tracker::tests::ANNOUNCE;
    use crate::wire::udp_tracker::Event;

    const REQUEST: Request<'static> = Request {
        announce: ANNOUNCE,
        event: Event::STARTED,
        key: 1,
        tracker_id: None,
    };

    /// A tracker that answers two requests, the second with `peers`.
    fn tracker(socket: UdpSocket, peers: &'static [u8]) -> JoinHandle<()> {
        thread::spawn(move || {
            let mut buffer = [0; 2048];
            for answer in [
                &[0, 0, 0, 0, 0, 0, 0, 7][..],
                &[0, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0, 1],
            ] {
                let (length, from) = socket.recv_from(&mut buffer).unwrap();
                assert!(length >= 16);
                let mut reply = buffer[8..16].to_vec();
                reply.extend_from_slice(answer);
                if length > 16 {
                    assert_eq!(buffer[..8], 7_u64.to_be_bytes());
                    assert_eq!(&buffer[98..length], b"\x02\x02/a");
                    reply.extend_from_slice(peers);
                }
                socket.send_to(&reply, from).unwrap();
            }
        })
    }

    #[test]
    fn peers_of_a_tracker() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let thread = tracker(socket, &[10, 0, 0, 1, 0x1a, 0xe1]);
        let reply = announce(&format!("{address}/a"), &REQUEST).unwrap();
        assert_eq!(reply.interval, Some(1800));
        assert_eq!(reply.peers, [SocketAddr::from(([10, 0, 0, 1], 6881))]);
        thread.join().unwrap();
    }

    #[test]
    fn over_ipv6_peers_have_18_bytes() {
        let Ok(socket) = UdpSocket::bind("[::1]:0") else {
            println!("skipped: no IPv6");
            return;
        };
        let address = socket.local_addr().unwrap();
        let peer = [
            0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x1a, 0xe1,
        ];
        let thread = tracker(socket, Box::leak(Box::new(peer)));
        let reply = announce(&format!("{address}/a"), &REQUEST).unwrap();
        assert_eq!(reply.peers, ["[2001:db8::1]:6881".parse().unwrap()]);
        thread.join().unwrap();
    }

    #[test]
    fn where_one_address_is_dead_the_next_is_asked() {
        let gone = UdpSocket::bind("127.0.0.1:0").unwrap();
        let dead = gone.local_addr().unwrap();
        drop(gone);
        let error = announce_to(&[dead], None, &REQUEST).unwrap_err();
        assert!(error.contains("refused"), "{error}");
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let alive = socket.local_addr().unwrap();
        let thread = tracker(socket, &[10, 0, 0, 1, 0x1a, 0xe1]);
        let reply = announce_to(&[dead, alive], Some("/a"), &REQUEST).unwrap();
        assert_eq!(reply.peers.len(), 1);
        thread.join().unwrap();
    }
}
