//! `.torrent` files that were fetched over HTTP.

use std::collections::HashMap;

use super::coding::{Allowance, Unpacker, coding};
use crate::session::{WebEvent, WebPart};
use crate::wire::http_tracker::{Coding, status_of};
use crate::wire::metainfo::Metainfo;

/// The longest file that is put together.
const MAX_FILE: usize = 8 << 20;

/// Bytes of files under way and of those that are kept, together.
const MAX_BYTES: usize = 24 << 20;

/// Files that are kept.
const MAX_FILES: usize = 1024;

/// A `.torrent`.
#[derive(Debug)]
pub struct Download {
    /// The file as it was fetched.
    pub bytes: Vec<u8>,
    /// What it says.
    pub metainfo: Metainfo,
}

/// The files, and what is under way.
#[derive(Debug, Default)]
pub struct Downloads {
    under_way: HashMap<u64, UnderWay>,
    /// Those that are whole.
    pub whole: Vec<Download>,
    bytes: usize,
    allowance: Allowance,
    /// Files that were not kept, to bound memory.
    pub left_out: u64,
}

#[derive(Debug)]
struct UnderWay {
    bytes: Vec<u8>,
    coding: Coding,
}

impl Downloads {
    /// Takes in a step of an exchange.
    pub fn hear(&mut self, part: &WebPart<'_>) {
        match part.event {
            WebEvent::Request(_) => {}
            WebEvent::Response { head, .. } => {
                self.drop_stream(part.stream);
                if status_of(head) == Some(200)
                    && let Some(coding) = coding(head)
                {
                    let bytes = Vec::new();
                    self.under_way
                        .insert(part.stream, UnderWay { bytes, coding });
                }
            }
            WebEvent::Body { offset, bytes } => self.body(part.stream, offset, bytes),
            WebEvent::End => self.end(part.stream),
        }
    }

    fn body(&mut self, stream: u64, offset: u64, bytes: &[u8]) {
        let Some(file) = self.under_way.get_mut(&stream) else {
            return;
        };
        // A dictionary, or what may be one when it is unpacked.
        let is_packed = file.coding != Coding::Identity;
        let begins = is_packed || offset > 0 || bytes.first() == Some(&b'd');
        let is_next = offset == file.bytes.len() as u64;
        let fits = file.bytes.len() + bytes.len() <= MAX_FILE;
        if !begins || !is_next || !fits {
            return self.drop_stream(stream);
        }
        if self.bytes + bytes.len() > MAX_BYTES {
            self.left_out += 1;
            return self.drop_stream(stream);
        }
        file.bytes.extend_from_slice(bytes);
        self.bytes += bytes.len();
    }

    fn end(&mut self, stream: u64) {
        let Some(file) = self.under_way.remove(&stream) else {
            return;
        };
        self.bytes -= file.bytes.len();
        let bytes = match Unpacker::new(file.coding) {
            // What is broken in it is no dictionary either.
            Some(unpacker) => unpacker.all(&file.bytes, MAX_FILE, &mut self.allowance),
            None => Ok(file.bytes),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(cut) => {
                self.left_out += u64::from(cut.first() == Some(&b'd'));
                return;
            }
        };
        let Ok(metainfo) = Metainfo::parse(&bytes) else {
            return;
        };
        let is_known = |known: &Download| {
            let hashes = [&known.metainfo, &metainfo].map(|m| (m.info.v1_hash(), m.info.v2_hash()));
            hashes[0] == hashes[1]
        };
        if self.whole.iter().any(is_known) {
            return;
        }
        // The file, and what was read of it.
        let cost = 2 * bytes.len() + metainfo.info.heap_size();
        if self.bytes + cost > MAX_BYTES || self.whole.len() >= MAX_FILES {
            self.left_out += 1;
            return;
        }
        self.bytes += cost;
        self.whole.push(Download { bytes, metainfo });
    }

    fn drop_stream(&mut self, stream: u64) {
        if let Some(file) = self.under_way.remove(&stream) {
            self.bytes -= file.bytes.len();
        }
    }
}
