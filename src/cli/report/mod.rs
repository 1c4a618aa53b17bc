//! `peerscope report`: what is in captures, as one HTML page.

mod listener;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use clap::Args;

use super::args::{Chosen, Habits, Input};
use super::census;
use super::files;
use super::nothing;
use super::output::Output;
use super::place::Place;
use super::progress::Progress;
use super::selection::Selection;
use super::source;
use super::torrents;
use super::trouble::{self, tell};
use crate::capture::{self, Existing};
use crate::compare::{Comparison, Options, Recorders, Refusal, Session};
use crate::filter::Filter;
use crate::report::Digest;
use crate::swarm::Swarm;
use crate::view::html::{Capture, Names, Page, Scope, write_page};
use listener::Listener;

pub(super) const EXAMPLES: &str = "\
Examples:
  peerscope report capture.pcap -o report.html
  peerscope report --anonymize capture.pcap -o report.html
                                               to be passed on to strangers
  peerscope report --stream 3 capture.pcap -o report.html
                                               about one connection
  peerscope report mine.pcap reference.pcap -o report.html
                                               two captures compared
  peerscope report all.pcap:stream=3 all.pcap:stream=7 -o report.html
  peerscope report --together dump0.pcap dump1.pcap -o report.html
                                               two files of one capture
  peerscope report -q capture.pcap -o - | gzip > report.html.gz

Two FILEs are compared as peerscope diff does, whatever they are; one FILE, or more
than two, are one capture.

Exit status: 0 fine; 2 trouble: a file or connection that is missing, no capture,
cut or damaged. What could be read of it and of the others is in the page all the
same.";

/// `peerscope report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    #[command(flatten)]
    pub input: Input,

    #[command(flatten)]
    pub chosen: Chosen,

    /// Where the page goes; one that is there is replaced; - is standard output
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: PathBuf,

    /// Read two FILEs as one capture instead of comparing them
    #[arg(long)]
    pub together: bool,

    /// Give other names to what tells of people and of what they share: addresses,
    /// peer ids, info-hashes, names, URLs, tokens. What stays is said in the page
    #[arg(long)]
    pub anonymize: bool,

    #[command(flatten)]
    pub habits: Habits,
}

/// Runs the command.
pub fn run(args: &ReportArgs) -> anyhow::Result<()> {
    let names = Rc::new(if args.anonymize {
        Names::aliased()
    } else {
        Names::own()
    });
    match &args.input.files()[..] {
        [one, other] if !args.together => compare(args, [one, other], &names),
        files => {
            files::check_output(&args.output, &args.input.all_files())?;
            let read = read(args, &args.input, None, &names)?;
            let captures = [Capture {
                files: &called(files),
                digest: &read.digest,
                swarms: &read.swarms,
                notes: &read.notes,
            }];
            write(args, &captures, None, &names)?;
            read.all
        }
    }
}

/// Reads two captures, and compares a session of each.
fn compare(args: &ReportArgs, files: [&PathBuf; 2], names: &Rc<Names>) -> anyhow::Result<()> {
    if !args.habits.quiet {
        tell("two FILEs are compared; --together reads them as one capture");
    }
    let [one, other] = files.map(|file| Place::parse(&file.to_string_lossy()));
    let places = [one?, other?];
    let files = places.each_ref().map(|place| place.file.clone());
    let [input_a, input_b] = files
        .each_ref()
        .map(|file| args.input.of_files(vec![file.clone()]));
    // Both captures are read with them.
    let others = [&args.input.torrent, &args.input.keylog];
    let others = others.into_iter().chain(others).flatten();
    files::check_stdin(&files, others.clone())?;
    files::check_output(&args.output, files.iter().chain(others))?;
    let recorders = |place: &Place| Some(Recorders::new(place.stream));
    let a = read(args, &input_a, recorders(&places[0]), names)?;
    let b = read(args, &input_b, recorders(&places[1]), names)?;
    let comparison = match (a.session, b.session) {
        (Some(Ok(a)), Some(Ok(b))) => Some(Comparison::new([a, b], &Options::default())),
        (a, b) => {
            for (place, session) in places.iter().zip([a, b]) {
                if let Some(Err(refusal)) = session {
                    tell(format_args!("{}: {refusal}", place.name));
                }
            }
            None
        }
    };
    let [file_a, file_b] = files.map(|file| called(&[file]));
    let captures = [
        Capture {
            files: &file_a,
            digest: &a.digest,
            swarms: &a.swarms,
            notes: &a.notes,
        },
        Capture {
            files: &file_b,
            digest: &b.digest,
            swarms: &b.swarms,
            notes: &b.notes,
        },
    ];
    write(args, &captures, comparison.as_ref(), names)?;
    a.all.and(b.all)
}

