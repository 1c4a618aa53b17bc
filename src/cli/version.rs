//! `--version`: the version, the commit, what is built in, and libpcap.

/// The commit that a release was built from (`build.rs`).
const COMMIT: Option<&str> = option_env!("PEERSCOPE_COMMIT");

/// What can be left out of a build, and whether it is in this one.
const FEATURES: [(&str, bool); 4] = [
    ("live", cfg!(all(unix, feature = "live"))),
    ("active", cfg!(all(unix, feature = "active"))),
    ("keys", cfg!(all(target_os = "linux", feature = "keys"))),
    ("tui", cfg!(all(unix, feature = "tui"))),
];

/// One line: the version and the commit.
pub fn short() -> String {
    let version = env!("CARGO_PKG_VERSION");
    match COMMIT {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    }
}

/// The same, and what is in this program. Made when it is asked for, because it reads
/// a file of the system.
pub fn long() -> String {
    let features: Vec<String> = FEATURES
        .iter()
        .map(|(name, is_in)| format!("{}{name}", if *is_in { '+' } else { '-' }))
        .collect();
    let mut text = format!("{}\nfeatures: {}", short(), features.join(" "));
    if cfg!(all(unix, feature = "live")) {
        let version = libpcap().unwrap_or_else(|| "of unknown version".to_owned());
        text.push_str("\nlibpcap ");
        text.push_str(&version);
    }
    text
}

/// The version of libpcap that this process has loaded, by the name of its file.
fn libpcap() -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let path = maps.lines().find_map(|line| {
        let path = line.split_ascii_whitespace().last()?;
        path.contains("/libpcap.so").then_some(path)
    })?;
    let version = path.rsplit_once(".so.")?.1;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_short_form() {
        let long = long();
        assert_eq!(long.lines().next(), Some(short().as_str()));
        assert!(long.contains("\nfeatures: "));
    }

    #[cfg(all(target_os = "linux", feature = "live"))]
    #[test]
    fn libpcap_is_named_by_its_version() {
        let version = libpcap().expect("linked to libpcap");
        assert!(version.starts_with("1."), "{version}");
    }
}
