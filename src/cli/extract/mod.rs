//! `peerscope extract`: what was transferred, as files.

mod args;
pub(super) mod captures;
mod interrupted;

use std::io::Write;

use anyhow::bail;

use super::output::Output as Stdout;
use super::progress::Progress;
use super::trouble::tell;
use super::{source, torrents, trouble};
use crate::capture::FileSource;
use crate::extract::{
    Catalog, Collector, Extracted, Options, Output, PieceData, PieceMap, Spool, Survey, Surveyed,
};
use crate::pipeline::{Bodies, BodyChunk, Interest, Observer};
use crate::session::{Heard, Torrents, WebPart};
use crate::view::quantity::Bytes;
use crate::view::terminal::Terminal;
use crate::view::{
    ColorChoice, push_extracted, push_raw, write_extracted_json, write_manifest, write_piece_map,
};
use crate::wire::words::Count;

use captures::Captures;

pub(super) use args::{EXAMPLES, ExtractArgs};

/// What says what was written.
const MANIFEST: &str = "manifest.json";

/// Runs the command.
pub fn run(args: &ExtractArgs) -> anyhow::Result<()> {
    if !args.list && args.output.is_none() {
        bail!("where to? name a folder with -o DIR, or ask for --list");
    }
    let given = torrents::read(&args.input.torrent)?;
    let mut output = match &args.output {
        Some(place) if !args.list => Some(Output::create(place)?.sparing(&args.input.all_files())),
        _ => None,
    };
    if let Some(output) = &mut output {
        output.claim(MANIFEST.to_owned());
        interrupted::clean_up(output.staging());
    }
    let spool = || match &output {
        Some(output) => output.spool(),
        None => Spool::new(std::env::temp_dir()),
    };
    let captures = Captures::of(&args.input, spool)?;
    let sums = output.is_some().then(|| captures.sum());
    let input = captures.input();
    let mut all = Ok(());

    let mut survey = Survey::default();
    let opened = source::open(input)?;
    let (read, learned) = each_packet(args, input, opened.source, &mut survey)?;
    all = all.and(opened.all);
    trouble::tell_left_out(&learned);
    let surveyed = survey.finish();
    tell_left_out(&surveyed);
    let catalog = Catalog::new(given, &learned, surveyed);

    let options = Options {
        partial: args.partial,
        raw: args.raw,
        streams: args.stream.clone(),
    };
    let spool = spool();
    let mut collector = Collector::new(catalog, output, spool, options);
    // What is wrong with the files was told when they were opened first.
    let (again, _) = crate::capture::open_readable(&input.files());
    let _ = each_packet(args, input, again, &mut collector)?;
    let map = |out: &mut dyn Write, map: &PieceMap<'_>| write_piece_map(out, map);
    let (extracted, output, trouble) = collector.finish(&map);

    let mut trouble = trouble.map(anyhow::Error::from);
    if let Some(mut output) = output {
        let sums = sums.map(captures::Sums::finish).unwrap_or_default();
        let written = output.put(MANIFEST, |out| write_manifest(out, &extracted, &sums));
        if let Err(error) = written {
            trouble.get_or_insert(error.into());
        }
    }
    print(args, &extracted)?;
    tell_rest(args, &extracted);
    if let Some(trouble) = trouble {
        return Err(trouble);
    }
    read?;
    Ok(all?)
}

/// Reads the captures, and tells `observer`.
fn each_packet(
    args: &ExtractArgs,
    input: &super::args::Input,
    source: FileSource,
    observer: &mut dyn Observer,
) -> anyhow::Result<(anyhow::Result<()>, Torrents)> {
    let mut source = Progress::new(source)
        .beside_output()
        .unless(args.habits.quiet);
    let mut pipeline = source::pipeline(input, observer)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    Ok((read.map_err(Into::into), learned.torrents))
}

fn print(args: &ExtractArgs, extracted: &Extracted) -> anyhow::Result<()> {
    let mut out = Stdout::new();
    if args.json {
        out.write(|out| write_extracted_json(out, extracted));
        return out.finish();
    }
    let mut terminal = Terminal::new(ColorChoice::from(args.color).for_stdout());
    let mut document = terminal.document();
    for torrent in &extracted.torrents {
        push_extracted(&mut document, torrent, &extracted.senders, args.list);
        out.write(|out| terminal.write(out, &document));
        document.clear();
    }
    push_raw(&mut document, extracted);
    out.write(|out| terminal.write(out, &document));
    out.finish()
}

fn tell_left_out(surveyed: &Surveyed) {
    let left_out = surveyed.left_out();
    if left_out > 0 {
        tell(format_args!(
            "{} with piece layers, or with a .torrent file, not kept: too many, or too much in all",
            Count(left_out, "message")
        ));
    }
}

/// What a user should know beside what was written.
fn tell_rest(args: &ExtractArgs, extracted: &Extracted) {
    if extracted.left_out > 0 {
        tell(format_args!(
            "{} of pieces not kept: too many at once, or of one place",
            Count(extracted.left_out, "part")
        ));
    }
    if extracted.left_packed > 0 {
        tell(format_args!(
            "{} of web seeds not read to the end: too many at once, or too much in them",
            Count(extracted.left_packed, "compressed response")
        ));
    }
    if extracted.untried > 0 {
        tell(format_args!(
            "{} not tried with every torrent: name fewer with --torrent",
            Count(extracted.untried, "block")
        ));
    }
    if args.habits.quiet {
        return;
    }
    if extracted.shortened > 0 {
        tell("names too long for files are shortened");
    }
    if extracted.unknown_blocks > 0 {
        let advice = if args.raw {
            ""
        } else {
            ": name its .torrent with --torrent, or keep them apart with --raw"
        };
        let belong = if extracted.unknown_blocks == 1 {
            "belongs"
        } else {
            "belong"
        };
        tell(format_args!(
            "{} ({}) {belong} to no torrent that the capture describes{advice}",
            Count(extracted.unknown_blocks, "block"),
            Bytes(extracted.unknown_bytes)
        ));
    } else if extracted.torrents.is_empty() {
        tell("no data of a torrent in the capture");
    }
}

impl Observer for Survey {
    fn interest(&self) -> Interest {
        Interest {
            web: true,
            ..Interest::default()
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.hear(heard);
    }

    fn web(&mut self, part: &WebPart<'_>) {
        Self::web(self, part);
    }
}

impl Observer for Collector {
    fn interest(&self) -> Interest {
        Interest {
            bodies: Bodies::Chunks,
            web: true,
            ..Interest::default()
        }
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.hear(heard);
    }

    fn body(&mut self, chunk: &BodyChunk<'_>) {
        let sides = [chunk.from, chunk.from.other()];
        Self::body(
            self,
            &PieceData {
                stream: chunk.connection.stream,
                conversation: chunk.conversation,
                ends: sides.map(|side| chunk.connection.address(side)),
                from: chunk.from,
                block: chunk.block,
                offset: chunk.offset,
                bytes: chunk.bytes,
                stamp: chunk.stamp,
            },
        );
    }

    fn web(&mut self, part: &WebPart<'_>) {
        Self::web(self, part);
    }

    fn is_done(&self) -> bool {
        self.is_stuck()
    }
}
