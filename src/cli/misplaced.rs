//! A filter where files stand: `peerscope read FILE port 6881`, as users of tcpdump type
//! it, becomes a word about the right option.

use std::path::Path;

use crate::filter::Filter;

/// With these a filter of libpcap begins.
const PACKET_FILTER_WORDS: [&str; 19] = [
    "arp",
    "dst",
    "ether",
    "greater",
    "host",
    "icmp",
    "icmp6",
    "ip",
    "ip6",
    "less",
    "net",
    "not",
    "port",
    "portrange",
    "proto",
    "src",
    "tcp",
    "udp",
    "vlan",
];

/// What to say of files that are `missing`, in the order in which they were named, if
/// they look like a filter.
pub fn hint(missing: &[&Path]) -> Option<String> {
    let words: Vec<&str> = missing.iter().filter_map(|path| path.to_str()).collect();
    let text = words.join(" ");
    let first = text.split_whitespace().next()?;
    // `a.pcap` could be a key of a dictionary, and is none.
    let is_name = first == text && first.contains(['.', '/']);
    if !is_name && Filter::parse(&text).is_ok() {
        return Some(format!(
            "a filter of messages needs -Y: -Y {}",
            quoted(&text)
        ));
    }
    PACKET_FILTER_WORDS
        .contains(&first)
        .then(|| format!("a filter of packets needs -f: -f {}", quoted(&text)))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_known() {
        let told = |typed: &[&str]| {
            let missing: Vec<_> = typed.iter().map(Path::new).collect();
            hint(&missing)
        };
        let packets = |filter| Some(format!("a filter of packets needs -f: -f '{filter}'"));
        let messages = |filter| Some(format!("a filter of messages needs -Y: -Y '{filter}'"));
        assert_eq!(told(&["port", "6881"]), packets("port 6881"));
        assert_eq!(
            told(&["tcp and host 10.0.0.1"]),
            packets("tcp and host 10.0.0.1")
        );
        assert_eq!(
            told(&["request and index == 60"]),
            messages("request and index == 60")
        );
        assert_eq!(told(&["piece"]), messages("piece"));
        for none in [&[][..], &["a.pcap"], &["portal.pcap", "port"], &["6881"]] {
            assert_eq!(told(none), None, "{none:?}");
        }
    }
}
