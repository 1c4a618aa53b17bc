//! `peerscope live`: every message that goes by on an interface.

#[cfg(not(all(unix, feature = "live")))]
mod missing;
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

#[cfg(not(all(unix, feature = "live")))]
pub use missing::{run, run_without};
#[cfg(all(unix, feature = "live"))]
pub use sniffing::run;

#[cfg(all(unix, feature = "live", feature = "tui"))]
pub use privileges::Who;
#[cfg(all(unix, feature = "live", feature = "tui"))]
pub use sniffing::{Counts, LATE, now_but, packet_filter, pipeline};
