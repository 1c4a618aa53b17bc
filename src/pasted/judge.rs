//! Which readings fit, and what each makes of the bytes.

use super::names::Names;
use super::reading::Reading;
use super::run::State;
use super::sample::Sample;
use super::stretch::{Layout, Stretch};
use super::{address, bencoded, datagram, http, loose, magnet, packet, run};

/// A possible reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Which one.
    pub reading: Reading,
    /// How well it fits: 100 is certain, 1 is not impossible.
    pub score: u8,
}

/// A reading this much worse than the best one is not worth a word.
const WORSE: u8 = 20;

/// Where nothing fits better, a message may begin behind stray bytes.
const UNSURE: u8 = 40;

/// Stray bytes before a message that are looked over.
const MAX_STRAYS: usize = 16;

/// What a message behind stray bytes must fit.
const SURE: u8 = 75;

/// The same for messages of the peer wire: one must be whole, as in any bytes there are four
/// that may be the length of a cut one.
const SURE_PEER: u8 = 90;

/// Readings that a message behind stray bytes may have.
const FRAMED: [Reading; 7] = [
    Reading::Handshake,
    Reading::Peer,
    Reading::Dht,
    Reading::Torrent,
    Reading::Info,
    Reading::Extension,
    Reading::Bencode,
];

/// How many bytes stand before a message, and what that is.
fn strays(sample: &Sample<'_>) -> Option<(usize, Reading)> {
    let longest = MAX_STRAYS.min(sample.bytes.len().saturating_sub(1));
    (1..=longest).find_map(|skip| {
        let scored = scored(&sample.from(skip), false).into_iter();
        let sure = scored.filter(|candidate| {
            let least = match candidate.reading {
                Reading::Peer => SURE_PEER,
                _ => SURE,
            };
            candidate.score >= least
        });
        let mut framed = sure.filter(|candidate| FRAMED.contains(&candidate.reading));
        framed.next().map(|candidate| (skip, candidate.reading))
    })
}

/// How well bytes fit what the words before them call them.
const NAMED: u8 = 99;

/// A reading with a smaller score neither, unless it is the best one.
const POOR: u8 = 25;

/// The possible readings, the best one first; never none.
pub fn readings(sample: &Sample<'_>) -> Vec<Candidate> {
    let mut all = scored(sample, true);
    if all.iter().all(|candidate| candidate.score < UNSURE) {
        let behind = strays(sample);
        all.extend(behind.map(|(_, reading)| Candidate {
            reading,
            score: UNSURE,
        }));
    }
    // What words before the bytes call a hash or reserved bits is that.
    let is_named = loose::named(sample).is_some() || loose::are_prose(sample);
    all.push(Candidate {
        reading: Reading::Bytes,
        score: if is_named { NAMED } else { 1 },
    });
    // What is only possible is not said to be so.
    let is_possible = |candidate: &Candidate| {
        candidate.reading == Reading::Address && candidate.score == address::POSSIBLE
    };
    if all.len() == 2 && is_possible(&all[0]) {
        all.swap(0, 1);
        all[0].score = address::POSSIBLE;
    }
    // Stable, so that equals stay in the order of the list.
    all.sort_by_key(|candidate| std::cmp::Reverse(candidate.score));
    let best = all.first().map_or(0, |best| best.score);
    let mut index = 0;
    all.retain(|candidate| {
        index += 1;
        index == 1 || candidate.score >= POOR.max(best.saturating_sub(WORSE))
    });
    all
}

fn scored(sample: &Sample<'_>, with_headers: bool) -> Vec<Candidate> {
    let bytes = sample.bytes;
    let headers = with_headers.then(|| packet::score(sample)).flatten();
    let scores = [
        (Reading::Handshake, run::score_handshake(bytes)),
        (Reading::Peer, run::score(sample)),
        (Reading::Message, run::score_bare(sample)),
        (Reading::Extension, bencoded::score_extension(sample)),
        (Reading::Torrent, bencoded::score_torrent(bytes)),
        (Reading::Info, bencoded::score_info(bytes)),
        (Reading::Dht, datagram::score_dht(bytes)),
        (Reading::Utp, datagram::score_utp(bytes)),
        (Reading::UdpTracker, datagram::score_tracker(bytes)),
        (Reading::HttpTracker, http::score(bytes)),
        (Reading::Lsd, datagram::score_lsd(bytes)),
        (Reading::Magnet, score_magnet(bytes)),
        (Reading::Address, address::score(sample)),
        (Reading::Packet, headers),
        (Reading::Bencode, bencoded::score(sample)),
    ];
    let scores = scores.into_iter();
    scores
        .filter_map(|(reading, score)| Some((reading, score.filter(|score| *score > 0)?)))
        .map(|(reading, score)| Candidate { reading, score })
        .collect()
}

