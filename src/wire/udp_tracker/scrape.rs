//! Counts from a UDP tracker.

use std::fmt;

use nom::bytes::complete::take;
use nom::number::complete::be_u32;

use crate::wire::field::{Field, Kind, Unit};
use crate::wire::message_type::Member;
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::{Label, Sink};
use crate::wire::words::{Count, ShortId};

const HASH: usize = 20;
pub(super) const ENTRY: usize = 12;

static INFO_HASHES: Field = Field::new(
    "info_hashes",
    Kind::List,
    "The torrents that are asked about.",
);
static INFO_HASH: Field = Field::new("info_hash", Kind::Hash, "Info-hash of a torrent.");
static FILES: Field = Field::new(
    "files",
    Kind::List,
    "Counts of the torrents, in the order of the request.",
);
static FILE: Field = Field::new("file", Kind::Group, "Counts of a torrent.");
static SEEDERS: Field = Field::new(
    "seeders",
    Kind::Uint(Unit::None),
    "How many seeds there are.",
);
static COMPLETED: Field = Field::new(
    "completed",
    Kind::Uint(Unit::None),
    "How many downloads were completed so far.",
);
static LEECHERS: Field = Field::new(
    "leechers",
    Kind::Uint(Unit::None),
    "How many downloaders there are.",
);

/// The fields of a scrape, behind its header.
pub(super) static REQUEST_MEMBERS: &[Member] =
    &[Member::Group(&INFO_HASHES, &[Member::Field(&INFO_HASH)])];

/// The fields of the answer, behind its header.
pub(super) static RESPONSE_MEMBERS: &[Member] = &[Member::Group(
    &FILES,
    &[Member::Group(
        &FILE,
        &[
            Member::Field(&SEEDERS),
            Member::Field(&COMPLETED),
            Member::Field(&LEECHERS),
        ],
    )],
)];

/// A scrape request, behind its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrapeRequest<'i> {
    /// 20 bytes each; whole ones only.
    pub info_hashes: &'i [u8],
}

impl<'i> ScrapeRequest<'i> {
    pub(super) fn dissect<S: Sink>(reader: &mut Reader<'i, '_, S>) -> Result<Self, Problem> {
        let all = reader.rest();
        let count = all.len() / HASH;
        reader.open(Label::Field(&INFO_HASHES));
        for number in 0..count {
            reader.labelled(Label::Item(number as u32, &INFO_HASH), take(HASH))?;
        }
        reader.close();
        if !reader.is_whole() {
            return Err(Problem::Cut);
        }
        Ok(Self {
            info_hashes: &all[..count * HASH],
        })
    }

    /// The torrents asked for.
    pub fn iter(&self) -> impl Iterator<Item = &'i [u8; HASH]> {
        self.info_hashes.as_chunks().0.iter()
    }
}

impl fmt::Display for ScrapeRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hashes = self.iter();
        match (hashes.next(), hashes.count()) {
            (Some(only), 0) => write!(f, "scrape request {}", ShortId(only)),
            (Some(_), more) => write!(f, "scrape request of {} torrents", more + 1),
            (None, _) => f.write_str("scrape request of nothing"),
        }
    }
}

/// A scrape response, behind its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScrapeResponse<'i> {
    /// 12 bytes a torrent, in the order asked; whole ones only.
    pub bytes: &'i [u8],
}

/// The counts of one torrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Peers that have everything.
    pub seeders: u32,
    /// Downloads completed so far.
    pub completed: u32,
    /// Peers that lack something.
    pub leechers: u32,
}

impl<'i> ScrapeResponse<'i> {
    pub(super) fn dissect<S: Sink>(reader: &mut Reader<'i, '_, S>) -> Result<Self, Problem> {
        let all = reader.rest();
        let count = all.len() / ENTRY;
        reader.open(Label::Field(&FILES));
        for number in 0..count {
            reader.open(Label::Item(number as u32, &FILE));
            reader.field(&SEEDERS, be_u32)?;
            reader.field(&COMPLETED, be_u32)?;
            reader.field(&LEECHERS, be_u32)?;
            reader.close();
        }
        reader.close();
        if !reader.is_whole() {
            return Err(Problem::Cut);
        }
        Ok(Self {
            bytes: &all[..count * ENTRY],
        })
    }

    /// The torrents, in the order asked.
    pub fn iter(&self) -> impl Iterator<Item = Counts> + 'i {
        let (entries, _) = self.bytes.as_chunks::<ENTRY>();
        entries.iter().map(|entry| {
            let word = |at: usize| {
                u32::from_be_bytes([entry[at], entry[at + 1], entry[at + 2], entry[at + 3]])
            };
            Counts {
                seeders: word(0),
                completed: word(4),
                leechers: word(8),
            }
        })
    }
}

impl fmt::Display for ScrapeResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut torrents = self.iter();
        match (torrents.next(), torrents.count()) {
            (Some(only), 0) => write!(
                f,
                "scrape response: {}, {}, {} completed",
                Count(u64::from(only.seeders), "seeder"),
                Count(u64::from(only.leechers), "leecher"),
                only.completed
            ),
            (Some(_), more) => write!(f, "scrape response: {} torrents", more + 1),
            (None, _) => f.write_str("scrape response: nothing"),
        }
    }
}
