//! Messages in words: the document of each, line by line.

use super::clock::Clock;
use super::document::Document;
use super::dump::Message;
use super::hexdump::push_dump;
use super::line::{LineWriter, Run, push_kind};
use super::listing::Listing;
use super::options::{Format, Medium, Options};
use super::record::{Gap, Origin, Record};
use super::style::Role;
use super::tree::push_tree;
use crate::capture::Timestamp;
use crate::flow::Carrier;
use crate::session::ConnectionEvent;
use crate::wire::Tree;

/// Columns before what goes on in another line.
const INDENT: usize = 2;

/// Describes messages one after the other: a line each, and below it what the
/// format has of their fields.
#[derive(Debug)]
pub struct Describer {
    format: Format,
    options: Options,
    line: LineWriter,
    /// In its stead on a terminal.
    listing: Option<Box<Listing>>,
    tree: Tree,
    run: Option<Run>,
}

impl Describer {
    /// For this format; JSON is no document, its messages get their lines alone.
    pub fn new(format: Format, options: Options) -> Self {
        Self {
            format,
            options,
            line: LineWriter::new(Clock::new(options.time), options.clients),
            listing: options
                .fits_lines()
                .then(|| Box::new(Listing::new(options))),
            tree: Tree::new(),
            run: None,
        }
    }

    /// Relative times count from here: the time of the capture's first packet.
    /// Without this call they count from the first message shown.
    pub fn start(&mut self, first: Timestamp) {
        self.line.start(first);
        if let Some(listing) = &mut self.listing {
            listing.start(first);
        }
    }

    /// Whether lines name the clients.
    pub fn shows_clients(&self) -> bool {
        self.options.clients
    }

    /// Appends a message.
    pub fn record(&mut self, document: &mut Document, record: &Record<'_>) {
        if self.continues_run(record) {
            return;
        }
        if matches!(record.origin, Origin::Capture(_)) {
            self.begin(document);
        }
        self.finish(document);
        self.run = (!self.options.unfold).then(|| Run::begin(record)).flatten();
        let aligned = self.is_listing();
        if aligned && self.options.medium == Medium::Pipe {
            self.line.record(document, record, aligned, None);
            return;
        }
        let mut own = std::mem::take(&mut self.tree);
        let tree = record.fields(&mut own);
        // Below the line of a message its fields tell of their anomalies.
        if let (Some(listing), Origin::Capture(captured)) = (&mut self.listing, &record.origin) {
            let none = Tree::new();
            let told = if aligned { tree } else { &none };
            listing.record(document, record, captured, told);
        } else {
            let told = aligned.then_some(tree);
            if self.options.fits_lines() {
                let mut line = Document::new(document.is_styled());
                self.line.record(&mut line, record, aligned, told);
                self.push(document, &line);
            } else {
                self.line.record(document, record, aligned, told);
            }
        }
        if !aligned {
            self.details(document, record, tree);
        }
        self.tree = own;
        if !aligned {
            self.decoded(document, record);
        }
    }

    /// Appends the words of a message alone, without what its line begins with, and
    /// without ending the line.
    pub fn words(&mut self, document: &mut Document, record: &Record<'_>, carrier: Carrier) {
        self.tree.clear();
        record.subject.dissect(&mut self.tree);
        push_kind(document, record, carrier);
        self.line.words(document, record, Some(&self.tree));
    }

    /// Appends lines that may be longer than a terminal has columns.
    pub fn push(&self, document: &mut Document, lines: &Document) {
        let columns = if self.options.fits_lines() {
            self.options.columns
        } else {
            usize::MAX
        };
        for line in lines.lines() {
            document.push_wrapped(line, columns, INDENT);
        }
    }

    /// Appends a gap.
    pub fn gap(&mut self, document: &mut Document, gap: &Gap) {
        self.begin(document);
        self.finish(document);
        match &mut self.listing {
            Some(listing) => listing.gap(document, gap),
            None => self.line.gap(document, gap, self.is_listing()),
        }
    }

    /// Appends what happened to a connection.
    pub fn event(&mut self, document: &mut Document, event: &ConnectionEvent) {
        self.begin(document);
        self.finish(document);
        match &mut self.listing {
            Some(listing) => listing.event(document, event),
            None => self.line.event(document, event, self.is_listing()),
        }
    }

    /// Appends what is still to be said of the messages so far.
    pub fn finish(&mut self, document: &mut Document) {
        if let Some(run) = self.run.take().filter(|run| run.more > 0) {
            match &mut self.listing {
                Some(listing) => listing.run(document, &run),
                None => self.line.run(document, &run, self.is_listing()),
            }
        }
    }

    /// Appends what the columns are, before the first line.
    fn begin(&mut self, document: &mut Document) {
        if let (Format::Line, Some(listing)) = (self.format, &mut self.listing) {
            listing.titles(document);
        }
    }

    /// A message is a line, and no more.
    fn is_listing(&self) -> bool {
        self.format == Format::Line
    }

    /// Whether the message is one more keep-alive of a packet that was shown to
    /// hold one: a packet can hold hundreds, and they say nothing.
    fn continues_run(&mut self, record: &Record<'_>) -> bool {
        match &mut self.run {
            Some(run) if run.holds(record) => {
                run.more += 1;
                true
            }
            _ => false,
        }
    }

    fn details(&self, document: &mut Document, record: &Record<'_>, tree: &Tree) {
        let message = Message::of(record, tree, self.options.medium);
        push_fields(document, &message, self.format, self.options);
    }

    /// Appends what the message holds in another form than it was sent.
    fn decoded(&mut self, document: &mut Document, record: &Record<'_>) {
        self.tree.clear();
        let Some(bytes) = record.subject.decoded(&mut self.tree) else {
            return;
        };
        document.spaces(2);
        document.role(Role::Quiet);
        document.push("the decoded body (offsets are within it)");
        document.end_line();
        let message = Message::decoded(&bytes, &self.tree, self.options.medium);
        push_fields(document, &message, self.format, self.options);
    }
}

fn push_fields(document: &mut Document, message: &Message<'_>, format: Format, options: Options) {
    let (columns, unfold) = (options.columns, options.unfold);
    match format {
        Format::Hex => push_dump(document, message, columns, unfold),
        _ => push_tree(document, message, columns, unfold),
    }
}
