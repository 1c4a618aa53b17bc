//! Which connection is followed where none is named.

use std::collections::HashSet;

use anyhow::bail;
use foldhash::fast::RandomState;

use super::FollowArgs;
use crate::capture;
use crate::cli::selection::Selection;
use crate::cli::{files, source};
use crate::packet::Stamp;
use crate::pipeline::Observer;
use crate::session::{Certainty, Ended, Heard};

/// The number of the connection with the most piece data; of equal ones the first.
///
/// # Errors
///
/// When there is none, and when the captures cannot be read twice.
pub fn most_data(args: &FollowArgs) -> anyhow::Result<u64> {
    let captures = args.input.files();
    let mut others = args.input.torrent.iter().chain(&args.input.keylog);
    let is_again = captures.iter().all(|path| files::can_be_read_twice(path))
        && !others.any(|path| files::is_stdin(path));
    if !is_again {
        // What is missing or no capture is told as such.
        drop(source::open(&args.input)?);
        bail!(
            "which connection has the most data shows only at the end: name one (--stream N, \
             as `peerscope sessions` lists them), or write the capture to a FILE first"
        );
    }
    let (mut reader, troubles) = capture::open_readable(&captures);
    if reader.is_empty()
        && let Some(trouble) = troubles.into_iter().next()
    {
        return Err(trouble.into());
    }
    let selection = Selection::of_files(&args.chosen, &args.input)?;
    let mut survey = Survey {
        selection,
        matching: HashSet::default(),
        best: None,
        is_empty: true,
    };
    let mut pipeline = source::pipeline(&args.input, &mut survey)?;
    // What is wrong with the captures is told when they are read again.
    let _ = pipeline.run(&mut reader);
    pipeline.finish();
    match survey.best {
        Some(Best { stream, .. }) => Ok(stream),
        None if survey.is_empty => bail!("there is no BitTorrent connection to follow"),
        None => bail!("no connection has a message for which the filter is true"),
    }
}

struct Survey {
    selection: Selection,
    matching: HashSet<u64, RandomState>,
    best: Option<Best>,
    is_empty: bool,
}

/// The best connection so far.
#[derive(Debug, Clone, Copy)]
struct Best {
    stream: u64,
    /// Whether it is one between peers, its data, its messages.
    rank: (bool, u64, u64),
}

impl Observer for Survey {
    fn begin(&mut self, first: Stamp) {
        self.selection.begin(first);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        let is_news = heard.conversation.is_some() && !self.matching.contains(&heard.stream);
        if is_news && self.selection.passes(heard) {
            self.matching.insert(heard.stream);
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        let stream = ended.connection.stream;
        self.is_empty = false;
        if !self.matching.remove(&stream) {
            return;
        }
        let speakers = &ended.conversation.speakers;
        let is_sure = ended.conversation.certainty > Certainty::Likely;
        let data = speakers.iter().map(|speaker| speaker.payload_bytes).sum();
        let messages = speakers.iter().map(|speaker| speaker.counts.total()).sum();
        let rank = (is_sure, data, messages);
        let is_better = self
            .best
            .is_none_or(|best| rank > best.rank || (rank == best.rank && stream < best.stream));
        if is_better {
            self.best = Some(Best { stream, rank });
        }
    }
}
