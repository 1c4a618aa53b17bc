//! `peerscope keys` where it cannot be.

use super::args::KeysArgs;

/// Says that it cannot.
pub fn run(_: &KeysArgs) -> anyhow::Result<()> {
    anyhow::bail!(NOT_HERE)
}

/// Why there is no such thing in this program.
const NOT_HERE: &str =
    "the memory of other processes is read on Linux only, by a peerscope that was built for it";

/// There is nothing to open.
#[cfg(all(unix, feature = "live"))]
pub struct Opened;

/// There is nothing to find.
#[cfg(all(unix, feature = "live"))]
pub struct Found;

#[cfg(all(unix, feature = "live"))]
impl Opened {
    /// Says that it cannot.
    pub fn new(_: &[String]) -> anyhow::Result<Self> {
        anyhow::bail!(NOT_HERE)
    }

    /// Never called.
    #[allow(clippy::unused_self)] // as where keys can be found
    pub fn begin(self) -> anyhow::Result<Found> {
        anyhow::bail!(NOT_HERE)
    }
}

#[cfg(all(unix, feature = "live"))]
impl Found {
    /// Nothing.
    #[allow(clippy::unused_self)] // as where keys can be found
    pub fn take(&self) -> impl Iterator<Item = crate::wire::mse::StateLine> + '_ {
        std::iter::empty()
    }
}
