//! Datagrams of UDP trackers in words: `connect_request transaction_id=7`.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::arguments::Arguments;
use super::fault::{Fault, Result};
use super::peer::{id, push_id};
use super::value::{Kind, Value};
use super::write::{push_field, quote};
use crate::wire::compact::Family;
use crate::wire::udp_tracker::{
    self, Action, AnnounceRequest, AnnounceResponse, Body, Counts, Event, Message, PROTOCOL_ID,
    Role, ScrapeRequest, ScrapeResponse,
};

/// The names that no other protocol has; `error` is there too.
pub const NAMES: [&str; 6] = [
    "connect_request",
    "connect_response",
    "announce_request",
    "announce_response",
    "scrape_request",
    "scrape_response",
];

const EVENTS: [Event; 4] = [
    Event::NONE,
    Event::COMPLETED,
    Event::STARTED,
    Event::STOPPED,
];

/// Makes a datagram; `None` if there is none of this name.
pub fn encode(name: &str, fields: &mut Arguments<'_>) -> Result<Option<Vec<u8>>> {
    let (role, action) = match name {
        "connect_request" => (Role::Request, Action::CONNECT),
        "connect_response" => (Role::Response, Action::CONNECT),
        "announce_request" => (Role::Request, Action::ANNOUNCE),
        "announce_response" => (Role::Response, Action::ANNOUNCE),
        "scrape_request" => (Role::Request, Action::SCRAPE),
        "scrape_response" => (Role::Response, Action::SCRAPE),
        "error" => (Role::Response, Action::ERROR),
        _ => return Ok(None),
    };
    let _ = fields.take("action");
    let transaction = Some(fields.number_or("transaction_id", 0)?);
    let connection = match (role, action) {
        (Role::Request, Action::CONNECT) => Some(match fields.take("connection_id") {
            Some(id) => u64::from_be_bytes(id.array()?),
            None => PROTOCOL_ID,
        }),
        (Role::Request, _) | (_, Action::CONNECT) => {
            Some(u64::from_be_bytes(fields.need("connection_id")?.array()?))
        }
        _ => None,
    };
    // What bodies borrow.
    let bytes;
    let body = match (role, action) {
        (Role::Request, Action::CONNECT) => Body::ConnectRequest,
        (Role::Response, Action::CONNECT) => Body::ConnectResponse(connection.unwrap_or_default()),
        (Role::Request, Action::ANNOUNCE) => {
            Body::AnnounceRequest(Box::new(announce_request(fields)?))
        }
        (Role::Response, Action::ANNOUNCE) => {
            let peers = fields.take("peers");
            bytes = peers.map_or(Ok(Vec::new()), |peers| peers.packed(Value::address))?;
            Body::AnnounceResponse(AnnounceResponse {
                interval: fields.number_or("interval", 1800)?,
                leechers: fields.number_or("leechers", 0)?,
                seeders: fields.number_or("seeders", 0)?,
                peers: &bytes,
                family: Family::V4,
            })
        }
        (Role::Request, _) => {
            bytes = fields.need("info_hashes")?.packed(Value::bytes)?;
            Body::ScrapeRequest(ScrapeRequest {
                info_hashes: &bytes,
            })
        }
        (Role::Response, Action::SCRAPE) => {
            let files = fields.take("files");
            bytes = files.map_or(Ok(Vec::new()), |files| files.packed(counts))?;
            Body::ScrapeResponse(ScrapeResponse { bytes: &bytes })
        }
        _ => {
            bytes = fields.need("message")?.text()?;
            Body::Error(&bytes)
        }
    };
    Ok(Some(udp_tracker::encode(&Message {
        role,
        connection: connection.filter(|_| role == Role::Request),
        action: Some(action),
        transaction,
        body,
    })))
}

