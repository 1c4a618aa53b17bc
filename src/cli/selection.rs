//! What is shown of what is decoded: `--filter` and `--stream`.

use std::path::PathBuf;

use anyhow::bail;

use super::args::{Chosen, Input};
use super::files;
use super::source;
use super::trouble::tell;
use crate::capture;
use crate::filter::{Fates, Filter};
use crate::packet::Stamp;
use crate::pipeline::{Interest, Observer, StreamSet};
use crate::session::{ConnectionEvent, Ended, Heard, WebPart};
use crate::wire::MessageSet;

/// Which messages are shown.
#[derive(Debug, Default)]
pub struct Selection {
    filter: Option<Filter>,
    /// Numbers of connections; all if there are none.
    streams: Vec<u64>,
    unmet: Unmet,
}

/// Connections that were asked for by their numbers and that nothing was told of yet;
/// as an observer it hears of all that there are.
#[derive(Debug, Default)]
pub struct Unmet(Vec<u64>);

impl Unmet {
    /// Nothing was told yet.
    pub fn of(streams: &[u64]) -> Self {
        Self(streams.to_vec())
    }

    /// There is a connection of this number.
    fn meet(&mut self, stream: u64) {
        self.0.retain(|unmet| *unmet != stream);
    }

    /// Those that there are not, once everything was told.
    pub fn missing(&self) -> &[u64] {
        &self.0
    }
}

impl Observer for Unmet {
    fn interest(&self) -> Interest {
        Interest::of_connections()
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.meet(heard.stream);
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.meet(ended.connection.stream);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        event
            .stream
            .into_iter()
            .for_each(|stream| self.meet(stream));
    }

    fn web(&mut self, part: &WebPart<'_>) {
        self.meet(part.stream);
    }
}

impl Selection {
    /// What `chosen` says of captures that are read. Where it asks for what comes
    /// later, they are read once for that.
    pub fn of_files(chosen: &Chosen, input: &Input) -> anyhow::Result<Self> {
        let mut selection = Self::of(chosen);
        if let Some(filter) = selection
            .filter
            .as_mut()
            .filter(|filter| filter.needs_fates())
        {
            filter.know(fates(input)?);
        }
        Ok(selection)
    }

    /// What `chosen` says of packets that come as they are sent.
    #[cfg(feature = "live")]
    pub fn of_live(chosen: &Chosen) -> anyhow::Result<Self> {
        let selection = Self::of(chosen);
        if selection.filter.as_ref().is_some_and(Filter::needs_fates) {
            bail!(
                "whether a request is `unanswered` shows only later: record the packets (-w FILE) \
                 and read that"
            );
        }
        Ok(selection)
    }

    fn of(chosen: &Chosen) -> Self {
        Self {
            filter: chosen.filter.clone(),
            streams: chosen.stream.clone(),
            unmet: Unmet::of(&chosen.stream),
        }
    }

    /// Whether everything is shown.
    pub fn is_everything(&self) -> bool {
        self.filter.is_none() && self.streams.is_empty()
    }

    /// The messages that it has to be asked about where only connections are
    /// shown.
    pub fn needs(&self) -> MessageSet {
        if self.is_everything() {
            MessageSet::NONE
        } else {
            MessageSet::ALL
        }
    }

    /// The connections that it has to be asked about.
    pub fn streams(&self) -> StreamSet {
        if self.streams.is_empty() {
            StreamSet::All
        } else {
            StreamSet::only(self.streams.clone())
        }
    }

    /// The capture begins.
    pub fn begin(&mut self, first: Stamp) {
        if let Some(filter) = &mut self.filter {
            filter.begin(first);
        }
    }

    /// Whether a message is shown.
    pub fn passes(&mut self, heard: &Heard<'_>) -> bool {
        self.meets(heard.stream)
            && self
                .filter
                .as_mut()
                .is_none_or(|filter| filter.passes(heard))
    }

    /// Whether the beginning or the end of a connection is shown: a filter is of
    /// messages.
    pub fn has_event(&mut self, stream: Option<u64>) -> bool {
        stream.map_or(self.is_everything(), |stream| self.has_stream(stream))
    }

    /// Whether a connection is chosen by its number alone.
    pub fn has_stream(&mut self, stream: u64) -> bool {
        self.meets(stream) && self.filter.is_none()
    }

    /// There is a connection of this number: whether it is chosen by that.
    pub fn meets(&mut self, stream: u64) -> bool {
        self.unmet.meet(stream);
        self.streams.is_empty() || self.streams.contains(&stream)
    }

    /// The numbers that were asked for and are of no connection that was told of:
    /// none where one was done before the end, as what comes later was not looked at.
    pub fn missing(&self, is_done: bool) -> Vec<u64> {
        if is_done {
            Vec::new()
        } else {
            self.unmet.missing().to_vec()
        }
    }
}

/// Reads the captures for what becomes of requests. What is wrong with them is
/// told when they are read again.
fn fates(input: &Input) -> anyhow::Result<Fates> {
    let captures = input.files();
    let mut others = input.torrent.iter().chain(&input.keylog);
    let is_again = |path: &PathBuf| files::can_be_read_twice(path);
    if !captures.iter().all(is_again) || others.any(|path| files::is_stdin(path)) {
        bail!(
            "whether a request is `unanswered` shows only later, so that the capture has to be \
             read twice: write it to a FILE first"
        );
    }
    let (mut source, _) = capture::open_readable(&captures);
    let mut survey = Survey::default();
    let mut pipeline = source::pipeline(input, &mut survey)?;
    let _ = pipeline.run(&mut source);
    pipeline.finish();
    if survey.0.left_out() > 0 {
        let count = survey.0.left_out();
        tell(format_args!(
            "{count} unanswered requests too many: they are not shown as such"
        ));
    }
    Ok(survey.0)
}

#[derive(Default)]
struct Survey(Fates);

impl Observer for Survey {
    fn interest(&self) -> Interest {
        Interest {
            messages: MessageSet::NONE,
            ..Interest::default()
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.0.ended(ended);
    }
}
