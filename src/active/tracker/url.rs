//! Addresses of trackers.

/// The scheme of an address, and what follows it.
pub(super) fn scheme(url: &str) -> Option<(&str, &str)> {
    url.split_once("://")
}

/// Whether we can announce to a tracker at this address.
pub(super) fn is_supported(url: &str) -> bool {
    let known = ["http", "https", "udp"];
    scheme(url).is_some_and(|(scheme, _)| known.iter().any(|k| scheme.eq_ignore_ascii_case(k)))
}
