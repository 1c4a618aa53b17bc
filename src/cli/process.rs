//! What the process gives up before it looks at anything.

/// Sees to it that neither this process nor what it starts can gain rights that
/// it does not have now: no program that it could be made to run is set-user-ID.
#[cfg(all(
    target_os = "linux",
    any(feature = "live", feature = "active", feature = "keys")
))]
pub fn confine() {
    // Kernels know this since 2012; without it all works the same.
    let _ = nix::sys::prctl::set_no_new_privs();
}

/// Elsewhere there is no such thing.
#[cfg(not(all(
    target_os = "linux",
    any(feature = "live", feature = "active", feature = "keys")
)))]
pub fn confine() {}
