//! The first reading: what the capture says of torrents.

use super::downloads::Downloads;
use super::trackers::TrackerUrls;
use crate::session::{Heard, WebPart};
use crate::torrent::Layers;
use crate::wire::peer::Message;

/// What is learned on the way.
#[derive(Debug, Default)]
pub struct Survey(Surveyed);

/// What was learned beside the info dictionaries, which the pipeline learns.
#[derive(Debug, Default)]
pub struct Surveyed {
    pub(super) layers: Layers,
    pub(super) trackers: TrackerUrls,
    pub(super) downloads: Downloads,
}

impl Survey {
    /// Takes in a message.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        match heard.peer_message() {
            Some(Message::Hashes(hashes)) => {
                self.0.layers.hear(hashes);
            }
            Some(_) => {}
            None => self.0.trackers.hear(heard),
        }
    }

    /// Takes in a step of an exchange of HTTP.
    pub fn web(&mut self, part: &WebPart<'_>) {
        self.0.downloads.hear(part);
    }

    /// The capture is over.
    pub fn finish(self) -> Surveyed {
        self.0
    }
}

impl Surveyed {
    /// What was given up to bound memory: piece layers, and files fetched over HTTP.
    pub fn left_out(&self) -> u64 {
        self.layers.left_out + self.downloads.left_out
    }
}
