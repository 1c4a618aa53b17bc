//! `peerscope live`: every message that goes by on an interface.

#[cfg(all(unix, feature = "live"))]
mod privileges;
#[cfg(all(unix, feature = "live"))]
mod recording;
#[cfg(all(unix, feature = "live"))]
mod sniffing;
#[cfg(all(unix, feature = "live"))]
mod status;
#[cfg(all(unix, feature = "live"))]
mod stop;
#[cfg(all(unix, feature = "live"))]
mod summary;
#[cfg(all(unix, feature = "live"))]
mod watch;

#[cfg(all(unix, feature = "live"))]
pub use sniffing::run;

#[cfg(all(unix, feature = "live", feature = "tui"))]
pub use privileges::Who;
#[cfg(all(unix, feature = "live", feature = "tui"))]
pub use sniffing::{Counts, LATE, now_but, packet_filter, pipeline};

#[cfg(not(all(unix, feature = "live")))]
use super::args::LiveArgs;

/// Says that the command is not in this program.
#[cfg(not(all(unix, feature = "live")))]
pub fn run(_: &LiveArgs) -> anyhow::Result<()> {
    run_without()
}

/// Says that sniffing is not in this program.
#[cfg(not(all(unix, feature = "live")))]
pub fn run_without() -> anyhow::Result<()> {
    anyhow::bail!("sniffing needs libpcap, and this peerscope was built without it")
}