fn score_magnet(bytes: &[u8]) -> Option<u8> {
    bytes.starts_with(magnet::PREFIX).then_some(99)
}

/// The messages that a reading makes of the bytes, in their order: they cover
/// every byte. Learns extension ids from the extended handshakes among them.
pub fn messages<'b>(sample: &Sample<'b>, reading: Reading, names: &mut Names) -> Vec<Stretch<'b>> {
    let fits = |candidate: &Candidate| candidate.reading == reading && candidate.score >= UNSURE;
    if FRAMED.contains(&reading)
        && !scored(sample, false).iter().any(fits)
        && let Some((skip, _)) = strays(sample).filter(|(_, found)| *found == reading)
    {
        let stray = Sample::new(&sample.bytes[..skip]);
        let behind = plain(&sample.from(skip), reading, names).into_iter();
        let behind = behind.map(|stretch| stretch.moved(skip));
        return [loose::stray(&stray)].into_iter().chain(behind).collect();
    }
    plain(sample, reading, names)
}

/// The same for bytes that begin with a message.
fn plain<'b>(sample: &Sample<'b>, reading: Reading, names: &mut Names) -> Vec<Stretch<'b>> {
    match reading {
        Reading::Handshake => run::stretches(sample, true, names),
        Reading::Peer => run::stretches(sample, false, names),
        Reading::HttpTracker => vec![http::stretch(sample)],
        Reading::Packet => packet(sample, names),
        Reading::Message => vec![run::bare(sample, names)],
        Reading::Extension => vec![bencoded::extension(sample, names)],
        Reading::Torrent | Reading::Info | Reading::Bencode => {
            vec![bencoded::value(sample, reading)]
        }
        Reading::Dht | Reading::Utp | Reading::UdpTracker | Reading::Lsd => {
            vec![datagram::stretch(sample, reading)]
        }
        Reading::Magnet => vec![Stretch::of(sample, Layout::Magnet)],
        Reading::Address => vec![address::stretch(sample)],
        Reading::Bytes => vec![loose::stretch(sample)],
    }
}

/// The headers of a packet, then what they carry by its best reading.
fn packet<'b>(sample: &Sample<'b>, names: &mut Names) -> Vec<Stretch<'b>> {
    let Some(packet) = packet::take_apart(sample) else {
        return vec![loose::stretch(sample)];
    };
    let mut stretches = vec![packet.headers];
    if !packet.payload.bytes.is_empty() {
        let best = scored(&packet.payload, false).into_iter();
        let best = best.rev().max_by_key(|candidate| candidate.score);
        let reading = best.map_or(Reading::Bytes, |best| best.reading);
        let carried = plain(&packet.payload, reading, names);
        stretches.extend(carried.into_iter().map(|part| part.moved(packet.at)));
    }
    stretches.extend(packet.padding);
    stretches
}

/// Whether `second` brings exactly what `first` lacks, or the next field of a
/// handshake: a message that somebody took apart, with words between its parts.
pub fn completes(first: &Sample<'_>, second: &Sample<'_>) -> bool {
    if first.is_cut {
        return false;
    }
    if run::is_next_field(first.bytes, second.bytes.len()) {
        return true;
    }
    // Zeros are keep-alives too, but not behind a message that lacks them.
    let is_own = || {
        let has_more = second.bytes.iter().any(|byte| *byte != 0);
        has_more && run::state(second.bytes) == State::Whole
    };
    if !matches!(run::state(first.bytes), State::Lacking(_)) || is_own() {
        return false;
    }
    match run::state(&[first.bytes, second.bytes].concat()) {
        State::Whole => !second.is_cut,
        State::Lacking(lacking) => {
            let is_missing = |missing| usize::try_from(missing) == Ok(lacking);
            second.is_cut && second.missing.is_none_or(is_missing)
        }
        State::Wrong => false,
    }
}
