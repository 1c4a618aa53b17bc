//! The trackers that peers announced torrents to.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::session::Heard;
use crate::wire::{Message, udp_tracker};

/// Torrents whose trackers are kept, and trackers of each.
const MAX_TORRENTS: usize = 4096;
const MAX_TRACKERS: usize = 32;

/// The longest URL that is kept.
const MAX_URL: usize = 512;

/// By info-hash, the URLs in the order in which they were seen.
#[derive(Debug, Default)]
pub struct TrackerUrls(BTreeMap<[u8; 20], Vec<String>>);

impl TrackerUrls {
    /// Takes in a message.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        match heard.message() {
            Some(Message::HttpRequest(message)) => {
                let Some(host) = message.host.and_then(text) else {
                    return;
                };
                let Some(path) = text(message.path) else {
                    return;
                };
                let url = format!("http://{host}{path}");
                for hash in &message.parameters.info_hashes {
                    if let Ok(hash) = <[u8; 20]>::try_from(&hash[..]) {
                        self.add(hash, &url);
                    }
                }
            }
            Some(Message::UdpTracker(message)) => {
                if let udp_tracker::Body::AnnounceRequest(announce) = &message.body {
                    let mut url = format!("udp://{}", heard.dst);
                    match announce.url_data.as_deref().and_then(text) {
                        Some(path) => url.push_str(path),
                        None => {
                            let _ = write!(url, "/announce");
                        }
                    }
                    self.add(announce.info_hash, &url);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, hash: [u8; 20], url: &str) {
        let has_room = self.0.len() < MAX_TORRENTS || self.0.contains_key(&hash);
        if !has_room || url.len() > MAX_URL {
            return;
        }
        let urls = self.0.entry(hash).or_default();
        if urls.len() < MAX_TRACKERS && !urls.iter().any(|known| known == url) {
            urls.push(url.to_owned());
        }
    }

    /// Those of the torrent that any of `hashes` names.
    pub fn of(&self, hashes: impl Iterator<Item = [u8; 20]>) -> Vec<String> {
        let mut urls: Vec<String> = Vec::new();
        for url in hashes.filter_map(|hash| self.0.get(&hash)).flatten() {
            if !urls.contains(url) {
                urls.push(url.clone());
            }
        }
        urls
    }
}

/// Text that can stand in a URL as it is.
fn text(bytes: &[u8]) -> Option<&str> {
    let is_plain = bytes.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(bytes).ok().filter(|_| is_plain)
}
