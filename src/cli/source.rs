//! The capture files that a command reads.

use crate::capture::{self, FileSource};

use super::args::Input;
use super::trouble::{Told, tell};

/// The files of a command that can be read.
pub struct Opened {
    /// Reads them.
    pub source: FileSource,
    /// Whether all of those asked for are among them.
    pub all: Result<(), Told>,
}

/// Opens the files of `input`, and says at once which cannot be opened; only the
/// packets that its filter lets by are read.
///
/// # Errors
///
/// When none of them can be opened, or the filter is of no use.
pub fn open(input: &Input) -> anyhow::Result<Opened> {
    let (mut source, troubles) = capture::open_readable(&input.files());
    let mut all = Ok(());
    for trouble in &troubles {
        all = Err(tell(trouble));
    }
    if source.is_empty() {
        all?;
    }
    if let Some(expression) = &input.packet_filter {
        filter(&mut source, expression)?;
    }
    Ok(Opened { source, all })
}

#[cfg(feature = "live")]
#[allow(clippy::unnecessary_wraps)] // Fails without the feature.
fn filter(source: &mut FileSource, expression: &str) -> anyhow::Result<()> {
    let mut filter = capture::PacketFilter::new(expression);
    source.retain(move |packet| filter.matches(packet));
    Ok(())
}

#[cfg(not(feature = "live"))]
fn filter(_: &mut FileSource, _: &str) -> anyhow::Result<()> {
    anyhow::bail!("packet filters (-f) need libpcap, and this peerscope was built without it")
}
