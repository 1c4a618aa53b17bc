//! Web seeds: which bytes of which torrent a response of HTTP brings.
//!
//! A seed of BEP 19 serves the files below a URL, so that a request names a file and a
//! range; one of BEP 17 is asked for a piece. Nothing says which torrent a plain file
//! belongs to but its length and name; where several fit, each gets the bytes, and the
//! hashes decide.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::catalog::Catalog;
use super::coding::coding;
use super::unread::UnreadReason;
use crate::session::web::header;
use crate::wire::headers::decimal;
use crate::wire::http_tracker::{Coding, status_of};
use crate::wire::metainfo::File;
use crate::wire::percent;

/// Files that a response may be of.
const MAX_CANDIDATES: usize = 4;

/// Files of one length and name that are looked at.
const MAX_LOOKED_AT: usize = 64;

/// Files of one name that are looked at where the length is not known.
const MAX_LOOKED_AT_UNSIZED: usize = 1024;

/// How the type of a response with several ranges begins.
const MULTIPART: &[u8] = b"multipart/byteranges";

/// A run of a body, and where it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The torrent.
    pub torrent: u32,
    /// Offset in the body.
    pub from: u64,
    /// Bytes.
    pub length: u64,
    /// Where in the space of pieces.
    pub space: u64,
}

/// The files of all torrents by what a response says of one.
#[derive(Debug, Default)]
pub struct WebMap {
    /// By last name, with their lengths, in the order of these.
    by_name: HashMap<Vec<u8>, Vec<(u64, Place)>>,
    by_length: HashMap<u64, Vec<Place>>,
}

/// A file of a torrent.
type Place = (u32, u32);

impl WebMap {
    /// The files of `catalog`.
    pub fn new(catalog: &Catalog) -> Self {
        let mut map = Self::default();
        for (torrent, known) in (0..).zip(&catalog.torrents) {
            for (file, entry) in (0..).zip(known.content.info.files()) {
                if entry.length == 0 || entry.is_padding() || entry.attributes.symlink {
                    continue;
                }
                let place = (torrent, file);
                let name = entry.path.last().cloned().unwrap_or_default();
                // Most names stand alone: a list of one takes no more room.
                let of_name = map.by_name.entry(name);
                of_name
                    .or_insert_with(|| Vec::with_capacity(1))
                    .push((entry.length, place));
                let of_length = map.by_length.entry(entry.length).or_default();
                if of_length.len() < MAX_CANDIDATES {
                    of_length.push(place);
                }
            }
        }
        map.by_name
            .values_mut()
            .for_each(|places| places.sort_unstable());
        map
    }

    /// Where the body of a response belongs; of one that is packed, what is in it.
    /// `coding` is what [`content`] says of its head.
    pub fn runs(&self, catalog: &Catalog, request: &[u8], head: &[u8], coding: Coding) -> Vec<Run> {
        if coding != Coding::Identity {
            return self.whole(catalog, request);
        }
        let Some((path, query)) = target(request) else {
            return Vec::new();
        };
        if let Some(runs) = pieces(catalog, query) {
            return runs;
        }
        let range = content_range(header(head, "content-range").unwrap_or_default());
        let whole = header(head, "content-length").and_then(decimal);
        let (from, to, total) = match (range, whole) {
            (Some(range), _) => range,
            (None, Some(length)) if status_of(head) == Some(200) => (0, length, length),
            _ => return Vec::new(),
        };
        self.placed(catalog, &percent::decode(path), (from, to, total), 0)
    }

    /// Where all that was asked for belongs, by the request alone.
    pub fn whole(&self, catalog: &Catalog, request: &[u8]) -> Vec<Run> {
        let Some((path, query)) = target(request) else {
            return Vec::new();
        };
        let pieces = pieces(catalog, query);
        pieces.unwrap_or_else(|| self.unsized_whole(catalog, &percent::decode(path)))
    }

