//! Dumps and what they mean, on standard output.

use std::fmt::Display;

use super::args::HexArgs;
use super::made::{self, Made};
use super::subject::{LoggedWords, Pasted};
use super::{looks, remarks, told};
use crate::cli::output::Output;
use crate::notation::TextError;
use crate::paste::{Context, Dump, Logged, Rest};
use crate::pasted::{self, Names, Reading, Sample, Stretch};
use crate::session::Certainty;
use crate::view::style::Role;
use crate::view::{ArrayWriter, LogLine, Origin, Place, Printer, Record};

/// Fewer messages that are the same as the one before are all shown.
const MIN_RUN: usize = 8;

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
        let printer = |format| Printer::new(format, looks::options(args));
        let shape = match args.to {
            Some(to) => to.language().map_or(Shape::Words, |language| {
                Shape::Source(ArrayWriter::new(language))
            }),
            None => Shape::Messages(Box::new(printer(looks::format(args)))),
        };
        Self {
            out: Output::new(),
            forced: args.reading.map(|reading| reading.0),
            names: Names::new(args.map.iter().map(|(name, id)| (name.as_str(), *id))),
            is_damaged: false,
            after_message: false,
            log: printer(looks::log_format(args)),
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
        self.line(Role::Label, &remarks::heading(dump, reading, others));
        let parts = pasted::messages(&sample, reading, &mut self.names);
        self.parts(dump, &parts);
        for gap in &dump.gaps {
            self.line(Role::Problem, &remarks::gap(gap));
        }
        if let Some(end) = remarks::end(dump, &parts) {
            self.line(Role::Problem, &end);
        }
    }

    /// Shows the messages of a dump.
    fn parts(&mut self, dump: &Dump, parts: &[Stretch<'_>]) {
        self.is_damaged = !dump.gaps.is_empty();
        let mut rest = parts;
        while let [part, after @ ..] = rest {
            let place = dump.place(part.at);
            let (line, column) = (place.line, place.column);
            self.part(Origin::Text(Place { line, column }), part);
            if let Some((role, words)) = remarks::item(part) {
                self.line(role, &words);
            }
            rest = self.without_run(dump, part, after);
        }
        self.is_damaged = false;
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
        let made = Made::from(encoded);
        let sample = Sample {
            is_cut: said.rest != Rest::Nothing,
            ..Sample::new(&made.bytes)
        };
        for part in pasted::messages(&sample, made.reading, &mut self.names) {
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
            certainty: Certainty::Certain,
            fields: None,
            subject: &LoggedWords(words),
        };
        if let Shape::Messages(_) = self.shape {
            self.out.write(|out| self.log.record(out, &record));
        }
    }

    /// Makes a message of words, and shows it.
    pub fn encode(&mut self, words: &str) -> Result<(), TextError> {
        let made = Made::of_words(words, &mut self.names)?;
        let sample = Sample::new(&made.bytes);
        for part in pasted::messages(&sample, made.reading, &mut self.names) {
            self.part(Origin::Made, &part);
        }
        Ok(())
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
            certainty: Certainty::Certain,
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
                let words = made::words(&dissected.message, part.bytes);
                self.out.write(|out| writeln!(out, "{words}"));
            }
        }
        self.after_message = true;
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
