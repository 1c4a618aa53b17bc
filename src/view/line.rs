//! One line a message: frame, time, addresses, and the message in words.

mod event;

use std::net::SocketAddr;

use super::clock::Clock;
use super::document::Document;
use super::number::{push_socket, push_u64};
use super::record::{Captured, Gap, LogLine, Origin, Place, Record};
use super::remarks::{Cut, push_deviation};
use super::style::Role;
use super::text::{Safe, fitting, width};
use crate::capture::Timestamp;
use crate::flow::Carrier;
use crate::session::{Certainty, Hole};
use crate::wire::words::Count;
use crate::wire::{Severity, Tree};

/// Widest that the column of addresses gets by itself: two IPv4 addresses with
/// ports. Longer ones push what follows to the right.
const MAX_ENDS: usize = 21 + 3 + 21;

/// Bytes that the words of one message get: several lines of a terminal, far
/// more than a real client fills. (The name in an extended handshake alone can
/// have a megabyte.)
const MAX_WORDS: usize = 1000;

/// Anomalies of one message that its line tells.
const MAX_ANOMALIES: usize = 3;

/// Columns that a client's name gets.
const MAX_CLIENT: usize = 32;

/// Writes lines whose columns stay where they are: each is as wide as the widest
/// value so far.
#[derive(Debug)]
pub struct LineWriter {
    clock: Clock,
    show_clients: bool,
    frame_width: usize,
    time_width: usize,
    ends_width: usize,
    /// The two directions of the latest connection, as a rule.
    ends: [Ends; 2],
    /// Which of them was not used last.
    older_ends: usize,
    scratch: String,
}

/// `SRC > DST`, written once and copied from then on.
#[derive(Debug, Default)]
struct Ends {
    of: Option<(SocketAddr, SocketAddr)>,
    text: String,
    width: usize,
}

/// Keep-alives of one packet after the first, which stand in one line.
#[derive(Debug)]
pub struct Run {
    captured: Captured<'static>,
    /// How many.
    pub more: u64,
}

impl Run {
    /// A run may follow this message, if it is a keep-alive.
    pub fn begin(record: &Record<'_>) -> Option<Self> {
        let captured = keep_alive(record)?;
        let captured = Captured {
            clients: [None; 2],
            heard: None,
            ..*captured
        };
        Some(Self { captured, more: 0 })
    }

    /// Where they were found.
    pub fn captured(&self) -> &Captured<'static> {
        &self.captured
    }

    /// Whether this message belongs to it.
    pub fn holds(&self, record: &Record<'_>) -> bool {
        keep_alive(record).is_some_and(|captured| {
            captured.frame == self.captured.frame
                && captured.stream == self.captured.stream
                && captured.src == self.captured.src
        })
    }
}

/// Where a keep-alive of a capture was found.
fn keep_alive<'r>(record: &'r Record<'_>) -> Option<&'r Captured<'r>> {
    match &record.origin {
        Origin::Capture(captured) if record.message == "keep_alive" => Some(captured),
        _ => None,
    }
}

impl LineWriter {
    /// A writer that shows times by `clock`, and clients' names if asked to.
    pub fn new(clock: Clock, show_clients: bool) -> Self {
        Self {
            clock,
            show_clients,
            frame_width: 0,
            time_width: 0,
            ends_width: 0,
            ends: Default::default(),
            older_ends: 0,
            scratch: String::new(),
        }
    }

    /// Relative times count from here.
    pub fn start(&mut self, first: Timestamp) {
        self.clock.start(first);
    }

    /// The line of a message. `aligned` pads its columns for a listing; without,
    /// it heads a block of details.
    /// The anomalies in `told` stand at its end.
    pub fn record(
        &mut self,
        document: &mut Document,
        record: &Record<'_>,
        aligned: bool,
        told: Option<&Tree>,
    ) {
        match &record.origin {
            Origin::Capture(captured) => self.head(document, captured, protocol(record), aligned),
            Origin::Text(place) => push_place(document, Some(*place), record.protocol),
            Origin::Log(told) => push_told(document, told, aligned),
            Origin::Made => push_place(document, None, record.protocol),
        }
        self.words(document, record, told);
        document.end_line();
    }