    /// Where a range of a file belongs: its first byte, that behind its last, and the
    /// length of the file; it stands at `at` in the body.
    fn placed(
        &self,
        catalog: &Catalog,
        path: &[u8],
        (from, to, total): (u64, u64, u64),
        at: u64,
    ) -> Vec<Run> {
        let mut runs = Vec::new();
        for (torrent, file) in self.candidates(catalog, path, total) {
            let entry = file_of(catalog, (torrent, file));
            if let Some(entry) = entry.filter(|_| from < to && to <= total) {
                runs.push(Run {
                    torrent,
                    from: at,
                    length: to - from,
                    space: entry.offset + from,
                });
            }
        }
        runs
    }

    /// Where a whole file belongs of which only the path is known, not the length: to
    /// the files that it may mean.
    fn unsized_whole(&self, catalog: &Catalog, path: &[u8]) -> Vec<Run> {
        let named = self.by_name.get(last_name(path)).map(Vec::as_slice);
        let named = named.unwrap_or_default();
        let places = named.iter().take(MAX_LOOKED_AT_UNSIZED);
        let places: Vec<_> = places.map(|(_, place)| *place).collect();
        let entries = best(catalog, path, &places, &[])
            .into_iter()
            .filter_map(|place| Some((place.0, file_of(catalog, place)?)));
        entries
            .map(|(torrent, entry)| Run {
                torrent,
                from: 0,
                length: entry.length,
                space: entry.offset,
            })
            .collect()
    }

    /// Where the data of a part belongs, which has this head and stands at `at` in the
    /// body, and how long it is.
    pub fn part(
        &self,
        catalog: &Catalog,
        path: &[u8],
        head: &[u8],
        at: u64,
    ) -> Option<(u64, Vec<Run>)> {
        let range = content_range(header(head, "content-range")?)?;
        Some((range.1 - range.0, self.placed(catalog, path, range, at)))
    }

    /// The files of `total` bytes that a path may mean.
    fn candidates(&self, catalog: &Catalog, path: &[u8], total: u64) -> Vec<Place> {
        let named = self.by_name.get(last_name(path)).map(Vec::as_slice);
        let named = named.unwrap_or_default();
        let from = named.partition_point(|(length, _)| *length < total);
        let of_total = named[from..]
            .iter()
            .take_while(|(length, _)| *length == total);
        let of_total: Vec<_> = of_total
            .take(MAX_LOOKED_AT)
            .map(|(_, place)| *place)
            .collect();
        let any = self.by_length.get(&total).map(Vec::as_slice);
        best(catalog, path, &of_total, any.unwrap_or_default())
    }
}

/// The last name of a path.
fn last_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

/// Of the files that have the last name of a path, those whose whole path it ends with,
/// else all of them, else any.
fn best(catalog: &Catalog, path: &[u8], named: &[Place], any: &[Place]) -> Vec<Place> {
    let is_whole = |place: &&Place| {
        let known = catalog.get(place.0);
        let entry = file_of(catalog, **place);
        known.zip(entry).is_some_and(|(known, entry)| {
            let root = Some(known.content.info.name_bytes());
            let root = root.filter(|_| !known.content.info.is_single_file());
            ends_with(path, root, entry)
        })
    };
    let whole: Vec<_> = named.iter().filter(is_whole).copied().collect();
    let of_all = [&whole[..], named, any];
    let best = of_all.into_iter().find(|places| !places.is_empty());
    let best = best.unwrap_or_default().iter();
    best.take(MAX_CANDIDATES).copied().collect()
}

/// How the body of a response is packed that is what was asked for, or ranges of it;
/// `None` for others.
///
/// # Errors
///
/// Why such a body cannot be read. A range of what is packed is a range of the packed
/// bytes (RFC 9110, 14.2).
pub fn content(head: &[u8]) -> Option<Result<Coding, UnreadReason>> {
    let status = status_of(head).filter(|status| matches!(status, 200 | 206))?;
    Some(match coding(head) {
        None => Err(UnreadReason::Coding),
        Some(coding) if status == 206 && coding != Coding::Identity => Err(UnreadReason::Range),
        Some(coding) => Ok(coding),
    })
}

