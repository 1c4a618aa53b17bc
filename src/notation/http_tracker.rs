//! Requests and responses of HTTP trackers in words:
//! `http_tracker announce_request info_hash=.. peer_id=.. port=6881`.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::arguments::Arguments;
use super::bencoded::{self, Hint};
use super::fault::{Fault, Result};
use super::value::Value;
use super::write::{push_raw, quote, sound};
use crate::wire::http_tracker::{
    Parameters, Purpose, Request, Response, dissect_response, encode_request, encode_response,
};

/// What ends the head of a message.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Makes a message; `None` if there is none of this name.
pub fn encode(name: &str, fields: &mut Arguments<'_>) -> Result<Option<Vec<u8>>> {
    match name {
        "announce_request" => request(Purpose::Announce, fields).map(Some),
        "scrape_request" => request(Purpose::Scrape, fields).map(Some),
        "announce_response" | "error" => response(Purpose::Announce, fields).map(Some),
        "scrape_response" => response(Purpose::Scrape, fields).map(Some),
        _ => Ok(None),
    }
}

fn request(purpose: Purpose, fields: &mut Arguments<'_>) -> Result<Vec<u8>> {
    let default = match purpose {
        Purpose::Announce => "/announce",
        Purpose::Scrape => "/scrape",
    };
    let path = text(fields, "path")?.unwrap_or_else(|| default.into());
    let one = fields.take("info_hash");
    let hashes = fields.take("info_hashes").or(one);
    let hashes = hashes.iter().flat_map(Value::items).map(Value::bytes);
    let hashes = hashes.collect::<Result<Vec<_>>>()?;
    let (host, user_agent) = (text(fields, "host")?, text(fields, "user_agent")?);
    let peer_id = fields.take("peer_id").map(|id| match id.word() {
        Some(word) if word.len() == 20 => id.text(),
        _ => id.bytes(),
    });
    let parameters = Parameters {
        info_hashes: hashes.into_iter().map(Cow::Owned).collect(),
        peer_id: peer_id.transpose()?.map(Cow::Owned),
        port: number(fields, "port")?,
        uploaded: number(fields, "uploaded")?,
        downloaded: number(fields, "downloaded")?,
        left: number(fields, "left")?,
        event: text(fields, "event")?.map(Cow::Owned),
        compact: number(fields, "compact")?,
        numwant: number(fields, "numwant")?,
        key: text(fields, "key")?.map(Cow::Owned),
        tracker_id: text(fields, "trackerid")?.map(Cow::Owned),
        ip: text(fields, "ip")?.map(Cow::Owned),
    };
    Ok(encode_request(&Request {
        purpose,
        path: &path,
        parameters,
        host: host.as_deref(),
        user_agent: user_agent.as_deref(),
    }))
}

fn text(fields: &mut Arguments<'_>, name: &'static str) -> Result<Option<Vec<u8>>> {
    fields.take(name).map(|value| value.text()).transpose()
}

fn number<N: std::str::FromStr>(
    fields: &mut Arguments<'_>,
    name: &'static str,
) -> Result<Option<N>> {
    fields.take(name).map(|value| value.number()).transpose()
}

fn response(purpose: Purpose, fields: &mut Arguments<'_>) -> Result<Vec<u8>> {
    let status: u16 = fields.number_or("status", 200)?;
    let reason = text(fields, "reason")?.unwrap_or_else(|| b"OK".into());
    let body = bencoded::dict(&fields.rest(), &hints)?;
    let head = format!("HTTP/1.1 {status} ").into_bytes();
    let draft = [&head[..], &reason, HEAD_END, &body].concat();
    let read = dissect_response(&draft, draft.len(), purpose, &mut ());
    let out = encode_response(&read.message);
    if out.ends_with(&body) {
        Ok(out)
    } else {
        Err(Fault::new(0, "a key or a value that no tracker sends"))
    }
}

fn hints(path: &[&[u8]]) -> Hint {
    match path {
        // An empty string would be `""`.
        [b"peers"] => Hint::PackedOrList(6),
        [b"peers6"] => Hint::Packed(18),
        [b"external ip"] => Hint::Address,
        _ => Hint::Any,
    }
}

/// A request in words.
pub fn request_words(request: &Request<'_>) -> String {
    let mut out = format!("http_tracker {}", request.name());
    let p = &request.parameters;
    push(&mut out, "path", Some(request.path));
    out.push_str(" info_hashes=[");
    for (index, hash) in p.info_hashes.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        push_raw(&mut out, hash);
    }
    out.push(']');
    push(&mut out, "peer_id", p.peer_id.as_deref());
    for (name, value) in [
        ("port", p.port),
        ("uploaded", p.uploaded),
        ("downloaded", p.downloaded),
        ("left", p.left),
        ("compact", p.compact),
    ] {
        if let Some(value) = value {
            let _ = write!(out, " {name}={value}");
        }
    }
    if let Some(numwant) = p.numwant {
        let _ = write!(out, " numwant={numwant}");
    }
    push(&mut out, "event", p.event.as_deref());
    push(&mut out, "key", p.key.as_deref());
    push(&mut out, "trackerid", p.tracker_id.as_deref());
    push(&mut out, "ip", p.ip.as_deref());
    push(&mut out, "host", request.host);
    push(&mut out, "user_agent", request.user_agent);
    out
}

fn push(out: &mut String, name: &str, value: Option<&[u8]>) {
    if let Some(value) = value {
        let _ = write!(out, " {name}=");
        quote(out, value);
    }
}

/// A response in words; `None` if it lacks what they need.
pub fn response_words(response: &Response<'_>, bytes: &[u8]) -> Option<String> {
    let mut out = format!("http_tracker {}", response.name());
    let _ = write!(out, " status={}", response.status?);
    push(&mut out, "reason", Some(response.reason));
    let mut heads = bytes.windows(HEAD_END.len());
    let body = &bytes[heads.position(|end| end == HEAD_END)? + HEAD_END.len()..];
    bencoded::push_fields(&mut out, sound(body)?.root()?, &hints);
    Some(out)
}
