//! Magnet links in what goes over HTTP.

use std::net::SocketAddr;

use super::counted::{Census, learned};
use crate::packet::Stamp;
use crate::session::{WebEvent, WebPart};
use crate::swarm::mark::Source;
use crate::swarm::peer::How;
use crate::torrent::Magnet;
use crate::wire::percent;

/// The longest magnet link that is looked for, in bytes.
const MAX_LINK: usize = 4 << 10;

impl Census {
    /// Takes in a step of an exchange of HTTP: magnet links in it.
    pub fn web(&mut self, part: &WebPart<'_>) {
        let at = part.stamp;
        let text = match part.event {
            WebEvent::Request(head) | WebEvent::Response { head, .. } => head,
            WebEvent::Body { bytes, .. } => bytes,
            WebEvent::End => return,
        };
        for start in memchr::memmem::find_iter(text, b"magnet:?") {
            let rest = &text[start..text.len().min(start + MAX_LINK)];
            let end = rest.iter().position(|byte| b"\"'<> \r\n".contains(byte));
            let link = String::from_utf8_lossy(&rest[..end.unwrap_or(rest.len())]);
            self.magnet(&link.replace("&amp;", "&"), at, part.server);
        }
        // As a part of a URL it is escaped.
        if let WebEvent::Request(head) = part.event
            && let Some(start) = memchr::memmem::find(head, b"magnet%3A%3F")
        {
            let rest = &head[start..];
            let end = rest.iter().position(|byte| b"& \r\n".contains(byte));
            let link = percent::decode(&rest[..end.unwrap_or(rest.len())]).into_owned();
            self.magnet(&String::from_utf8_lossy(&link), at, part.server);
        }
    }

    fn magnet(&mut self, link: &str, at: Stamp, from: SocketAddr) {
        let Ok(magnet) = Magnet::parse(link) else {
            return;
        };
        let v2 = magnet
            .wanted
            .v2
            .map(|hash| std::array::from_fn(|at| hash[at]));
        let Some(hash) = magnet.wanted.v1.or(v2) else {
            return;
        };
        self.mark(hash, Source::Magnet, at);
        for peer in &magnet.peers {
            if let Ok(address) = peer.parse() {
                self.learn(hash, address, learned(None, How::Magnet, from, at.frame));
            }
        }
        if let Some(swarm) = self.swarm(hash) {
            swarm.name = swarm.name.take().or(magnet.name);
        }
    }
}
