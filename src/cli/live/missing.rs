//! `peerscope live` where it cannot be.

use crate::cli::args::LiveArgs;

/// Says that the command is not in this program.
pub fn run(_: &LiveArgs) -> anyhow::Result<()> {
    run_without()
}

/// Says that sniffing is not in this program.
pub fn run_without() -> anyhow::Result<()> {
    anyhow::bail!("sniffing needs libpcap, and this peerscope was built without it")
}
