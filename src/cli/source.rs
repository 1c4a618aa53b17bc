//! The capture files that a command reads, and which of their packets.

use crate::capture::{self, FileSource};
use crate::pipeline::{Observer, Pipeline};
use crate::session::Torrents;

use super::args::Input;
use super::trouble::{Told, tell};
use super::{files, keylog, misplaced, torrents};

/// The files of a command that can be read.
pub struct Opened {
    /// Reads them.
    pub source: FileSource,
    /// Whether all of those asked for are among them.
    pub all: Result<(), Told>,
}

/// Opens the files of `input`, and says at once which cannot be opened.
///
/// # Errors
///
/// When none of them can be opened.
pub fn open(input: &Input) -> anyhow::Result<Opened> {
    let captures = input.files();
    files::check_stdin(&captures, input.torrent.iter().chain(&input.keylog))?;
    let (source, troubles) = capture::open_readable(&captures);
    let mut all = Ok(());
    for trouble in &troubles {
        all = Err(tell(trouble));
    }
    let missing = troubles.iter().map(|trouble| &*trouble.file);
    let missing: Vec<_> = missing.filter(|path| !path.exists()).collect();
    if let Some(hint) = misplaced::hint(&missing) {
        tell(hint);
    }
    if source.is_empty() {
        all?;
    }
    Ok(Opened { source, all })
}

/// An analysis of what `input` selects, with the torrents and keys that it names.
///
/// # Errors
///
/// When one of these is of no use.
pub fn pipeline<'o>(input: &Input, observer: &'o mut dyn Observer) -> anyhow::Result<Pipeline<'o>> {
    knowing(input, torrents::load(&input.torrent)?, observer)
}

/// The same with the torrents of `input` already read, for an observer that wants to
/// know them too: standard input cannot be read again.
///
/// # Errors
///
/// When a file of keys or the packet filter is of no use.
pub fn knowing<'o>(
    input: &Input,
    torrents: Torrents,
    observer: &'o mut dyn Observer,
) -> anyhow::Result<Pipeline<'o>> {
    let keys = keylog::load(&input.keylog)?;
    let pipeline = Pipeline::new(observer, torrents).with_ports(&input.ports);
    let pipeline = keylog::attach(pipeline, keys, input.files());
    match &input.packet_filter {
        Some(expression) => filtered(pipeline, expression),
        None => Ok(pipeline),
    }
}

#[cfg(feature = "live")]
#[allow(clippy::unnecessary_wraps)] // Fails without the feature.
fn filtered<'o>(pipeline: Pipeline<'o>, expression: &str) -> anyhow::Result<Pipeline<'o>> {
    let mut filter = capture::PacketFilter::new(expression);
    Ok(pipeline.with_filter(move |packet| filter.matches(packet)))
}

#[cfg(not(feature = "live"))]
fn filtered<'o>(_: Pipeline<'o>, _: &str) -> anyhow::Result<Pipeline<'o>> {
    anyhow::bail!(
        "packet filters (-f) need libpcap, and this peerscope was built without it; \
         -p PORT does not"
    )
}
