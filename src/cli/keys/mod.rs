//! `peerscope keys`: the keys of running clients, from their memory.

pub mod args;
#[cfg(all(feature = "keys", target_os = "linux"))]
mod list;
#[cfg(all(feature = "keys", target_os = "linux"))]
mod looking;

#[cfg(all(feature = "keys", target_os = "linux"))]
pub use looking::run;

/// Says that it cannot.
#[cfg(not(all(feature = "keys", target_os = "linux")))]
pub fn run(_: &args::KeysArgs) -> anyhow::Result<()> {
    anyhow::bail!(
        "the memory of other processes is read on Linux only, by a peerscope that was built for it"
    )
}
