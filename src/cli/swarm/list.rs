//! `peerscope torrents`: everything with an info-hash.

use std::collections::BTreeMap;

use super::TorrentsArgs;
use crate::cli::census::{sort, tell_census};
use crate::cli::extract::captures::Captures;
use crate::cli::extract::tell_unread;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::{nothing, source, torrents, trouble};
use crate::extract::{Catalog, Collector, Extracted, Options, Origin, Spool, Survey};
use crate::pipeline::{Interest, Observer};
use crate::session::{ConnectionEvent, Ended, Heard, WebPart};
use crate::swarm::{Census, Source, Swarm};
use crate::view::grid::Grid;
use crate::view::{ColorChoice, Verified, style, torrent_table, write_torrent_json};
use crate::wire::words::Count;

/// Runs the command.
pub fn run(args: &TorrentsArgs) -> anyhow::Result<()> {
    let given = torrents::read(&args.input.torrent)?;
    let spool = || Spool::new(std::env::temp_dir());
    let captures = Captures::of(&args.input, spool)?;
    let input = captures.input();
    let opened = source::open(input)?;
    let progress = |source| {
        Progress::new(source)
            .beside_output()
            .unless(args.habits.quiet)
    };

    // What there is, and what is known of it.
    let mut first = First::default();
    let mut source = progress(opened.source.with_cut_end(captures.is_cut()));
    let mut pipeline = source::pipeline(input, &mut first)?;
    let read = pipeline.run(&mut source);
    let known = pipeline.finish();
    trouble::tell_forgotten(&known);
    let (mut learned, hosts, overview) = (known.torrents, known.hosts, known.overview);
    drop(source);
    let First { mut census, survey } = first;
    let catalog = Catalog::new(given, &learned, survey.finish());
    for known in &catalog.torrents {
        learned.add(known.content.info.clone());
    }

    // Which pieces are whole.
    let (again, _) = crate::capture::open_readable(&input.files());
    let mut source = progress(again);
    let mut collector = Collector::new(catalog, None, spool(), Options::default());
    let mut pipeline = source::pipeline(input, &mut collector)?;
    // What is wrong with the files is told of the first reading.
    let _ = pipeline.run(&mut source);
    pipeline.finish();
    drop(source);
    let (extracted, _, trouble) = collector.finish(&|_, _| Ok(()));
    add_sources(&mut census, &extracted);

    let (mut swarms, left_out) = census.finish(&learned, &hosts);
    sort(&mut swarms);
    print(args, &swarms, &extracted)?;
    if !args.habits.quiet {
        tell_unlisted(&swarms, &extracted);
    }
    let has_found = overview.peers > 0 || !swarms.is_empty();
    nothing::tell(&overview, &[], has_found, args.habits.quiet)?;
    trouble::tell_left_out(&learned);
    trouble::tell_hosts(&hosts);
    tell_unread(&extracted);
    tell_census(left_out);
    if let Some(trouble) = trouble {
        return Err(trouble.into());
    }
    read?;
    Ok(opened.all?)
}

/// Adds what only the data, or the web, tells of.
fn add_sources(census: &mut Census, extracted: &Extracted) {
    for torrent in &extracted.torrents {
        let hash = torrent.info_hash();
        if torrent.origin == Origin::Http {
            census.add_source(hash, Source::Download);
        }
        let is_web = |sender| {
            extracted
                .senders
                .get(sender)
                .is_some_and(|sender| sender.is_web)
        };
        if torrent.provenance.iter().any(|from| is_web(from.sender)) {
            census.add_source(hash, Source::WebSeed);
        }
    }
}

fn print(args: &TorrentsArgs, swarms: &[Swarm], extracted: &Extracted) -> anyhow::Result<()> {
    let whole: BTreeMap<_, _> = extracted
        .torrents
        .iter()
        .map(|torrent| (torrent.info_hash(), torrent.verified.count()))
        .collect();
    let listed = swarms.iter().map(|swarm| {
        let known = swarm
            .pieces
            .map(|_| whole.get(&swarm.hash).copied().unwrap_or(0));
        (swarm, Verified { pieces: known })
    });
    let mut out = Output::new();
    if args.json {
        for (swarm, verified) in listed {
            out.write(|out| write_torrent_json(out, swarm, verified));
        }
        return out.finish();
    }
    let sought = swarms.iter().filter(|swarm| swarm.is_only_sought()).count();
    let listed = listed.filter(|(swarm, _)| args.all || !swarm.is_only_sought());
    let colour = ColorChoice::from(args.color).for_stdout();
    let mut grid = Grid::new(style::stdout_columns(), colour);
    let table = torrent_table(listed);
    out.write(|out| grid.write(out, &table));
    if sought > 0 && !args.all && !args.habits.quiet {
        trouble::tell(format_args!(
            "{} more only asked for in the DHT: see --all",
            Count(sought as u64, "torrent")
        ));
    }
    out.finish()
}

/// Says which torrents no message names, though there is data of them; and why there may
/// be none to list.
fn tell_unlisted(swarms: &[Swarm], extracted: &Extracted) {
    let mut is_any_told = false;
    for torrent in &extracted.torrents {
        let hash = torrent.info_hash();
        let verified = torrent.verified.count();
        if verified > 0 && !swarms.iter().any(|swarm| swarm.hash == hash) {
            is_any_told = true;
            trouble::tell(format_args!(
                "{} is named by no message, but {verified} of its {} pieces are there: \
                 see `peerscope extract --list`",
                hex::encode(hash),
                torrent.verified.pieces()
            ));
        }
    }
    if swarms.is_empty() && !is_any_told && extracted.unknown_blocks > 0 {
        trouble::tell(format_args!(
            "no info-hash in the capture: {} of a torrent that is not known; \
             name its .torrent with --torrent",
            Count(extracted.unknown_blocks, "block")
        ));
    }
}

/// The first reading.
#[derive(Default)]
struct First {
    census: Census,
    survey: Survey,
}

impl Observer for First {
    fn interest(&self) -> Interest {
        self.census.interest()
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.census.hear(heard);
        self.survey.hear(heard);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.census.ended(ended);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.census.connection(event);
    }

    fn web(&mut self, part: &WebPart<'_>) {
        self.census.web(part);
        self.survey.web(part);
    }
}
