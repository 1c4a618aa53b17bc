//! Reads a capture for its findings, its packets and what no packet shows.

use super::findings::Survey;
use super::messages::Messages;
use super::output::Output;
use crate::capture;
use crate::cli::args::ReadArgs;
use crate::cli::files;
use crate::cli::nothing;
use crate::cli::progress::Progress;
use crate::cli::selection::{Selection, Unmet};
use crate::cli::source;
use crate::cli::torrents;
use anyhow::bail;
use std::path::Path;

/// Runs the command.
pub fn run(args: &ReadArgs, path: &Path) -> anyhow::Result<()> {
    let captures = args.input.files();
    let is_again = |path: &&Path| files::can_be_read_twice(path);
    if !captures.iter().all(|path| is_again(&path.as_path())) {
        bail!(
            "what is wrong in a capture shows only later, so that it has to be read twice: write \
             it to a FILE first"
        );
    }
    files::check_output(path, &args.input.all_files())?;
    let opened = source::open(&args.input)?;
    let quiet = args.habits.quiet;

    let mut survey = Survey::default();
    let given = torrents::read(&args.input.torrent)?;
    let torrents = torrents::of(given.clone());
    survey.know(&torrents);
    let mut unmet = Unmet::of(&args.chosen.stream);
    let mut listeners = (&mut survey, &mut unmet);
    let mut pipeline = source::knowing(&args.input, torrents, &mut listeners)?;
    let mut packets = Progress::new(opened.source).beside_output().unless(quiet);
    // What is wrong with the files is told when they are read for their packets.
    let _ = pipeline.run(&mut packets);
    let overview = pipeline.finish().overview;
    drop(packets);

    let (has_hidden, comments) = survey.close();
    let mut output = Output::create(path)?;
    let (mut packets, _) = capture::open_readable(&captures);
    let read = output.copy(&mut packets, &comments)?;
    if has_hidden {
        let selection = Selection::of_files(&args.chosen, &args.input)?;
        let mut messages = Messages::new(selection, &mut output);
        let torrents = torrents::of(given);
        let mut pipeline = source::knowing(&args.input, torrents, &mut messages)?;
        let (mut packets, _) = capture::open_readable(&captures);
        let _ = pipeline.run(&mut packets);
        pipeline.finish();
        messages.close()?;
    }
    output.close(quiet)?;
    read?;
    opened.all?;
    nothing::all_there(&overview, unmet.missing())
}
