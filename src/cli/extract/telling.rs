//! What the command says of what it did.

use super::ExtractArgs;
use crate::cli::output::Output;
use crate::cli::trouble::tell;
use crate::extract::{Extracted, Surveyed, UnreadReason};
use crate::view::quantity::Bytes;
use crate::view::terminal::Terminal;
use crate::view::text::Safe;
use crate::view::{ColorChoice, push_extracted, push_raw, write_extracted_json};
use crate::wire::words::Count;

/// The torrents and their files, on standard output.
pub(super) fn print(args: &ExtractArgs, extracted: &Extracted) -> anyhow::Result<()> {
    let mut out = Output::new();
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

/// What the first reading did not keep.
pub(super) fn tell_left_out(surveyed: &Surveyed) {
    let left_out = surveyed.left_out();
    if left_out > 0 {
        tell(format_args!(
            "{} with piece layers, or with a .torrent file, not kept: too many, or too much in all",
            Count(left_out, "message")
        ));
    }
}

/// Responses with data that cannot be read.
pub fn tell_unread(extracted: &Extracted) {
    let Some(unread) = &extracted.unread else {
        return;
    };
    let responses = Count(unread.count, "HTTP response");
    let first = if unread.count > 1 {
        "the first in "
    } else {
        ""
    };
    let (frame, coding) = (unread.frame, Safe(&unread.coding));
    match unread.reason {
        UnreadReason::Coding => tell(format_args!(
            "{responses} not read: packed as {coding} ({first}packet {frame}); \
             only gzip and deflate are read"
        )),
        UnreadReason::Range => tell(format_args!(
            "{responses} not read: a range of what is packed as {coding} \
             ({first}packet {frame}), which cannot be read alone"
        )),
    };
}

/// What a user should know beside what was written.
pub(super) fn tell_rest(args: &ExtractArgs, extracted: &Extracted) {
    if extracted.left_out > 0 {
        tell(format_args!(
            "{} of pieces not kept: too many at once, or of one place",
            Count(extracted.left_out, "part")
        ));
    }
    if extracted.left_packed > 0 {
        tell(format_args!(
            "{} not read to the end: too many at once, or too much in them",
            Count(extracted.left_packed, "compressed HTTP response")
        ));
    }
    tell_unread(extracted);
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