/// The counts of one torrent: `{seeders=5, completed=6, leechers=7}`, or the 12
/// bytes.
fn counts(value: &Value) -> Result<Vec<u8>> {
    const KEYS: [&[u8]; 3] = [b"seeders", b"completed", b"leechers"];
    let Kind::Dict(entries) = &value.kind else {
        return Ok(value.array::<12>()?.to_vec());
    };
    let mut numbers = [0_u32; 3];
    for (key, number) in entries {
        let Some(at) = KEYS.iter().position(|known| known == key) else {
            let reason = "the counts are seeders, completed and leechers";
            return Err(Fault::new(number.at, reason));
        };
        numbers[at] = number.number()?;
    }
    Ok(numbers.map(u32::to_be_bytes).concat())
}

fn announce_request(fields: &mut Arguments<'_>) -> Result<AnnounceRequest<'static>> {
    let event = fields.take("event");
    let named = |value: &Value| {
        EVENTS
            .into_iter()
            .find(|event| event.name() == value.word())
    };
    let event = match event {
        None => Event::NONE,
        Some(value) => match named(&value) {
            Some(event) => event,
            None => Event(value.number()?),
        },
    };
    let url_data = fields.take("url_data").map(|url| url.text()).transpose()?;
    Ok(AnnounceRequest {
        info_hash: fields.need("info_hash")?.array()?,
        peer_id: id(&fields.need("peer_id")?)?,
        downloaded: fields.number_or("downloaded", 0)?,
        left: fields.number_or("left", 0)?,
        uploaded: fields.number_or("uploaded", 0)?,
        event,
        ip: match fields.take("ip") {
            Some(ip) => {
                let bytes = ip.address()?;
                bytes.try_into().or_else(|_| ip.array())?
            }
            None => [0; 4],
        },
        key: match fields.take("key") {
            Some(key) => u32::from_be_bytes(key.array()?),
            None => 0,
        },
        num_want: fields.number_or("num_want", -1)?,
        port: fields.number("port")?,
        url_data: url_data.map(Cow::Owned),
    })
}

/// A datagram in words; `None` if it lacks what they need.
pub fn words(message: &Message<'_>) -> Option<String> {
    let mut text = format!("udp_tracker {}", message.name());
    let _ = write!(text, " transaction_id={}", message.transaction?);
    if let Some(connection) = message.connection {
        push_field(&mut text, "connection_id", &connection.to_be_bytes());
    }
    match &message.body {
        Body::ConnectRequest => {}
        Body::ConnectResponse(id) => push_field(&mut text, "connection_id", &id.to_be_bytes()),
        Body::AnnounceRequest(request) => push_announce(&mut text, request),
        Body::AnnounceResponse(response) => {
            let _ = write!(
                text,
                " interval={} leechers={} seeders={}",
                response.interval, response.leechers, response.seeders
            );
            let peers: Vec<_> = response.addresses().map(|peer| peer.to_string()).collect();
            let _ = write!(text, " peers=[{}]", peers.join(", "));
        }
        Body::ScrapeRequest(request) => {
            let hashes: Vec<_> = request.iter().map(hex::encode).collect();
            let _ = write!(text, " info_hashes=[{}]", hashes.join(", "));
        }
        Body::ScrapeResponse(response) => {
            let files: Vec<_> = response.iter().map(words_of_counts).collect();
            let _ = write!(text, " files=[{}]", files.join(", "));
        }
        Body::Error(reason) => {
            text.push_str(" message=");
            quote(&mut text, reason);
        }
        Body::Broken => return None,
    }
    Some(text)
}

fn words_of_counts(counts: Counts) -> String {
    format!(
        "{{seeders={}, completed={}, leechers={}}}",
        counts.seeders, counts.completed, counts.leechers
    )
}

fn push_announce(out: &mut String, request: &AnnounceRequest<'_>) {
    push_field(out, "info_hash", &request.info_hash);
    push_id(out, request.peer_id);
    let event = request.event;
    let event = event.name().map_or(event.0.to_string(), str::to_owned);
    let [a, b, c, d] = request.ip;
    let _ = write!(
        out,
        " downloaded={} left={} uploaded={} event={event} ip={a}.{b}.{c}.{d} key={:08x} \
         num_want={} port={}",
        request.downloaded,
        request.left,
        request.uploaded,
        request.key,
        request.num_want,
        request.port
    );
    if let Some(url) = &request.url_data {
        out.push_str(" url_data=");
        quote(out, url);
    }
}
