//! `peerscope read`: every message of a capture, in one of the views.

use anyhow::bail;

use super::args::ReadArgs;
use super::nothing;
use super::progress::Progress;
use super::selection::Selection;
use super::show::Show;
use super::source;
use super::trouble;
use super::wireshark;

/// Runs the command.
pub fn run(args: &ReadArgs) -> anyhow::Result<()> {
    if let Some(path) = &args.write {
        bail!(
            "read lists messages and copies no packets: for a capture of these packets \
             tcpdump -r IN -w {0} FILTER; for one with the findings and the hidden messages \
             in it --write-wireshark {0}",
            path.display()
        );
    }
    if let Some(path) = &args.write_wireshark {
        return wireshark::run(args, path);
    }
    let opened = source::open(&args.input)?;
    let mut source = Progress::new(opened.source).unless(args.habits.quiet);
    let mut show = Show::new(&args.view, Selection::of_files(&args.chosen, &args.input)?);
    let mut pipeline = source::pipeline(&args.input, &mut show)?;
    let read = pipeline.run(&mut source);
    let learned = pipeline.finish();
    drop(source);
    let (has_found, missing) = (show.has_found(), show.missing());
    let (shown, maybe) = show.close();
    shown?;
    trouble::tell_learned(&learned);
    maybe.tell(args.habits.quiet);
    read?;
    opened.all?;
    nothing::tell(&learned.overview, &missing, has_found, args.habits.quiet)
}
