//! `peerscope read --write-wireshark`: a capture as Wireshark shows best what
//! peerscope knows of it.
//!
//! Every packet is written, in its order, so that numbers stay what they are;
//! behind them come the messages that no packet shows. Findings are known only when
//! the capture has been read, so it is read up to three times: for the findings,
//! for the packets, and for the messages if there are any.

mod findings;
mod hidden;
mod messages;
mod output;

use std::path::Path;

use anyhow::bail;

use super::args::ReadArgs;
use super::files;
use super::progress::Progress;
use super::selection::Selection;
use super::source;
use super::torrents;
use crate::capture;
use findings::Survey;
use messages::Messages;
use output::Output;

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
    let mut pipeline = source::knowing(&args.input, torrents, &mut survey)?;
    let mut packets = Progress::new(opened.source).beside_output().unless(quiet);
    // What is wrong with the files is told when they are read for their packets.
    let _ = pipeline.run(&mut packets);
    pipeline.finish();
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
    Ok(opened.all?)
}
