//! Both readings of the captures, and what is written of them.

use std::io::Write;

use anyhow::bail;

use super::captures::{Captures, Sums};
use super::{ExtractArgs, interrupted, telling};
use crate::capture::FileSource;
use crate::cli::args::Input;
use crate::cli::progress::Progress;
use crate::cli::selection::Unmet;
use crate::cli::{nothing, source, torrents, trouble};
use crate::extract::{Catalog, Collector, Options, Output, PieceMap, Spool, Survey};
use crate::pipeline::{Learned, Observer};
use crate::view::{write_manifest, write_piece_map};

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

    let (mut survey, mut unmet) = (Survey::default(), Unmet::of(&args.stream));
    let opened = source::open(input)?;
    let mut listeners = (&mut survey, &mut unmet);
    let source = opened.source.with_cut_end(captures.is_cut());
    let (read, learned) = each_packet(args, input, source, &mut listeners)?;
    all = all.and(opened.all);
    let (learned, overview) = (learned.torrents, learned.overview);
    trouble::tell_left_out(&learned);
    let surveyed = survey.finish();
    telling::tell_left_out(&surveyed);
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
        let sums = sums.map(Sums::finish).unwrap_or_default();
        let written = output.put(MANIFEST, |out| write_manifest(out, &extracted, &sums));
        if let Err(error) = written {
            trouble.get_or_insert(error.into());
        }
    }
    telling::print(args, &extracted)?;
    telling::tell_rest(args, &extracted);
    if let Some(trouble) = trouble {
        return Err(trouble);
    }
    read?;
    all?;
    nothing::all_there(&overview, unmet.missing())
}

/// Reads the captures, and tells `observer`.
fn each_packet(
    args: &ExtractArgs,
    input: &Input,
    source: FileSource,
    observer: &mut dyn Observer,
) -> anyhow::Result<(anyhow::Result<()>, Learned)> {
    let mut source = Progress::new(source)
        .beside_output()
        .unless(args.habits.quiet);
    let mut pipeline = source::pipeline(input, observer)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    Ok((read.map_err(Into::into), learned))
}
