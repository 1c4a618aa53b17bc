//! All that there is to say of a connection (`sessions -V`): its ledger, how it
//! went over time, what each side can do.

mod utp;

use std::fmt::Write as _;

use super::connection::Happening;
use super::document::Document;
use super::ends::{MARGIN, push_ends};
use super::quantity::{Bytes, Duration, Latency, Rate, between};
use super::sessions::{LETTERS, NOT_SEEN, SessionSummary, close_words};
use super::style::Role;
use super::text::{Safe, clipped, width, wrap};
use crate::capture::Timestamp;
use crate::flow::{Close, Side};
use crate::packet::Stamp;
use crate::report::{Bins, Capability, CapabilitySide, Card, Merge, Queue, capabilities};
use crate::session::{ConnectionEvent, Fates, LatencyFigures, RequestFigures, setbacks};
use crate::wire::words::Count;

/// Columns of the names.
const LABEL_COLUMNS: usize = 18;

/// Bars of a series.
const BARS: usize = 12;

/// Heights of a bar, lowest first.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Appends a connection, `columns` wide.
pub fn push_details(document: &mut Document, card: &Card, columns: usize) {
    let name = card.past.torrent_name();
    let summary = SessionSummary::of(&card.past, name.as_deref());
    let mut page = Page {
        document,
        columns,
        card,
        summary,
    };
    page.head();
    page.sent("sent on the wire", |end| Bytes(end.wire_bytes).to_string());
    page.sent("data of pieces", |end| Bytes(end.payload_bytes).to_string());
    page.both("  not captured", |_, end| match end.payload_missing {
        0 => String::new(),
        missing => Bytes(missing).to_string(),
    });
    page.rates();
    page.sent("messages", |end| {
        end.messages
            .iter()
            .map(|(_, count)| count)
            .sum::<u64>()
            .to_string()
    });
    page.both("has at the end", |page, end| page.possession(end.side));
    page.milestones();
    page.requests();
    page.queues();
    page.utp();
    page.capabilities();
    page.document.end_line();
}

/// Appends an attempt at a connection that failed.
pub fn push_attempt(document: &mut Document, attempt: &ConnectionEvent, columns: usize) {
    let number = attempt
        .stream
        .map_or("-".to_owned(), |stream| stream.to_string());
    let head = format!("-- {number}  {}", attempt.carrier.name());
    push_ends(document, Some(columns), &head, attempt.ends, [None, None]);
    document.spaces(MARGIN);
    document.role(Role::Warning);
    let words = format!("{} (#{})", Happening(attempt), attempt.stamp.frame);
    document.push(&clipped(&words, columns.saturating_sub(MARGIN)));
    document.end_line();
    document.end_line();
}

/// One end, with its side.
struct End<'s> {
    side: Side,
    end: &'s super::sessions::End<'s>,
}

impl<'s> std::ops::Deref for End<'s> {
    type Target = super::sessions::End<'s>;

    fn deref(&self) -> &Self::Target {
        self.end
    }
}

struct Page<'p> {
    document: &'p mut Document,
    columns: usize,
    card: &'p Card,
    summary: SessionSummary<'p>,
}

