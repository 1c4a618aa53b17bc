//! Dumps and what they mean, on standard output.

use std::fmt::{Display, Write as _};

use serde_json::Value as Json;

use super::args::HexArgs;
use super::told;
use crate::cli::output::Output;
use crate::notation::{self, Protocol, TextError};
use crate::paste::{self, Context, Dump, Gap, Logged, Missing, Rest};
use crate::pasted::{self, Candidate, Meaning, Names, Reading, Sample, Stretch};
use crate::view::style::Role;
use crate::view::{
    ArrayWriter, ColorChoice, Format, LogLine, Medium, Options, Origin, Place, Printer, Record,
    Subject, peer_facts, style,
};
use crate::wire::extension::ExtendedId;
use crate::wire::words::Count;
use crate::wire::{Message, Note, Tree};

/// Fewer messages that are the same as the one before are all shown.
const MIN_RUN: usize = 8;

/// Columns of text that is to be pasted elsewhere.
const PLAIN_COLUMNS: usize = 80;

/// Shows dumps in one of the views.
pub struct Show {
    shape: Shape,
    out: Output,
    forced: Option<Reading>,
    names: Names,
    /// The dump that is shown lacks values that were damaged.
    is_damaged: bool,
    /// A message was shown last: a blank line keeps words apart from it.
    after_message: bool,
    /// Shows messages of logs: a listing, unless a view is asked for.
    log: Printer,
    /// Whether runs of equal messages are one line.
    folds: bool,
    /// Whose log was headed last.
    log_of: Option<&'static str>,
}

enum Shape {
    Messages(Box<Printer>),
    Source(ArrayWriter),
    Words,
}

impl Show {
    /// Shows on standard output as `args` say.
    pub fn new(args: &HexArgs) -> Self {
        let shape = match args.to {
            Some(to) => to.language().map_or(Shape::Words, |language| {
                Shape::Source(ArrayWriter::new(language))
            }),
            None => Shape::Messages(Box::new(Printer::new(format(args), options(args)))),
        };
        Self {
            out: Output::new(),
            forced: args.reading.map(|reading| reading.0),
            names: Names::new(args.map.iter().map(|(name, id)| (name.as_str(), *id))),
            is_damaged: false,
            after_message: false,
            log: Printer::new(log_format(args), options(args)),
            folds: matches!(shape, Shape::Messages(_)) && !args.json && args.hex < 2,
            shape,
            log_of: None,
        }
    }

    /// Ends the output.
    pub fn close(self) -> anyhow::Result<()> {
        self.out.finish()
    }

    /// Shows words around dumps.
    pub fn context(&mut self, context: &Context<'_>) {
        for line in context.lines() {
            if std::mem::take(&mut self.after_message) {
                self.line(Role::Plain, "");
            }
            self.line(Role::Quiet, line);
        }
    }

    fn line(&mut self, role: Role, words: &str) {
        if let Shape::Messages(printer) = &mut self.shape {
            self.out.write(|out| printer.remark(out, role, &words));
        }
    }

    /// Shows a dump by its best reading; `label` is the words before it.
    pub fn dump(&mut self, dump: &Dump, label: &str) {
        let sample = sample(dump, label);
        let readings = pasted::readings(&sample);
        let best = readings.first().map_or(Reading::Bytes, |best| best.reading);
        let reading = self.forced.unwrap_or(best);
        let others = if self.forced.is_some() {
            &[]
        } else {
            &readings[1..]
        };
        self.line(Role::Label, &heading(dump, reading, others));
        let parts = pasted::messages(&sample, reading, &mut self.names);
        let is_damaged = |gap: &Gap| matches!(gap.missing, Missing::Damaged { .. });
        self.is_damaged = dump.gaps.iter().any(is_damaged);
        let mut rest = &parts[..];
        while let [part, after @ ..] = rest {
            let place = dump.place(part.at);
            let (line, column) = (place.line, place.column);
            self.part(Origin::Text(Place { line, column }), part);
            self.item(part);
            rest = self.without_run(dump, part, after);
        }
        self.is_damaged = false;
        for gap in &dump.gaps {
            let (place, path) = (gap.place, &gap.path);
            let words = match &gap.missing {
                Missing::Unprinted(shown) => format!("  {place} not printed: {path} ({shown})"),
                Missing::Damaged { lost, length } => format!(
                    "  {place} damaged: {path}, {lost} of {} were lost before this was printed",
                    Count(*length as u64, "byte")
                ),
            };
            self.line(Role::Problem, &words);
        }
        if let Some(place) = dump.repeats {
            let words = format!(
                "  {place} the last row is there again, and nothing says how often (od -v prints all)"
            );
            self.line(Role::Problem, &words);
            return;
        }
        if let Some(place) = dump.breaks {
            let words = format!(
                "  breaks at {place}: bytes were lost there before this was printed, or a length is wrong"
            );
            self.line(Role::Problem, &words);
            return;
        }
        let goes_on = |part: &Stretch<'_>| part.is_cut && part.missing() == 0;
        if parts.last().is_some_and(goes_on) {
            self.line(Role::Problem, "  cut here: more bytes followed");
        }
    }

