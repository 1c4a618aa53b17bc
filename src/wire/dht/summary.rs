//! A message in one line of words.

use std::fmt;

use super::code::ErrorCode;
use super::message::{Arguments, Body, ErrorBody, Message, Query, Response, Results};
use super::method::Method;
use crate::wire::compact::Family;
use crate::wire::words::{Count, ShortId, Size};

impl fmt::Display for Message<'_> {
    /// Holds text of the capture as it is (method names, error texts).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::Query(query) => {
                query.fmt(f)?;
                if self.read_only {
                    f.write_str(", read-only node")?;
                }
                Ok(())
            }
            Body::Response(response) => response.fmt(f),
            Body::Error(error) => error.fmt(f),
            Body::Unknown(_) => f.write_str("message of unknown type"),
        }
    }
}

impl fmt::Display for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.method.fmt(f)?;
        let a = &self.arguments;
        match self.method {
            Method::PING => Ok(()),
            Method::GET_PEERS => get_peers(a, f),
            Method::ANNOUNCE_PEER => announce_peer(a, f),
            Method::PUT => put(a, f),
            Method::GET => {
                id(a.target, f)?;
                sequence(a.sequence, f)
            }
            _ => id(a.target.or(a.info_hash), f),
        }
    }
}

fn id(id: Option<&[u8]>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match id {
        Some(id) => write!(f, " {}", ShortId(id)),
        None => Ok(()),
    }
}

fn sequence(number: Option<i64>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match number {
        Some(number) => write!(f, ", sequence number {number}"),
        None => Ok(()),
    }
}

fn is_set(flag: Option<i64>) -> bool {
    flag.is_some_and(|value| value != 0)
}

fn get_peers(a: &Arguments<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    id(a.info_hash, f)?;
    if is_set(a.noseed) {
        f.write_str(", no seeds")?;
    }
    if is_set(a.scrape) {
        f.write_str(", scrape")?;
    }
    Ok(())
}

fn announce_peer(a: &Arguments<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    id(a.info_hash, f)?;
    match a.port {
        _ if is_set(a.implied_port) => f.write_str(", implied port")?,
        Some(port) => write!(f, ", port {port}")?,
        None => {}
    }
    if is_set(a.seed) {
        f.write_str(", seed")?;
    }
    Ok(())
}

fn put(a: &Arguments<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if let Some(value) = a.value {
        write!(f, " {}", Size(value.len() as u64))?;
    }
    match a.key {
        Some(key) => write!(f, ", key {}", ShortId(key))?,
        None => f.write_str(", immutable")?,
    }
    sequence(a.sequence, f)
}

impl fmt::Display for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.method {
            Some(method) => write!(f, "response to {method}")?,
            None => f.write_str("response")?,
        }
        self.results.fmt(f)
    }
}

/// What a response brings, each part after a comma, the first after a colon.
impl fmt::Display for Results<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Parts { f, separator: ": " };
        if let Some(values) = &self.values {
            parts.push(Count(values.len() as u64, "peer"))?;
        }
        for family in [Family::V4, Family::V6] {
            if let Some(nodes) = self.nodes_of(family) {
                let noun = match family {
                    Family::V4 => "node",
                    Family::V6 => "IPv6 node",
                };
                parts.push(Count(nodes.len() as u64, noun))?;
            }
        }
        if let Some(samples) = self.samples {
            let of = self.num.map_or(String::new(), |num| format!(" of {num}"));
            let samples = Count(samples.len() as u64 / 20, "sample");
            parts.push(format_args!("{samples}{of}"))?;
        }
        if self.seeds.is_some() || self.peers.is_some() {
            parts.push("bloom filters")?;
        }
        if let Some(value) = self.value {
            parts.push(format_args!("item of {}", Size(value.len() as u64)))?;
        }
        if let Some(number) = self.sequence {
            parts.push(format_args!("sequence number {number}"))?;
        }
        if self.token.is_some() {
            parts.push("token")?;
        }
        Ok(())
    }
}

struct Parts<'f, 'a> {
    f: &'f mut fmt::Formatter<'a>,
    separator: &'static str,
}

impl Parts<'_, '_> {
    fn push(&mut self, part: impl fmt::Display) -> fmt::Result {
        write!(self.f, "{}{part}", self.separator)?;
        self.separator = ", ";
        Ok(())
    }
}

impl fmt::Display for ErrorBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error")?;
        if let Some(code) = self.code {
            write!(f, " {}", code.0)?;
        }
        match (self.text, self.code.and_then(ErrorCode::name)) {
            (Some(text), _) => write!(f, " {}", String::from_utf8_lossy(text)),
            (None, Some(name)) => write!(f, " {name}"),
            (None, None) => Ok(()),
        }
    }
}
