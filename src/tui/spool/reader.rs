//! Reads messages of a spool, dissected again.

use std::collections::HashMap;
use std::io;

use super::code::Decoder;
use super::entry::{ENTRY_BYTES, Entry};
use super::file::Window;
use super::record::{self, Happened, Head};
use super::setting::Setting;
use super::shared::Spool;
use crate::session::{Conversation, Heard};

/// Bytes of the index and of the spool that are read at once.
const INDEX_WINDOW: usize = 64 << 10;
const SPOOL_WINDOW: usize = 64 << 10;

/// Settings that are kept; messages of few connections are interleaved.
const MAX_SETTINGS: usize = 64;

/// What the spool has under a number.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A message or a gap.
    Message(&'a Heard<'a>),
    /// Something that happened to a connection.
    Event(&'a Happened<'a>),
}

/// Reads a spool, whoever else does.
#[derive(Debug)]
pub struct Reader {
    spool: Spool,
    index: Window,
    records: Window,
    /// By where they lie.
    settings: HashMap<u64, (Setting, Conversation)>,
}

impl Spool {
    /// A reader of its own window.
    pub fn reader(&self) -> Reader {
        Reader::new(self.clone())
    }
}

impl Reader {
    pub(super) fn new(spool: Spool) -> Self {
        let [records, index] = spool.files();
        Self {
            index: Window::new(index, INDEX_WINDOW),
            records: Window::new(records, SPOOL_WINDOW),
            spool,
            settings: HashMap::new(),
        }
    }

    /// The spool.
    pub fn spool(&self) -> &Spool {
        &self.spool
    }

    /// What the index says of a message.
    pub fn entry(&mut self, number: u64) -> io::Result<Entry> {
        if number >= self.spool.len() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let bytes = self.index.read(number * ENTRY_BYTES as u64, ENTRY_BYTES)?;
        let mut entry = [0; ENTRY_BYTES];
        entry.copy_from_slice(bytes);
        Ok(Entry::from_bytes(entry))
    }

    /// Gives `show` a message, dissected again.
    ///
    /// # Errors
    ///
    /// When it is not there, or the disk fails.
    pub fn with<R>(&mut self, number: u64, show: impl FnOnce(Item<'_>) -> R) -> io::Result<R> {
        let entry = self.entry(number)?;
        let origin = self.spool.origin();
        let damaged = || io::Error::other("the temporary file is damaged");
        let record = record_at(&mut self.records, entry.offset)?.to_vec();
        if record::is_event(&record) {
            let happened = Happened::decode(&record, origin).ok_or_else(damaged)?;
            return Ok(show(Item::Event(&happened)));
        }
        let head = Head::decode(&record, origin).ok_or_else(damaged)?;
        let setting = match head.setting {
            Ok(distance) => {
                let at = entry.offset.checked_sub(distance).ok_or_else(damaged)?;
                Some(self.setting(at)?)
            }
            Err(_) => None,
        };
        head.show(setting, |heard| show(Item::Message(heard)))
            .ok_or_else(damaged)
    }

    fn setting(&mut self, at: u64) -> io::Result<(&Setting, &Conversation)> {
        if !self.settings.contains_key(&at) {
            if self.settings.len() >= MAX_SETTINGS {
                self.settings.clear();
            }
            let record = record_at(&mut self.records, at)?;
            let setting = Setting::decode(&mut Decoder(record));
            let setting =
                setting.ok_or_else(|| io::Error::other("the temporary file is damaged"))?;
            self.settings.insert(at, (setting, setting.conversation()));
        }
        let (setting, conversation) = &self.settings[&at];
        Ok((setting, conversation))
    }
}

/// The record at an offset, behind its length.
fn record_at(records: &mut Window, at: u64) -> io::Result<&[u8]> {
    let mut length = [0; 4];
    length.copy_from_slice(records.read(at, 4)?);
    let length = u32::from_le_bytes(length) as usize;
    records.read(at + 4, length)
}