    /// What is left of the parts behind one: those that are the same again are told in one
    /// line, as nobody reads the zeros behind a message in a buffer.
    fn without_run<'p, 'b>(
        &mut self,
        dump: &Dump,
        part: &Stretch<'_>,
        after: &'p [Stretch<'b>],
    ) -> &'p [Stretch<'b>] {
        if !self.folds {
            return after;
        }
        let is_same = |next: &&Stretch<'_>| next.bytes == part.bytes && next.missing() == 0;
        let count = after.iter().take_while(is_same).count();
        if count < MIN_RUN {
            return after;
        }
        let (same, rest) = after.split_at(count);
        let last = dump.place(same[count - 1].at);
        let words = format!("  … {count} more like it, up to {last}");
        self.line(Role::Quiet, &words);
        rest
    }

    /// Shows a message of which a log tells.
    pub fn logged(&mut self, logged: &Logged<'_>) {
        if self.log_of != Some(logged.client) {
            self.log_of = Some(logged.client);
            self.line(Role::Label, &format!("[log of {}]", logged.client));
        }
        let (line, column) = (logged.place.line, logged.place.column);
        let origin = Origin::Log(LogLine {
            place: Place { line, column },
            client: logged.client,
            time: logged.time,
            direction: logged.direction.name(),
            peer: logged.peer,
        });
        let said = &logged.said;
        let Some(encoded) = told::bytes(said, &|name| self.names.id(name)) else {
            self.named(origin, said.name, said.words);
            return;
        };
        let reading = reading_of(encoded.protocol);
        let sample = Sample {
            is_cut: said.rest != Rest::Nothing,
            ..Sample::new(&encoded.bytes)
        };
        for part in pasted::messages(&sample, reading, &mut self.names) {
            match told::reserved(said, part.bytes) {
                Some(summary) => self.part_as(origin, &part, Some(&summary)),
                None => self.part(origin, &part),
            }
        }
        // A log is a listing: its words and messages stay together.
        self.after_message = false;
    }

    /// Shows a message of which nothing but its name and some words are known.
    fn named(&mut self, origin: Origin<'_>, name: &'static str, words: &str) {
        let summary = told::summary(name, words);
        let record = Record {
            origin,
            protocol: "peer",
            message: name,
            length: 0,
            summary: &summary,
            bytes: &[],
            missing: 0,
            malformed: None,
            inferred: false,
            certainty: crate::session::Certainty::Certain,
            fields: None,
            subject: &LoggedWords(words),
        };
        if let Shape::Messages(_) = self.shape {
            self.out.write(|out| self.log.record(out, &record));
        }
    }

    /// Says of a stored item where it belongs, and whether its signature holds.
    fn item(&mut self, part: &Stretch<'_>) {
        let meaning = part.dissect(&mut ()).message;
        let Meaning::Message(Message::Dht(message)) = &meaning else {
            return;
        };
        let Some(item) = pasted::item(message) else {
            return;
        };
        let target = hex::encode(item.target);
        let (role, words) = match item.is_signed {
            None => (Role::Quiet, format!("  immutable item, target {target}")),
            Some(true) => (
                Role::Quiet,
                format!("  signature verified, target {target}"),
            ),
            Some(false) => (
                Role::Problem,
                format!("  the signature does not hold, target {target}"),
            ),
        };
        self.line(role, &words);
    }

    /// Makes a message of words, and shows it.
    pub fn encode(&mut self, words: &str) -> Result<(), TextError> {
        if let Some(object) = paste::read_object(words) {
            if let Some(gap) = object.gaps.first() {
                let column = gap.place.column;
                let reason = match &gap.missing {
                    Missing::Unprinted(shown) => {
                        format!("`{shown}` stands for the value of `{}`", gap.path)
                    }
                    Missing::Damaged { .. } => format!("the value of `{}` is damaged", gap.path),
                };
                return Err(TextError { column, reason });
            }
            self.object(&object);
            return Ok(());
        }
        let encoded = notation::encode(words, &|name| self.names.id(name))?;
        let sample = Sample::new(&encoded.bytes);
        let reading = reading_of(encoded.protocol);
        for part in pasted::messages(&sample, reading, &mut self.names) {
            self.part(Origin::Made, &part);
        }
        Ok(())
    }

    /// Makes the message of which an object is the dictionary.
    fn object(&mut self, object: &Dump) {
        let sample = Sample::new(&object.bytes);
        let best = pasted::readings(&sample).first().map(|best| best.reading);
        let mut reading = best.unwrap_or(Reading::Bencode);
        let parts = pasted::messages(&sample, reading, &mut self.names);
        let framed = parts.first().and_then(|part| {
            let meaning = part.dissect(&mut ()).message;
            let Meaning::Extended(extended) = &meaning else {
                return None;
            };
            let id = match &extended.name {
                Some(name) => self.names.id(name)?,
                None => ExtendedId::HANDSHAKE,
            };
            let payload = hex::encode(&object.bytes);
            let words = format!("extended extended_id={} payload={payload}", id.0);
            notation::encode(&words, &|_| None).ok()
        });
        let bytes = match &framed {
            Some(framed) => {
                reading = Reading::Peer;
                &framed.bytes
            }
            None => &object.bytes,
        };
        for part in pasted::messages(&Sample::new(bytes), reading, &mut self.names) {
            self.part(Origin::Made, &part);
        }
    }

    fn part(&mut self, origin: Origin<'_>, part: &Stretch<'_>) {
        self.part_as(origin, part, None);
    }

    /// Shows a message in words of its own, if there are such.
    fn part_as(&mut self, origin: Origin<'_>, part: &Stretch<'_>, summary: Option<&dyn Display>) {
        let dissected = part.dissect(&mut ());
        let record = Record {
            origin,
            protocol: dissected.message.protocol(),
            message: dissected.message.name(),
            length: part.length as u64,
            summary: summary.unwrap_or(&dissected.message),
            bytes: part.bytes,
            missing: part.missing(),
            // What it needs may be what was damaged.
            malformed: dissected.malformed().filter(|_| !self.is_damaged),
            inferred: dissected.message.is_inferred(),
            certainty: crate::session::Certainty::Certain,
            fields: None,
            subject: &Pasted {
                stretch: part,
                meaning: &dissected.message,
                is_damaged: self.is_damaged,
            },
        };
        match &mut self.shape {
            Shape::Messages(_) if matches!(origin, Origin::Log(_)) => {
                self.out.write(|out| self.log.record(out, &record));
            }
            Shape::Messages(printer) => self.out.write(|out| printer.record(out, &record)),
            Shape::Source(writer) => self.out.write(|out| writer.record(out, &record)),
            Shape::Words => {
                let words = words(&dissected.message, part.bytes);
                self.out.write(|out| writeln!(out, "{words}"));
            }
        }
        self.after_message = true;
    }
}

