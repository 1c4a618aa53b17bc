//! From what the session heard to what the printer shows.

use std::io::{self, Write};

use serde_json::Value as Json;

use super::brief::Brief;
use super::describer::Describer;
use super::document::Document;
use super::facts;
use super::line::push_hole;
use super::printer::Printer;
use super::record::{Captured, Gap, Origin, Record, Subject};
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::{Conversation, Heard, Hole, Transition};
use crate::wire::client::Client;
use crate::wire::{Problem, Tree};

impl Printer {
    /// Whether [`Printer::heard`] writes this at all: of a gap within a message
    /// people learn from the incomplete message.
    pub fn shows(&self, heard: &Heard<'_>) -> bool {
        let hole = heard.content.hole();
        hole.is_none_or(|hole| self.is_json() || !hole.within_message)
    }

    /// Writes a message or a gap.
    pub fn heard(&mut self, out: &mut dyn Write, heard: &Heard<'_>) -> io::Result<()> {
        if !self.shows(heard) {
            return Ok(());
        }
        if let Some(hole) = heard.content.hole() {
            return self.gap(out, &gap(heard, hole));
        }
        let shows_clients = self.shows_clients();
        with_record(heard, shows_clients, |record| self.record(out, record))
    }
}

impl Describer {
    /// Appends a message or a gap.
    pub fn heard(&mut self, document: &mut Document, heard: &Heard<'_>) {
        if let Some(hole) = heard.content.hole() {
            return self.gap(document, &gap(heard, hole));
        }
        let shows_clients = self.shows_clients();
        with_record(heard, shows_clients, |record| self.record(document, record));
    }

    /// Appends the words of a message or gap alone, few of them, with every anomaly, for a table
    /// that has its own columns for the rest.
    pub fn heard_words(&mut self, document: &mut Document, heard: &Heard<'_>) {
        if let Some(hole) = heard.content.hole() {
            return push_hole(document, hole);
        }
        with_record(heard, false, |record| {
            let brief = Record {
                summary: &Brief(heard),
                ..*record
            };
            self.words(document, &brief, heard.carrier);
        });
    }
}

/// Gives `show` the record of a message that was heard. Names of clients cost
/// something, and are there if they are asked for.
pub fn with_record<R>(
    heard: &Heard<'_>,
    with_clients: bool,
    show: impl FnOnce(&Record<'_>) -> R,
) -> R {
    let names = with_clients.then(|| clients(heard));
    let names = names
        .as_ref()
        .map(|names| names.each_ref().map(Option::as_deref));
    show(&Record {
        origin: Origin::Capture(Captured {
            clients: names.unwrap_or_default(),
            ..Captured::of_heard(heard)
        }),
        protocol: heard.protocol(),
        message: heard.message_name(),
        length: heard.length,
        summary: heard,
        bytes: heard.bytes,
        missing: heard.missing,
        malformed: heard.problem().and_then(Problem::malformed),
        inferred: heard.is_inferred(),
        certainty: heard.certainty(),
        fields: heard.fields,
        subject: heard,
    })
}

impl Subject for Heard<'_> {
    fn dissect(&self, tree: &mut Tree) {
        Heard::dissect(self, tree);
    }

    fn facts(&self) -> Vec<(&'static str, Json)> {
        facts::json(Heard::facts(self))
    }

    fn decoded(&self, tree: &mut Tree) -> Option<Vec<u8>> {
        self.dissect_decoded(tree)
    }
}

impl<'a> Captured<'a> {
    /// Where a message was heard.
    pub(super) fn of_heard(heard: &'a Heard<'a>) -> Self {
        Self {
            time: heard.last.time,
            frame: heard.last.frame,
            first_frame: heard.first.frame,
            stream: Some(heard.stream),
            carrier: heard.carrier,
            src: heard.src,
            dst: heard.dst,
            unsent: heard.unsent,
            answers: answered(heard),
            clients: [None; 2],
            heard: Some(heard),
        }
    }
}

/// What the message answers.
fn answered(heard: &Heard<'_>) -> Option<Stamp> {
    let request = heard.transition.and_then(Transition::answered);
    request.or_else(|| heard.query())
}

fn gap(heard: &Heard<'_>, hole: &Hole) -> Gap {
    Gap {
        time: heard.last.time,
        frame: heard.last.frame,
        stream: heard.stream,
        carrier: heard.carrier,
        src: heard.src,
        dst: heard.dst,
        offset: heard.offset,
        hole: *hole,
    }
}

/// Names of the clients of sender and receiver.
fn clients(heard: &Heard<'_>) -> [Option<String>; 2] {
    [heard.from, heard.from.other()].map(|side| client(heard.conversation?, side))
}

fn client(conversation: &Conversation, side: Side) -> Option<String> {
    let handshake = conversation.speaker(side).handshake?;
    Client::from_peer_id(&handshake.peer_id).map(|client| client.to_string())
}