/// Whether a `.torrent` was asked for.
pub fn is_for_metafile(request: &[u8]) -> bool {
    target(request).is_some_and(|(path, _)| path.ends_with(b".torrent"))
}

/// The path that was asked for, of a response with several ranges whose content is packed
/// like this; `None` if it is none.
pub fn path_of_parts(request: &[u8], head: &[u8], coding: Coding) -> Option<Vec<u8>> {
    let start = header(head, "content-type")?.get(..MULTIPART.len())?;
    let is_multipart = start.eq_ignore_ascii_case(MULTIPART);
    let is_plain = coding == Coding::Identity;
    let (path, _) = target(request).filter(|_| is_multipart && is_plain)?;
    Some(percent::decode(path).into_owned())
}

/// The path that a request names, and the query behind it.
fn target(request: &[u8]) -> Option<(&[u8], &[u8])> {
    let target = request.split(|byte| *byte == b' ').nth(1)?;
    let mut parts = target.splitn(2, |byte| *byte == b'?');
    Some((parts.next()?, parts.next().unwrap_or_default()))
}

fn file_of(catalog: &Catalog, (torrent, file): Place) -> Option<&File> {
    catalog
        .get(torrent)?
        .content
        .info
        .files()
        .get(file as usize)
}

/// Whether a path ends with the names of a file, below the name of its torrent.
fn ends_with(path: &[u8], root: Option<&[u8]>, file: &File) -> bool {
    let mut path = path.rsplit(|byte| *byte == b'/');
    let names = file.path.iter().rev().map(Vec::as_slice).chain(root);
    names.into_iter().all(|name| path.next() == Some(name))
}

/// `bytes 0-99/2000`: the first byte, that behind the last, the length of the whole.
fn content_range(value: &[u8]) -> Option<(u64, u64, u64)> {
    let rest = value.trim_ascii().strip_prefix(b"bytes ")?;
    let slash = rest.iter().position(|byte| *byte == b'/')?;
    let (range, total) = (&rest[..slash], &rest[slash + 1..]);
    let (from, last) = span(range)?;
    Some((from, last.checked_add(1)?, decimal(total.trim_ascii())?))
}

/// `0-99`
fn span(range: &[u8]) -> Option<(u64, u64)> {
    let dash = range.iter().position(|byte| *byte == b'-')?;
    let (from, last) = (decimal(&range[..dash])?, decimal(&range[dash + 1..])?);
    (from <= last).then_some((from, last))
}

/// A request of BEP 17: a piece, or ranges of it, one behind the other. `None` if it
/// is none.
fn pieces(catalog: &Catalog, query: &[u8]) -> Option<Vec<Run>> {
    let value = |key: &str| -> Option<Cow<'_, [u8]>> {
        let mut parameters = query.split(|byte| *byte == b'&');
        let found =
            parameters.find_map(|one| one.strip_prefix(key.as_bytes())?.strip_prefix(b"="))?;
        Some(percent::decode(found))
    };
    let hash: [u8; 20] = value("info_hash")?[..].try_into().ok()?;
    let piece = u32::try_from(decimal(&value("piece")?)?).ok()?;
    let Some(torrent) = catalog.find(&hash) else {
        return Some(Vec::new());
    };
    let content = &catalog.get(torrent)?.content;
    let (start, size) = (
        content.piece_start(piece),
        u64::from(content.piece_size(piece)),
    );
    let ranges: Vec<Range<u64>> = match value("ranges") {
        None => std::iter::once(0..size).collect(),
        Some(ranges) => ranges
            .split(|byte| *byte == b',')
            .filter_map(span)
            .map(|(from, last)| from..last.saturating_add(1).min(size))
            .collect(),
    };
    let mut from = 0;
    let runs = ranges
        .into_iter()
        .filter(|range| !range.is_empty())
        .map(|range| {
            let length = range.end - range.start;
            from += length;
            Run {
                torrent,
                from: from - length,
                length,
                space: start + range.start,
            }
        });
    Some(runs.collect())
}

#[cfg(test)]
#[path = "web_tests.rs"]
mod tests;
