//! A capture is read for its page.

use std::rc::Rc;

use super::ReportArgs;
use super::listener::Listener;
use crate::cli::args::Input;
use crate::cli::progress::Progress;
use crate::cli::selection::Selection;
use crate::cli::trouble::{self, tell};
use crate::cli::{census, nothing, source, torrents};
use crate::compare::{Recorders, Refusal, Session};
use crate::report::Digest;
use crate::swarm::Swarm;
use crate::view::html::Names;

/// What was read of a capture.
pub(super) struct Read {
    pub(super) digest: Digest,
    /// Who took part in its torrents.
    pub(super) swarms: Vec<Swarm>,
    /// What was not kept, a line each.
    pub(super) notes: Vec<String>,
    /// The session to be compared, where one was asked for.
    pub(super) session: Option<Result<Session, Refusal>>,
    /// What was wrong with the files.
    pub(super) all: anyhow::Result<()>,
}

/// Reads a capture, also for the session that `recorders` are to keep.
pub(super) fn read(
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