/// What was read of a capture.
struct Read {
    digest: Digest,
    /// Who took part in its torrents.
    swarms: Vec<Swarm>,
    /// What was not kept, a line each.
    notes: Vec<String>,
    /// The session to be compared, where one was asked for.
    session: Option<Result<Session, Refusal>>,
    /// What was wrong with the files.
    all: anyhow::Result<()>,
}

/// Reads a capture, also for the session that `recorders` are to keep.
fn read(
    args: &ReportArgs,
    input: &Input,
    recorders: Option<Recorders>,
    names: &Rc<Names>,
) -> anyhow::Result<Read> {
    let opened = source::open(input)?;
    let mut source = Progress::new(opened.source)
        .beside_output()
        .unless(args.habits.quiet);
    let selection = Selection::of_files(&args.chosen, input)?;
    let mut listener = Listener::new(selection, names, recorders);
    let torrents = torrents::load(&input.torrent)?;
    listener.collector.know(&torrents);
    let mut pipeline = source::knowing(input, torrents, &mut listener)?;
    let run = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    let counted = listener
        .census
        .map(|census| census.finish(&learned.torrents, &learned.hosts));
    let (mut swarms, left_out) = counted.unwrap_or_default();
    census::sort(&mut swarms);
    let mut notes: Vec<_> = trouble::not_kept(&learned).collect();
    notes.extend(census::left_out(left_out));
    for note in &notes {
        tell(note);
    }
    let missing = listener.selection.missing(false);
    let has_found = listener.collector.has_heard();
    let all = run.map_err(Into::into).and(opened.all.map_err(Into::into));
    let all =
        all.and_then(|()| nothing::tell(&learned.overview, &missing, has_found, args.habits.quiet));
    let web_seeds = &learned.overview.web_seeds;
    let chosen = listener.recorders.map(Recorders::choose);
    Ok(Read {
        digest: listener.collector.finish(&learned.ends, web_seeds),
        swarms,
        notes,
        session: chosen.map(|chosen| chosen.map(|(session, _)| session)),
        all,
    })
}

/// What a page calls files: their folders are nobody's business.
fn called(files: &[PathBuf]) -> String {
    let name = |file: &PathBuf| {
        if files::is_stdin(file) {
            return "standard input".to_owned();
        }
        let name = file.file_name().unwrap_or(file.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let names: Vec<_> = files.iter().map(name).collect();
    names.join(", ")
}

fn write(
    args: &ReportArgs,
    captures: &[Capture<'_>],
    comparison: Option<&Comparison>,
    names: &Names,
) -> anyhow::Result<()> {
    let filter = args.chosen.filter.as_ref().map(Filter::text);
    let scope = Scope::of(filter, &args.chosen.stream);
    let page = write_page(&Page {
        captures,
        comparison,
        scope: scope.as_ref(),
        names,
    });
    put(&args.output, &page)
}

/// Writes the page to a file or to standard output.
fn put(path: &Path, page: &str) -> anyhow::Result<()> {
    if files::is_stdin(path) {
        let mut out = Output::new();
        out.write(|out| out.write_all(page.as_bytes()));
        return out.finish();
    }
    let name = || path.display().to_string();
    let created = capture::create(path, Existing::Replace).with_context(name)?;
    let mut file = created.into_file();
    file.write_all(page.as_bytes()).with_context(name)
}
