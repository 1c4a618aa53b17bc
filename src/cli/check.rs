//! `peerscope check`: who broke which rule, and why connections ended.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::args::{Chosen, Color, Habits, Input};
use super::maybe::Maybe;
use super::nothing;
use super::output::Output;
use super::progress::Progress;
use super::selection;
use super::source;
use super::torrents;
use super::trouble;
use crate::capture::Timestamp;
use crate::findings::{Checker, Selection, rules};
use crate::packet::Stamp;
use crate::pipeline::{Bodies, Interest, Observer};
use crate::session::{Conflict, ConnectionEvent, Ended, Heard};
use crate::view::{
    ColorChoice, FindingsText, Medium, style, write_findings, write_findings_json,
    write_findings_sarif,
};
use crate::wire::Severity;

pub(super) const EXAMPLES: &str = "\
Examples:
  peerscope check capture.pcap                 what is wrong, and why it ended
  peerscope check --torrent x.torrent capture.pcap
                                               with piece counts and lengths
  peerscope check --rules RQ,FX capture.pcap   of these themes only
  peerscope check --ignore BF-08 capture.pcap  all but this rule
  peerscope check --stream 2 capture.pcap      of this connection
  peerscope check -Y 'request or piece' capture.pcap
                                               about such messages
  peerscope check --fail-on warning --json capture.pcap
                                               in a test of your client
  peerscope check --verify --torrent x.torrent capture.pcap
                                               is the data right?
  peerscope check --sarif capture.pcap >a.sarif   for a CI service
  peerscope explain RQ-04                      what a rule means

Exit status: 0 fine; 1 a rule was broken, as badly as --fail-on says; 2 trouble: a
file or connection that is missing, no capture, cut or damaged.";

/// `peerscope check`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools)] // Options on the command line.
pub struct CheckArgs {
    #[command(flatten)]
    pub input: Input,

    #[command(flatten)]
    pub chosen: Chosen,

    /// Look at these rules only: ids (RQ-04) or themes (RQ), separated by commas
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub rules: Vec<String>,

    /// Leave these rules out
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// The least severity that makes the exit status 1
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    pub fail_on: FailOn,

    /// Also tell of connections that ended in good order and broke no rule
    #[arg(long)]
    pub all: bool,

    /// Print one JSON object a finding, cause or rule that was not evaluated (see
    /// peerscope man json)
    #[arg(long)]
    pub json: bool,

    /// Write SARIF 2.1.0, for CI services
    #[arg(long, conflicts_with = "json")]
    pub sarif: bool,

    /// Also put pieces together and check them by their hashes (PC-04); needs the
    /// torrent, by --torrent or because its metadata is in the capture
    #[arg(long)]
    pub verify: bool,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,

    #[command(flatten)]
    pub habits: Habits,
}

/// The least severity that makes the exit status 1.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FailOn {
    /// Clients close, or a BEP says must
    Error,
    /// A BEP says should, or some clients stumble
    Warning,
    /// Anything at all
    Info,
}

impl From<FailOn> for Severity {
    fn from(fail_on: FailOn) -> Self {
        match fail_on {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Info => Self::Info,
        }
    }
}

/// Runs the command.
pub fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let selection = Selection::new(&args.rules, &args.ignore, &rules::all())?;
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source)
        .beside_output()
        .unless(args.habits.quiet);
    let chosen = selection::Selection::of_files(&args.chosen, &args.input)?;
    let mut checker = if chosen.is_everything() {
        Checker::new(selection)
    } else {
        Checker::choosing(selection)
    };
    if args.verify {
        checker = checker.verifying();
    }
    let mut listener = Listener {
        checker,
        verifies: args.verify,
        chosen,
        maybe: Maybe::new(false),
        first: Timestamp::UNKNOWN,
    };
    let given = torrents::read(&args.input.torrent)?;
    for metainfo in &given {
        listener.checker.know_layers(metainfo);
    }
    let torrents = torrents::of(given);
    listener.checker.know(&torrents);
    let mut pipeline = source::knowing(&args.input, torrents, &mut listener)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    let files = source.begun();
    drop(source);
    let web_seeds = learned.overview.web_seeds.iter();
    web_seeds.for_each(|seed| listener.checker.web_seed(seed));
    let has_found = listener.checker.has_heard();
    let missing = listener.chosen.missing(false);
    let worst = print(args, listener.checker, listener.first, &files)?;
    trouble::tell_learned(&learned);
    read?;
    opened.all?;
    listener.maybe.tell_unread(args.habits.quiet);
    nothing::tell(&learned.overview, &missing, has_found, args.habits.quiet)?;
    let is_bad = worst.is_some_and(|worst| worst >= args.fail_on.into());
    Ok(ExitCode::from(u8::from(is_bad)))
}

fn print(
    args: &CheckArgs,
    checker: Checker,
    first: Timestamp,
    files: &[(u64, PathBuf)],
) -> anyhow::Result<Option<Severity>> {
    let report = checker.report();
    let mut out = Output::new();
    if args.json {
        out.write(|out| write_findings_json(out, &report));
    } else if args.sarif {
        out.write(|out| write_findings_sarif(out, &report, files));
    } else {
        let options = FindingsText {
            columns: style::stdout_columns(),
            colour: ColorChoice::from(args.color).for_stdout(),
            medium: Medium::of_stdout(),
            first,
            all: args.all,
        };
        out.write(|out| write_findings(out, &report, options));
    }
    out.finish()?;
    Ok(report.worst)
}

/// Hands on what the pipeline tells.
struct Listener {
    checker: Checker,
    /// The data of pieces is looked at.
    verifies: bool,
    /// The messages that findings are to be about.
    chosen: selection::Selection,
    /// The connections that may be encrypted: nothing can be found there.
    maybe: Maybe,
    first: Timestamp,
}

impl Observer for Listener {
    fn interest(&self) -> Interest {
        Interest {
            bodies: if self.verifies {
                Bodies::Whole
            } else {
                Bodies::Counted
            },
            ..Interest::of_findings()
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.first = first.time;
        self.chosen.begin(first);
    }

    fn over(&mut self, last: Stamp) {
        self.checker.until(last.time);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        if self.chosen.is_everything() {
            self.checker.hear(heard);
        } else {
            let is_chosen = self.chosen.passes(heard);
            self.checker.hear_as(heard, is_chosen);
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.maybe.ended(ended);
        self.checker.ended(ended);
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        self.checker.contradicted(conflict);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        let is_chosen = self.chosen.has_event(event.stream);
        self.checker.connection_as(event, is_chosen);
    }
}
