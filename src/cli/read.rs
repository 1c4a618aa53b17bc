//! `peerscope read`: every message of a capture, in one of the views.

use crate::pipeline::Pipeline;

use super::args::ReadArgs;
use super::keylog;
use super::progress::Progress;
use super::show::Show;
use super::source;
use super::torrents;

/// Runs the command.
pub fn run(args: &ReadArgs) -> anyhow::Result<()> {
    let torrents = torrents::load(&args.input.torrent)?;
    let keys = keylog::load(&args.input.keylog)?;
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source);
    let mut show = Show::new(&args.view);
    let mut pipeline = Pipeline::new(&mut show, torrents).with_keys(keys);
    let read = pipeline.run(&mut source);
    pipeline.finish();
    drop(source);
    show.close()?;
    read?;
    Ok(opened.all?)
}
