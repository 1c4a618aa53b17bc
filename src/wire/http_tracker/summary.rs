//! Messages in one line of words. They may hold text of the capture as it is
//! (reasons of failure, events).

use std::fmt;

use super::Purpose;
use super::reply::Reply;
use super::request::{ANNOUNCE_REQUEST, Request, SCRAPE_REQUEST};
use super::response::{ANNOUNCE_RESPONSE, ERROR, Response, SCRAPE_RESPONSE};
use crate::wire::message_type::MessageType;
use crate::wire::words::{Count, ShortId, Size};

impl Request<'_> {
    /// The name, as JSON has it.
    pub fn name(&self) -> &'static str {
        self.message_type().name
    }

    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match self.purpose {
            Purpose::Announce => &ANNOUNCE_REQUEST,
            Purpose::Scrape => &SCRAPE_REQUEST,
        }
    }
}

impl Response<'_> {
    /// The name, as JSON has it.
    pub fn name(&self) -> &'static str {
        self.message_type().name
    }

    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match self.purpose {
            _ if self.is_error() => &ERROR,
            Purpose::Announce => &ANNOUNCE_RESPONSE,
            Purpose::Scrape => &SCRAPE_RESPONSE,
        }
    }

    fn is_error(&self) -> bool {
        self.reply.failure_reason.is_some() || self.status.is_some_and(|status| status >= 400)
    }
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let p = &self.parameters;
        let request = match self.purpose {
            Purpose::Announce => "announce request",
            Purpose::Scrape => "scrape request",
        };
        f.write_str(request)?;
        match p.info_hashes.as_slice() {
            [] => {}
            [only] => write!(f, " {}", ShortId(only))?,
            several => write!(f, " of {}", Count(several.len() as u64, "torrent"))?,
        }
        if let Some(event) = p.event.as_ref().filter(|event| !event.is_empty()) {
            write!(f, ", {}", String::from_utf8_lossy(event))?;
        }
        if let Some(left) = p.left {
            write!(f, ", {} left", Size(left))?;
        }
        match p.port {
            Some(port) => write!(f, ", port {port}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Response<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reason) = &self.reply.failure_reason {
            return write!(f, "error: {}", String::from_utf8_lossy(reason));
        }
        let reason = String::from_utf8_lossy(self.reason);
        if let Some(status) = self.status.filter(|_| self.is_error()) {
            return write!(f, "error: {status} {reason}");
        }
        let response = match self.purpose {
            Purpose::Announce => "announce response",
            Purpose::Scrape => "scrape response",
        };
        f.write_str(response)?;
        match self.status {
            Some(200) | None => {}
            Some(status) => write!(f, ", {status} {reason}")?,
        }
        match self.purpose {
            Purpose::Announce => announced(&self.reply, f),
            Purpose::Scrape => scraped(&self.reply, f),
        }
    }
}

fn announced(reply: &Reply, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let counts = [
        (
            reply.peer_count().and_then(|n| u64::try_from(n).ok()),
            "peer",
        ),
        (count(reply.complete), "seeder"),
        (count(reply.incomplete), "leecher"),
    ];
    let mut separator = ": ";
    for (number, noun) in counts {
        if let Some(number) = number {
            write!(f, "{separator}{}", Count(number, noun))?;
            separator = ", ";
        }
    }
    if let Some(interval) = reply.interval {
        write!(f, "{separator}interval {interval} s")?;
        separator = ", ";
    }
    match &reply.warning_message {
        Some(warning) => write!(
            f,
            "{separator}warning: {}",
            String::from_utf8_lossy(warning)
        ),
        None => Ok(()),
    }
}

fn scraped(reply: &Reply, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match reply.torrents.as_deref() {
        None | Some([]) => f.write_str(": nothing"),
        Some([only]) => write!(
            f,
            ": {}, {}, {} completed",
            Count(count(only.complete).unwrap_or(0), "seeder"),
            Count(count(only.incomplete).unwrap_or(0), "leecher"),
            only.downloaded.unwrap_or(0)
        ),
        Some(several) => write!(f, ": {} torrents", several.len()),
    }
}

/// A count that can be one: some trackers send negative numbers.
fn count(number: Option<i64>) -> Option<u64> {
    u64::try_from(number?).ok()
}
