//! What may pasted bytes be? They come without a stream, a port or a direction,
//! so that several readings can be possible: each is scored.

mod bencoded;
mod bytes;
mod datagram;
mod headers;
mod http;
mod names;
mod part;
mod run;
#[cfg(test)]
mod tests;

use std::fmt;

pub use names::Names;
pub use part::{Part, Said};

/// A way to read bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// A handshake, and the messages behind it.
    Handshake,
    /// Messages of the peer wire, the last one perhaps cut.
    Peer,
    /// One message of the peer wire without its length prefix.
    Message,
    /// The payload of an extended message, with its extended id or without.
    Extension,
    /// A metainfo file.
    Torrent,
    /// An info dictionary.
    Info,
    /// A message of the DHT.
    Dht,
    /// A uTP packet.
    Utp,
    /// A datagram between client and UDP tracker.
    UdpTracker,
    /// A request to an HTTP tracker, or its response.
    HttpTracker,
    /// An announce of local service discovery.
    Lsd,
    /// A packet from its Ethernet or IP header on; what it carries is read by
    /// itself.
    Packet,
    /// A bencoded value, whatever it means.
    Bencode,
    /// An address, a hash, text, or just bytes.
    Bytes,
}

impl Reading {
    /// Every reading.
    pub const ALL: [Self; 14] = [
        Self::Handshake,
        Self::Peer,
        Self::Message,
        Self::Extension,
        Self::Torrent,
        Self::Info,
        Self::Dht,
        Self::Utp,
        Self::UdpTracker,
        Self::HttpTracker,
        Self::Lsd,
        Self::Packet,
        Self::Bencode,
        Self::Bytes,
    ];

    /// The name by which it is chosen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Peer => "peer",
            Self::Message => "message",
            Self::Extension => "extension",
            Self::Torrent => "torrent",
            Self::Info => "info",
            Self::Dht => "dht",
            Self::Utp => "utp",
            Self::UdpTracker => "udp_tracker",
            Self::HttpTracker => "http_tracker",
            Self::Lsd => "lsd",
            Self::Packet => "packet",
            Self::Bencode => "bencode",
            Self::Bytes => "bytes",
        }
    }

    /// What it is, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Handshake => "a handshake, and the messages behind it",
            Self::Peer => "peer wire messages, glued together; the last one may be cut",
            Self::Message => "a peer wire message without its length prefix",
            Self::Extension => "the payload of an extended message, with or without its id",
            Self::Torrent => "a .torrent file",
            Self::Info => "an info dictionary",
            Self::Dht => "a DHT message",
            Self::Utp => "a uTP packet",
            Self::UdpTracker => "a UDP tracker packet",
            Self::HttpTracker => "a request to an HTTP tracker, or its response",
            Self::Lsd => "an announce of local service discovery",
            Self::Packet => "a packet from its Ethernet or IP header on",
            Self::Bencode => "a bencoded value",
            Self::Bytes => "an address, a hash, a text or just bytes",
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Bytes that were pasted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample<'b> {
    /// The bytes.
    pub bytes: &'b [u8],
    /// More followed.
    pub is_cut: bool,
    /// How many more, where that is known.
    pub missing: Option<u64>,
    /// The words before them, such as the name of a variable.
    pub label: &'b str,
}

impl<'b> Sample<'b> {
    /// Bytes without anything else known of them.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    /// How many bytes there were, as far as known.
    fn length(&self) -> usize {
        let missing = usize::try_from(self.missing.unwrap_or(0));
        let missing = missing.unwrap_or(usize::MAX).min(MAX_MISSING);
        self.bytes.len() + missing
    }
}

/// More missing bytes than this are not told: offsets in a message are 32 bits.
const MAX_MISSING: usize = 1 << 30;

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

/// A reading with a smaller score neither, unless it is the best one.
const POOR: u8 = 25;

/// The possible readings, the best one first; never none.
pub fn readings(sample: &Sample<'_>) -> Vec<Candidate> {
    let mut all = scored(sample, true);
    all.push(Candidate {
        reading: Reading::Bytes,
        score: 1,
    });
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
    let headers = with_headers.then(|| headers::score(sample)).flatten();
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
        (Reading::Packet, headers),
        (Reading::Bencode, bencoded::score(sample)),
    ];
    let scores = scores.into_iter();
    scores
        .filter_map(|(reading, score)| Some((reading, score.filter(|score| *score > 0)?)))
        .map(|(reading, score)| Candidate { reading, score })
        .collect()
}

/// The messages that a reading makes of the bytes, in their order: they cover
/// every byte. Learns extension ids from the extended handshakes among them.
pub fn messages<'b>(sample: &Sample<'b>, reading: Reading, names: &mut Names) -> Vec<Part<'b>> {
    match reading {
        Reading::Handshake => run::parts(sample, true, names),
        Reading::Peer => run::parts(sample, false, names),
        Reading::HttpTracker => vec![http::part(sample)],
        Reading::Packet => headers::parts(sample, names),
        Reading::Message => vec![run::bare(sample, names)],
        Reading::Extension => vec![bencoded::extension(sample, names)],
        Reading::Torrent | Reading::Info | Reading::Bencode => {
            vec![bencoded::value(sample, reading)]
        }
        Reading::Dht | Reading::Utp | Reading::UdpTracker | Reading::Lsd => {
            vec![datagram::part(sample, reading)]
        }
        Reading::Bytes => vec![bytes::part(sample)],
    }
}

/// Whether `second` brings exactly what `first` lacks: a message that somebody
/// took apart, with words between its parts.
pub fn completes(first: &Sample<'_>, second: &Sample<'_>) -> bool {
    let both = [first.bytes, second.bytes].concat();
    let is_run = |bytes| matches!(run::state(bytes), run::State::Whole);
    !first.is_cut
        && matches!(run::state(first.bytes), run::State::Lacking)
        && !is_run(second.bytes)
        && is_run(&both)
}