/// How bytes are read that were made of words.
fn reading_of(protocol: Protocol) -> Reading {
    match protocol {
        Protocol::Handshake => Reading::Handshake,
        Protocol::Peer => Reading::Peer,
        Protocol::Dht => Reading::Dht,
        Protocol::Utp => Reading::Utp,
        Protocol::UdpTracker => Reading::UdpTracker,
        Protocol::HttpTracker => Reading::HttpTracker,
        Protocol::Lsd => Reading::Lsd,
        Protocol::Bencode => Reading::Bencode,
        Protocol::Bytes => Reading::Bytes,
    }
}

/// A stretch of pasted bytes, and what it means.
struct Pasted<'p, 'b> {
    stretch: &'p Stretch<'b>,
    meaning: &'p Meaning<'b>,
    /// Values of it were damaged: what it needs may be among them.
    is_damaged: bool,
}

impl Subject for Pasted<'_, '_> {
    fn dissect(&self, tree: &mut Tree) {
        self.stretch.dissect(tree);
        if self.is_damaged {
            tree.forget_notes(|note| matches!(note, Note::Malformed(_)));
        }
    }

    fn facts(&self) -> Vec<(&'static str, Json)> {
        facts(self.meaning)
    }

    fn decoded(&self, tree: &mut Tree) -> Option<Vec<u8>> {
        match self.meaning {
            Meaning::Message(message) => message.dissect_decoded(self.stretch.bytes, tree),
            _ => None,
        }
    }
}

