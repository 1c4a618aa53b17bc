//! `peerscope keys`: the keys of running clients, from their memory.

pub mod args;
#[cfg(all(feature = "keys", feature = "live", target_os = "linux"))]
mod beside;
#[cfg(all(feature = "keys", target_os = "linux"))]
mod list;
#[cfg(all(feature = "keys", target_os = "linux"))]
mod looking;
#[cfg(not(all(feature = "keys", target_os = "linux")))]
mod missing;

#[cfg(all(feature = "keys", feature = "live", target_os = "linux"))]
pub use beside::{Found, Opened};
#[cfg(all(feature = "keys", target_os = "linux"))]
pub use looking::run;
#[cfg(not(all(feature = "keys", target_os = "linux")))]
pub use missing::run;
#[cfg(all(
    unix,
    feature = "live",
    not(all(feature = "keys", target_os = "linux"))
))]
pub use missing::{Found, Opened};