impl Page<'_> {
    fn head(&mut self) {
        let summary = self.summary;
        let head = format!("-- {}  {}", summary.stream, summary.carrier.name());
        let ends = summary.ends.each_ref().map(|end| end.address);
        let clients = summary.ends.each_ref().map(|end| end.client);
        push_ends(self.document, Some(self.columns), &head, ends, clients);
        if let Some(hash) = summary.info_hash {
            let mut text = format!("torrent {}", hex::encode(hash));
            if let Some(name) = summary.name {
                text.push(' ');
                text.push_str(&Safe::from(name).to_string());
            }
            self.remark(&text);
        }
        let lasted = Duration(summary.end.since(summary.start));
        let closed_by = summary.closed_by;
        let close = match (summary.close, closed_by) {
            (Close::Open, None) => "open at the end of the capture".to_owned(),
            (close, by) => close_words(close, by.map(|(side, _)| side)),
        };
        let mut text = format!("lasted {lasted}; {close}");
        if let Some((_, frame)) = closed_by {
            let _ = write!(text, " (#{frame})");
        }
        match summary.encryption {
            "none" => {}
            "mse_rc4" => text.push_str("; encrypted (MSE, RC4)"),
            "mse_plaintext" => text.push_str("; MSE negotiated, then plaintext"),
            _ => text.push_str("; may be encrypted (MSE)"),
        }
        self.remark(&text);
        let letter = |side: Side| LETTERS[side.index()].to_owned();
        let past = &self.card.past;
        let end = past.first_finish.map(|(_, finish)| finish.stamp);
        for setback in setbacks(&past.connection, end, letter) {
            for line in wrap(&setback.words, self.columns.saturating_sub(MARGIN)) {
                self.remark(line);
            }
        }
        let titles = ["A, initiator", "B, acceptor"].map(str::to_owned);
        self.row("", &titles, Role::Label);
    }

    fn remark(&mut self, text: &str) {
        self.document.spaces(MARGIN);
        self.document.role(Role::Quiet);
        self.document
            .push(&clipped(text, self.columns.saturating_sub(MARGIN)));
        self.document.end_line();
    }

    /// Columns of the value of one side.
    fn column(&self) -> usize {
        (self.columns - 2 - LABEL_COLUMNS - 2) / 2
    }

    /// A row with the value of each side; none where neither has one.
    fn row(&mut self, label: &str, values: &[String; 2], role: Role) {
        if values.iter().all(String::is_empty) {
            return;
        }
        let column = self.column();
        self.document.spaces(2);
        self.document.role(Role::Quiet);
        self.document.push(label);
        self.document
            .spaces(LABEL_COLUMNS.saturating_sub(width(label)));
        self.document.role(role);
        let first = clipped(&values[0], column);
        self.document.push(&first);
        if !values[1].is_empty() {
            self.document.spaces(column + 2 - width(&first));
            self.document.push(&clipped(&values[1], column));
        }
        self.document.end_line();
    }

    fn both(&mut self, label: &str, value: impl Fn(&Self, &End<'_>) -> String) {
        let values = Side::BOTH.map(|side| {
            let end = &self.summary.ends[side.index()];
            value(self, &End { side, end })
        });
        self.row(label, &values, Role::Plain);
    }

    /// What each side sent, where it is in the capture.
    fn sent(&mut self, label: &str, value: impl Fn(&End<'_>) -> String) {
        self.both(label, |_, end| {
            if end.is_unseen {
                NOT_SEEN.to_owned()
            } else {
                value(end)
            }
        });
    }

    /// How fast data went, on the whole and over time.
    fn rates(&mut self) {
        self.both("mean rate", |page, end| match end.payload_bytes {
            0 => String::new(),
            data => Rate(data, page.summary.end.since(page.summary.start)).to_string(),
        });
        self.both("rate over time", |page, end| {
            let Some(course) = &page.card.course else {
                return String::new();
            };
            let data = &course.sides[end.side.index()].data;
            let series = series(data, |bytes| *bytes);
            let most = series.iter().copied().max().unwrap_or(0);
            let nanos = data.width_nanos().saturating_mul(wide(data) as u64);
            let nanos = i64::try_from(nanos).unwrap_or(i64::MAX);
            bars(&series, || Rate(most, nanos).to_string())
        });
    }

    /// How much of the torrent a side has.
    fn possession(&self, side: Side) -> String {
        let all = self.card.pieces;
        let Some((pieces, is_least)) = self.card.profiles[side.index()].pieces_of(all) else {
            return String::new();
        };
        let least = if is_least { "at least " } else { "" };
        match all {
            Some(all @ 1..) => {
                let share = f64::from(pieces) * 100.0 / f64::from(all);
                format!("{least}{pieces} of {all} pieces ({share:.1} %)")
            }
            _ => format!("{least}{}", Count(u64::from(pieces), "piece")),
        }
    }

    /// When each side did what for the first time.
    fn milestones(&mut self) {
        let start = self.summary.start;
        let since = |stamp: Option<Stamp>, from: Timestamp| {
            let stamp = stamp.filter(|stamp| stamp.time != Timestamp::UNKNOWN)?;
            (from != Timestamp::UNKNOWN).then(|| Duration(stamp.time.since(from)))
        };
        self.both("handshake", |page, end| {
            let own = page.card.profiles[end.side.index()].milestones;
            since(own.handshake, start).map_or(String::new(), |time| format!("after {time}"))
        });
        let after = |page: &Self, side: Side, stamp: Option<Stamp>| {
            let own = page.card.profiles[side.index()].milestones;
            let from = own.handshake.map_or(Timestamp::UNKNOWN, |stamp| stamp.time);
            since(stamp, from).map_or(String::new(), |time| format!("{time} after its handshake"))
        };
        self.both("unchokes", |page, end| {
            let own = page.card.profiles[end.side.index()].milestones;
            after(page, end.side, own.unchoke)
        });
        self.both("asks first", |page, end| {
            let own = page.card.profiles[end.side.index()].milestones;
            after(page, end.side, own.request)
        });
        self.both("gets a block", |page, end| {
            let other = page.card.profiles[end.side.other().index()].milestones;
            after(page, end.side, other.piece)
        });
    }

    /// What became of the requests of each side.
    fn requests(&mut self) {
        self.both("requests made", |_, end| counted(end.requests.fates.asked));
        for (label, count) in FATES {
            self.both(label, |_, end| counted(count(&end.requests)));
        }
        self.both("  unanswered", |page, end| {
            counted(page.summary.unanswered(end.side).unwrap_or(0))
        });
        self.both("  not seen", |page, end| {
            match page.summary.unanswered(end.side) {
                Some(_) => String::new(),
                None => counted(end.requests.open),
            }
        });
        self.both("  not followed", |_, end| counted(end.requests.forgotten));
        self.both("got unasked", |page, end| {
            let (blocks, bytes) = unasked(end.requests.fates);
            match blocks {
                Some(blocks) if page.is_asking_known(end) => format!("{blocks}, {bytes} wasted"),
                _ => String::new(),
            }
        });
        // Asked for before the capture begins, in a gap, or never.
        self.both("request not seen", |page, end| {
            let (blocks, bytes) = unasked(end.requests.fates);
            match blocks {
                Some(blocks) if !page.is_asking_known(end) => format!("{blocks}, {bytes}"),
                _ => String::new(),
            }
        });
        self.both("latency", |_, end| span(end.requests.latency));
        self.both("  median, 95 %", |_, end| middle(end.requests.latency));
    }

    /// Whether what a side is not seen to ask for was not asked for.
    fn is_asking_known(&self, end: &End<'_>) -> bool {
        self.card.profiles[end.side.index()].is_whole && end.requests.forgotten == 0
    }

    /// How many requests were open, against what the other side accepts.
    fn queues(&mut self) {
        self.both("requests open", |page, end| {
            if end.requests.fates.asked == 0 {
                return String::new();
            }
            let limit = page.card.profiles[end.side.other().index()].limits.reqq;
            let limit = limit.map(|limit| format!(" of {limit} (reqq)"));
            format!(
                "at most {}{}",
                end.requests.deepest,
                limit.unwrap_or_default()
            )
        });
        self.both("  over time", |page, end| {
            let Some(course) = &page.card.course else {
                return String::new();
            };
            let queue = &course.sides[end.side.index()].queue;
            let depth = |queue: &Queue| u64::from(queue.most.unwrap_or(queue.last));
            let series = series(queue, depth);
            let most = series.iter().copied().max().unwrap_or(0);
            bars(&series, || most.to_string())
        });
    }

    /// How the packets of a uTP connection went.
    fn utp(&mut self) {
        let Some(utp) = &self.card.utp else {
            return;
        };
        utp::push(self, utp);
    }

    /// What each side can do, and what it did.
    fn capabilities(&mut self) {
        for Capability { name, sides } in capabilities(self.card) {
            let name = Safe::from(&name[..]).to_string();
            let label = clipped(&name, LABEL_COLUMNS - 1).into_owned();
            let is_bad = sides.iter().any(|side| side.is_unannounced);
            let role = if is_bad { Role::Warning } else { Role::Plain };
            self.row(&label, &sides.map(capability_words), role);
        }
    }
}

type Fate = (&'static str, fn(&RequestFigures) -> u64);

const FATES: [Fate; 5] = [
    ("  repeated", |all| all.fates.repeated),
    ("  answered", |all| all.fates.answered),
    ("  rejected", |all| all.fates.rejected),
    ("  cancelled", |all| all.fates.cancelled),
    ("  choked away", |all| all.fates.choked_away),
];

fn capability_words(side: CapabilitySide) -> String {
    let announced = match side.announced {
        Some(true) => "announced",
        Some(false) => "not announced",
        None => NOT_SEEN,
    };
    match (side.used, side.is_unannounced) {
        (0, _) => announced.to_owned(),
        (used, false) => format!("{announced}, sent {used}"),
        (used, true) => format!("! {announced}, sent {used}"),
    }
}

/// Blocks that came without a request in the capture, and their bytes.
fn unasked(fates: Fates) -> (Option<Count>, Bytes) {
    let blocks = Some(fates.unasked_pieces).filter(|blocks| *blocks > 0);
    let blocks = blocks.map(|blocks| Count(blocks, "block"));
    (blocks, Bytes(fates.unasked_bytes))
}

/// A count; nothing where nothing was counted.
fn counted(count: u64) -> String {
    match count {
        0 => String::new(),
        count => count.to_string(),
    }
}

/// From the shortest to the longest.
fn span(figures: Option<LatencyFigures>) -> String {
    figures.map_or(String::new(), |all| {
        between(Latency(all.min), Latency(all.max))
    })
}

/// The median and the 95th percentile.
fn middle(figures: Option<LatencyFigures>) -> String {
    let both = figures.and_then(|all| all.median.zip(all.p95));
    both.map_or(String::new(), |(median, p95)| {
        format!("{}, {}", Latency(median), Latency(p95))
    })
}

/// How many bins one bar stands for.
fn wide<T: Merge>(bins: &Bins<T>) -> usize {
    bins.all().len().div_ceil(BARS).max(1)
}

/// A series of few values: of bins together their sum, or of depths the most.
fn series<T: Merge>(bins: &Bins<T>, value: impl Fn(&T) -> u64) -> Vec<u64> {
    let all: Vec<T> = bins.all().map(|(_, bin)| bin.clone()).collect();
    let merged = all.chunks(wide(bins)).map(|bins| {
        let mut merged = T::default();
        for bin in bins {
            merged.merge(bin);
        }
        value(&merged)
    });
    merged.collect()
}

/// `▁▃█ up to MOST`; nothing of a series that has nothing.
fn bars(series: &[u64], most: impl Fn() -> String) -> String {
    let top = u128::from(series.iter().copied().max().unwrap_or(0));
    if top == 0 {
        return String::new();
    }
    let steps = HEIGHTS.len() as u128;
    let bar = |value: &u64| {
        let height = (u128::from(*value) * steps).div_ceil(top).max(1);
        HEIGHTS[(height as usize - 1).min(HEIGHTS.len() - 1)]
    };
    let drawn: String = series.iter().map(bar).collect();
    format!("{drawn} to {}", most())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_has_few_bars() {
        let mut bins: Bins<u64> = Bins::new(Timestamp::from_nanos(0));
        for milli in 0..100_u64 {
            *bins.at(Timestamp::from_nanos(i128::from(milli) << 20)) += milli;
        }
        let values = series(&bins, |value| *value);
        assert!(values.len() <= BARS);
        assert_eq!(values.iter().sum::<u64>(), 4950);
        assert_eq!(bars(&[0, 4, 8], || "8".to_owned()), "▁▄█ to 8");
        assert_eq!(bars(&[0], || "0".to_owned()), "");
    }
}
