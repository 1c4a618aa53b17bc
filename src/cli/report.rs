//! `peerscope report`: what is in captures, as one HTML page.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Context;
use clap::Args;
use foldhash::fast::RandomState;

use super::args::{Chosen, Habits, Input};
use super::files;
use super::output::Output;
use super::progress::Progress;
use super::selection::Selection;
use super::source;
use super::trouble;
use crate::capture::{self, Existing};
use crate::packet::Stamp;
use crate::pipeline::{AttemptInterest, Interest, Observer};
use crate::report::{Collector, Digest};
use crate::session::{ConnectionEvent, Content, Ended, Heard};
use crate::view::html::{Capture, Names, Page, write_page};

pub(super) const EXAMPLES: &str = "\
Examples:
  peerscope report capture.pcap -o report.html
  peerscope report --anonymize capture.pcap -o report.html
                                               to be passed on to strangers
  peerscope report --stream 3 capture.pcap -o report.html
                                               about one connection
  peerscope report --torrent x.torrent --keylog keys.txt capture.pcap -o report.html
  peerscope report -q capture.pcap -o - | gzip > report.html.gz

Exit status: 0 fine; 2 trouble: a file that is missing, no capture, cut or
damaged. What could be read of it and of the others is in the page all the same.";

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
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source)
        .beside_output()
        .unless(args.habits.quiet);
    let selection = Selection::of_files(&args.chosen, &args.input)?;
    let mut listener = Listener::new(selection, &names);
    let mut pipeline = source::pipeline(&args.input, &mut listener)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    let overview = &learned.overview;
    let digest = listener
        .collector
        .finish(&learned.ends, &overview.web_seeds);
    trouble::tell_left_out(&learned.torrents);
    write(args, &digest, &names)?;
    read?;
    Ok(opened.all?)
}

fn write(args: &ReportArgs, digest: &Digest, names: &Names) -> anyhow::Result<()> {
    let files: Vec<_> = args.input.files().iter().map(|file| name(file)).collect();
    let page = write_page(&Page {
        captures: &[Capture {
            files: &files.join(", "),
            digest,
        }],
        comparison: None,
        names,
    });
    put(&args.output, &page)
}

/// What a page calls a file: the folder is nobody's business.
fn name(file: &Path) -> String {
    if files::is_stdin(file) {
        return "standard input".to_owned();
    }
    let name = file.file_name().unwrap_or(file.as_os_str());
    name.to_string_lossy().into_owned()
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

/// Hands on what the pipeline tells, and whether it is chosen.
struct Listener {
    collector: Collector,
    selection: Selection,
    /// Open connections with a message that was asked for.
    matching: HashSet<u64, RandomState>,
}

impl Listener {
    fn new(selection: Selection, names: &Rc<Names>) -> Self {
        let names = Rc::clone(names);
        let describe = Box::new(move |heard: &Heard<'_>| names.message(heard));
        Self {
            collector: Collector::new(describe, !selection.is_everything()),
            selection,
            matching: HashSet::default(),
        }
    }
}

impl Observer for Listener {
    fn interest(&self) -> Interest {
        Interest {
            packets: true,
            attempts: AttemptInterest::WholeAndLikely,
            ..Interest::default()
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.selection.begin(first);
        self.collector.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        let is_everything = self.selection.is_everything();
        let is_packet = matches!(heard.content, Content::Utp(_));
        let is_chosen = is_everything || (!is_packet && self.selection.passes(heard));
        if is_chosen && !is_everything && heard.conversation.is_some() {
            self.matching.insert(heard.stream);
        }
        self.collector.hear(heard, is_chosen);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        let stream = ended.connection.stream;
        let is_chosen = self.matching.remove(&stream) || self.selection.has_stream(stream);
        self.collector.ended(ended, is_chosen);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        let is_chosen = self.selection.has_event(event.stream);
        self.collector.connection(event, is_chosen);
    }
}
