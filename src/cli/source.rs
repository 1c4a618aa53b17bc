//! The capture files that a command reads.

use crate::capture::{self, FileSource};

use super::args::Input;

/// Opens the files of `input`; only the packets that its filter lets by are
/// read.
pub fn open(input: &Input) -> anyhow::Result<FileSource> {
    let mut source = capture::open(&input.files())?;
    if let Some(expression) = &input.packet_filter {
        filter(&mut source, expression)?;
    }
    Ok(source)
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