/// What a log says of a message whose bytes it does not have.
struct LoggedWords<'w>(&'w str);

impl Subject for LoggedWords<'_> {
    fn dissect(&self, _: &mut Tree) {}

    fn facts(&self) -> Vec<(&'static str, Json)> {
        let said = (!self.0.is_empty()).then(|| ("said", self.0.into()));
        said.into_iter().collect()
    }
}

/// What identification needs of a dump.
pub fn sample<'b>(dump: &'b Dump, label: &'b str) -> Sample<'b> {
    Sample {
        bytes: &dump.bytes,
        is_cut: dump.cut.is_some(),
        missing: dump.cut.and_then(|cut| cut.missing),
        label,
    }
}

fn format(args: &HexArgs) -> Format {
    if args.json {
        Format::Json
    } else if args.tree {
        Format::Tree
    } else if args.line {
        Format::Line
    } else {
        Format::Hex
    }
}

/// That of messages of which logs tell in words: their bytes are made, and shown on
/// demand.
fn log_format(args: &HexArgs) -> Format {
    match format(args) {
        Format::Hex if args.hex == 0 => Format::Line,
        format => format,
    }
}

fn options(args: &HexArgs) -> Options {
    let choice = ColorChoice::from(args.color);
    Options {
        colour: !args.plain && choice.for_stdout(),
        columns: if args.plain {
            PLAIN_COLUMNS
        } else {
            style::stdout_columns()
        },
        unfold: args.hex > 1,
        medium: if args.plain {
            Medium::Pipe
        } else {
            Medium::of_stdout()
        },
        ..Options::default()
    }
}

/// `[Node buffer, 5 bytes: peer; or --as bencode]`
fn heading(dump: &Dump, reading: Reading, others: &[Candidate]) -> String {
    let bytes = Count(dump.bytes.len() as u64, "byte");
    let mut text = format!("[{}, {bytes}", dump.form);
    match dump.cut {
        Some(cut) if cut.missing.is_some() => {
            let _ = write!(
                text,
                " of {}",
                dump.bytes.len() as u64 + cut.missing.unwrap_or(0)
            );
        }
        Some(_) => text.push_str(", cut here"),
        None => {}
    }
    if reading != Reading::Bytes {
        let _ = write!(text, ": {reading}");
    }
    for (index, other) in others.iter().enumerate() {
        text.push_str(if index == 0 { "; or --as " } else { ", " });
        text.push_str(other.reading.name());
    }
    text.push(']');
    text
}

/// What makes these bytes when it is encoded.
fn words(meaning: &Meaning<'_>, bytes: &[u8]) -> String {
    let words = match meaning {
        Meaning::Message(message) => notation::of_message(message, bytes),
        Meaning::Extended(_) | Meaning::Other { .. } => notation::of_bencode(bytes),
    };
    words.unwrap_or_else(|| notation::of_bytes(bytes))
}

fn facts(meaning: &Meaning<'_>) -> Vec<(&'static str, Json)> {
    match meaning {
        Meaning::Message(Message::Peer(message)) => peer_facts(message),
        Meaning::Message(Message::Dht(message)) => {
            let method = message.method().map(|method| method.to_string());
            let method = method.map(|method| ("method", method.into()));
            let item = pasted::item(message);
            let target = item.as_ref().map(|item| hex::encode(item.target));
            let verdict = item.and_then(|item| item.is_signed);
            let verdict = verdict.map(|is_signed| {
                if is_signed {
                    "verified"
                } else {
                    "not_verified"
                }
            });
            let item = [
                target.map(|target| ("item_target", target.into())),
                verdict.map(|verdict| ("item_signature", verdict.into())),
            ];
            method
                .into_iter()
                .chain(item.into_iter().flatten())
                .collect()
        }
        _ => Vec::new(),
    }
}