    /// What stands behind the head: the message in words, what is wrong with it, and
    /// the anomalies in `told`.
    pub fn words(&mut self, document: &mut Document, record: &Record<'_>, told: Option<&Tree>) {
        document.role(role(record.protocol, record.message));
        document.push_brief(record.summary, MAX_WORDS);
        push_remarks(document, record);
        if let Some(tree) = told {
            self.anomalies(document, tree, record.bytes);
        }
    }

    /// `! WORDS; WORDS`
    fn anomalies(&mut self, document: &mut Document, tree: &Tree, bytes: &[u8]) {
        let mut separator = "  ! ";
        for deviation in tree.deviations().take(MAX_ANOMALIES) {
            self.scratch.clear();
            push_deviation(&mut self.scratch, deviation, bytes);
            document.role(severity_role(deviation.anomaly.severity));
            document.push(separator);
            document.push(&self.scratch);
            separator = "; ";
        }
        let more = tree.deviations().count().saturating_sub(MAX_ANOMALIES);
        if more > 0 {
            document.push_display(format_args!("; and {more} more"));
        }
    }

    /// The line of a gap.
    pub fn gap(&mut self, document: &mut Document, gap: &Gap, aligned: bool) {
        let captured = Captured::of_gap(gap);
        self.head(document, &captured, "peer", aligned);
        push_hole(document, &gap.hole);
        document.end_line();
    }

    /// The line of a run.
    pub fn run(&mut self, document: &mut Document, run: &Run, aligned: bool) {
        self.head(document, &run.captured, "peer", aligned);
        document.role(Role::Quiet);
        document.push_display(format_args!(
            "{} more in this packet",
            Count(run.more, "keep-alive")
        ));
        document.end_line();
    }

    fn head(
        &mut self,
        document: &mut Document,
        head: &Captured<'_>,
        protocol: &str,
        aligned: bool,
    ) {
        document.role(Role::Quiet);
        self.scratch.clear();
        self.scratch.push('#');
        push_u64(&mut self.scratch, head.frame);
        self.frame_width = self.frame_width.max(self.scratch.len());
        document.push(&self.scratch);
        self.pad(document, aligned, self.frame_width);
        self.scratch.clear();
        self.clock.write(&mut self.scratch, head.time);
        self.time_width = self.time_width.max(self.scratch.len());
        if aligned {
            document.spaces(self.time_width - self.scratch.len());
        }
        document.push(&self.scratch);
        document.push(" ");
        document.role(Role::Address);
        let ends = self.ends(head);
        let width = self.ends[ends].width;
        self.ends_width = self.ends_width.max(width.min(MAX_ENDS));
        document.push(&self.ends[ends].text);
        document.role(Role::Plain);
        if aligned {
            document.spaces(self.ends_width.saturating_sub(width));
        }
        document.push(" ");
        push_protocol(document, Some(head.carrier), protocol);
    }

    /// Ends the column of `scratch`, padded on the right.
    fn pad(&self, document: &mut Document, aligned: bool, column: usize) {
        if aligned {
            document.spaces(column.saturating_sub(self.scratch.len()));
        }
        document.push(" ");
    }

    /// `SRC > DST`, with clients where wanted: says which of the two has it. Clients
    /// may become known at any message, so that lines with them are written anew.
    fn ends(&mut self, head: &Captured<'_>) -> usize {
        let of = Some((head.src, head.dst));
        let known = self.ends.iter().position(|ends| ends.of == of);
        let index = known.unwrap_or(self.older_ends);
        self.older_ends = 1 - index;
        let ends = &mut self.ends[index];
        if known.is_none() || self.show_clients {
            ends.of = of;
            ends.write(head, self.show_clients);
        }
        index
    }
}

impl Ends {
    fn write(&mut self, head: &Captured<'_>, show_clients: bool) {
        self.text.clear();
        for (index, end) in [head.src, head.dst].into_iter().enumerate() {
            if index > 0 {
                self.text.push_str(" > ");
            }
            push_socket(&mut self.text, end);
            if let Some(client) = head.clients[index].filter(|_| show_clients) {
                push_client(&mut self.text, client);
            }
        }
        self.width = width(&self.text);
    }
}

