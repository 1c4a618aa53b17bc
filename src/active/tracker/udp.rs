//! UDP trackers (BEP 15).

use std::borrow::Cow;
use std::net::{ToSocketAddrs, UdpSocket};
use std::time::{Duration, Instant};

use super::{Announce, Event, Reply, one_line, random};
use crate::wire::compact::Family;
use crate::wire::udp_tracker::{
    self, Action, AnnounceRequest, Body, Context, Message, PROTOCOL_ID, Role, dissect, encode,
};

/// The pauses before a request is sent again (BEP 15: 15·2ⁿ seconds).
const TIMEOUTS: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(30)];

/// Announces to the tracker at `host:port/path`.
pub(super) fn announce(rest: &str, announce: &Announce, event: Event) -> Result<Reply, String> {
    let (host, path) = match rest.split_once('/') {
        Some((host, path)) => (host, Some(format!("/{path}"))),
        None => (rest, None),
    };
    let say = |error: std::io::Error| error.to_string();
    let mut addresses = host.to_socket_addrs().map_err(say)?;
    let address = addresses.next().ok_or("the name has no address")?;
    let any = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).map_err(say)?;
    socket.connect(address).map_err(say)?;
    let family = Family::of(address.ip());
    let connection = connect(&socket, family)?;
    ask(
        &socket,
        family,
        connection,
        announce,
        event,
        path.as_deref(),
    )
}

/// Gets a connection id.
fn connect(socket: &UdpSocket, family: Family) -> Result<u64, String> {
    let request = |transaction| Message {
        role: Role::Request,
        connection: Some(PROTOCOL_ID),
        action: Some(Action::CONNECT),
        transaction: Some(transaction),
        body: Body::ConnectRequest,
    };
    exchange(socket, family, request, |body| match body {
        Body::ConnectResponse(connection) => Some(*connection),
        _ => None,
    })
}

fn ask(
    socket: &UdpSocket,
    family: Family,
    connection: u64,
    announce: &Announce,
    event: Event,
    path: Option<&str>,
) -> Result<Reply, String> {
    let key = random();
    let body = AnnounceRequest {
        info_hash: announce.info_hash,
        peer_id: announce.peer_id,
        downloaded: announce.downloaded,
        left: announce.left,
        uploaded: announce.uploaded,
        event: match event {
            Event::Regular => udp_tracker::Event::NONE,
            Event::Completed => udp_tracker::Event::COMPLETED,
            Event::Started => udp_tracker::Event::STARTED,
            Event::Stopped => udp_tracker::Event::STOPPED,
        },
        ip: [0; 4],
        key,
        num_want: 100,
        port: announce.port,
        url_data: path.map(|path| Cow::Borrowed(path.as_bytes())),
    };
    let request = |transaction| Message {
        role: Role::Request,
        connection: Some(connection),
        action: Some(Action::ANNOUNCE),
        transaction: Some(transaction),
        body: Body::AnnounceRequest(Box::new(body.clone())),
    };
    exchange(socket, family, request, |body| match body {
        Body::AnnounceResponse(response) => Some(Reply {
            interval: Some(response.interval.into()),
            peers: response.addresses().collect(),
        }),
        _ => None,
    })
}

/// Sends a request until an answer comes that `take` takes, or time is up.
fn exchange<'m, T>(
    socket: &UdpSocket,
    family: Family,
    request: impl Fn(u32) -> Message<'m>,
    take: impl Fn(&Body<'_>) -> Option<T>,
) -> Result<T, String> {
    let transaction = random();
    let request = encode(&request(transaction));
    let mut buffer = vec![0; 64 << 10];
    for timeout in TIMEOUTS {
        socket.send(&request).map_err(|error| error.to_string())?;
        let until = Instant::now() + timeout;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let wait = left.max(Duration::from_millis(1));
            let _ = socket.set_read_timeout(Some(wait));
            let Ok(length) = socket.recv(&mut buffer) else {
                // Refused, or time is up: the loop tells which.
                std::thread::sleep(Duration::from_millis(50));
                continue;
            };
            let context = Context {
                role: Role::Response,
                family,
            };
            let message = dissect(&buffer[..length], length, context, &mut ()).message;
            if message.transaction != Some(transaction) {
                continue;
            }
            match &message.body {
                Body::Error(text) => return Err(one_line(text)),
                body => {
                    if let Some(answer) = take(body) {
                        return Ok(answer);
                    }
                }
            }
        }
    }
    Err("no answer".to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, UdpSocket};

    use super::*;

    /// A tracker that answers two requests.
    fn tracker(socket: &UdpSocket) {
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
                reply.extend_from_slice(&[10, 0, 0, 1, 0x1a, 0xe1]);
            }
            socket.send_to(&reply, from).unwrap();
        }
    }

    #[test]
    fn peers_of_a_tracker() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let thread = std::thread::spawn(move || tracker(&socket));
        let told = Announce {
            info_hash: [1; 20],
            peer_id: [2; 20],
            port: 6881,
            left: 5,
            uploaded: 0,
            downloaded: 0,
        };
        let reply = announce(&format!("{address}/a"), &told, Event::Started).unwrap();
        assert_eq!(reply.interval, Some(1800));
        assert_eq!(reply.peers, [SocketAddr::from(([10, 0, 0, 1], 6881))]);
        thread.join().unwrap();
    }
}
