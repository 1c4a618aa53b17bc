//! `peerscope keys`: the keys of running clients, from their memory.

pub mod args;
#[cfg(all(feature = "keys", feature = "live", target_os = "linux"))]
mod beside;
#[cfg(all(feature = "keys", target_os = "linux"))]
mod list;
#[cfg(all(feature = "keys", target_os = "linux"))]
mod looking;

#[cfg(all(feature = "keys", feature = "live", target_os = "linux"))]
pub use beside::{Found, Opened};
#[cfg(all(feature = "keys", target_os = "linux"))]
pub use looking::run;

/// Says that it cannot.
#[cfg(not(all(feature = "keys", target_os = "linux")))]
pub fn run(_: &args::KeysArgs) -> anyhow::Result<()> {
    anyhow::bail!(NOT_HERE)
}

/// Why there is no such thing in this program.
#[cfg(not(all(feature = "keys", target_os = "linux")))]
const NOT_HERE: &str =
    "the memory of other processes is read on Linux only, by a peerscope that was built for it";

/// There is nothing to open.
#[cfg(all(
    unix,
    feature = "live",
    not(all(feature = "keys", target_os = "linux"))
))]
pub struct Opened;

/// There is nothing to find.
#[cfg(all(
    unix,
    feature = "live",
    not(all(feature = "keys", target_os = "linux"))
))]
pub struct Found;

#[cfg(all(
    unix,
    feature = "live",
    not(all(feature = "keys", target_os = "linux"))
))]
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

#[cfg(all(
    unix,
    feature = "live",
    not(all(feature = "keys", target_os = "linux"))
))]
impl Found {
    /// Nothing.
    #[allow(clippy::unused_self)] // as where keys can be found
    pub fn take(&self) -> impl Iterator<Item = crate::wire::mse::StateLine> + '_ {
        std::iter::empty()
    }
}