/// The protocol, as sure as it is.
fn protocol(record: &Record<'_>) -> &'static str {
    match record.certainty {
        Certainty::Likely if record.protocol == "mse" => "may be mse",
        _ => record.protocol,
    }
}

/// What is not the peer wire over TCP says what it is.
fn push_protocol(document: &mut Document, carrier: Option<Carrier>, protocol: &str) {
    if carrier == Some(Carrier::Utp) && protocol != "utp" {
        document.push("uTP ");
    }
    if protocol != "peer" {
        document.push(protocol);
        document.push(" ");
    }
}

/// What a line of a pasted message begins with.
fn push_place(document: &mut Document, place: Option<Place>, protocol: &str) {
    document.role(Role::Quiet);
    if let Some(place) = place {
        document.push_display(place);
        document.push(" ");
    }
    // The words of these say what they are.
    if !matches!(protocol, "bencode" | "metainfo" | "unknown") {
        push_protocol(document, None, protocol);
    }
}

/// Widest of the words for a direction.
const DIRECTION: usize = "received".len();

/// `3:71 14:27:38 received 10.0.0.1:6881 `
fn push_told(document: &mut Document, told: &LogLine<'_>, aligned: bool) {
    document.role(Role::Quiet);
    document.push_display(told.place);
    document.push(" ");
    if let Some(time) = told.time {
        document.push_display(Safe::from(time));
        document.push(" ");
    }
    document.push(told.direction);
    let gap = if aligned {
        DIRECTION - told.direction.len()
    } else {
        0
    };
    document.spaces(gap + 1);
    if let Some(peer) = told.peer {
        document.push_display(Safe::from(peer));
        document.push(" ");
    }
}

/// Appends ` (CLIENT)`, clipped.
pub(super) fn push_client(out: &mut String, client: &str) {
    let name = Safe::from(client).to_string();
    let shown = fitting(&name, MAX_CLIENT);
    out.push_str(" (");
    out.push_str(shown);
    if shown.len() < name.len() {
        out.push('…');
    }
    out.push(')');
}

/// The colour of an anomaly on the line of its message.
pub(super) fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::Error => Role::Problem,
        Severity::Warning => Role::Warning,
        Severity::Info => Role::Quiet,
    }
}

/// A hole in words.
pub(super) fn push_hole(document: &mut Document, hole: &Hole) {
    document.role(Role::Problem);
    document.push("gap: ");
    document.push_display(hole);
}

/// The protocol of what is not the peer wire over TCP, before its words.
pub(super) fn push_kind(document: &mut Document, record: &Record<'_>, carrier: Carrier) {
    document.role(Role::Plain);
    push_protocol(document, Some(carrier), protocol(record));
}

pub(super) fn push_remarks(document: &mut Document, record: &Record<'_>) {
    if record.inferred {
        document.role(Role::Quiet);
        document.push(" (inferred)");
    }
    if let Some(malformed) = record.malformed {
        document.role(Role::Problem);
        document.push("; malformed: ");
        document.push(malformed.reason());
    }
    if record.missing > 0 {
        document.role(Role::Problem);
        let (length, missing) = (record.length, record.missing);
        let here = length.saturating_sub(missing);
        match record.origin {
            Origin::Capture(Captured { unsent, .. }) => {
                let cut = Cut {
                    length,
                    missing,
                    unsent,
                };
                document.push_display(format_args!("; {cut}"));
            }
            Origin::Log(_) => {
                document.role(Role::Quiet);
                document.push_display(format_args!("; {here} of {length} bytes told"));
            }
            Origin::Text(_) | Origin::Made => {
                document.push_display(format_args!("; cut here: {here} of {length} bytes"));
            }
        }
    }
}

/// The colour of a message: what it is about.
pub(super) fn role(protocol: &str, message: &str) -> Role {
    match message {
        "handshake" | "extended_handshake" | "port" | "keep_alive" => Role::Setup,
        "choke" | "unchoke" | "interested" | "not_interested" => Role::Control,
        "request" | "cancel" | "hash_request" | "ut_metadata_request" => Role::Request,
        "piece" | "hashes" | "ut_metadata_data" => Role::Delivery,
        "reject_request" | "hash_reject" | "ut_metadata_reject" | "error" => Role::Warning,
        "have" | "bitfield" | "have_all" | "have_none" | "suggest_piece" | "allowed_fast"
        | "lt_donthave" | "upload_only" | "share_mode" => Role::Availability,
        "gap" | "unknown" => Role::Problem,
        _ if protocol == "mse" => Role::Setup,
        _ if protocol == "utp" => Role::Quiet,
        _ => Role::Discovery,
    }
}

#[cfg(test)]
mod tests;
