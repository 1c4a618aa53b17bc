//! `--packets`: what uTP carries its streams with.

use super::tool::run;

const CAPTURE: &str = "captures/lab/d-utp-libtorrent-transmission.pcap";

#[test]
fn utp_packets_are_shown_on_demand() {
    let without = run(["read", "--json", CAPTURE]).stdout;
    assert!(!without.contains("\"protocol\":\"utp\""));
    let with = run(["read", "--json", "--packets", CAPTURE]).stdout;
    let (packets, messages): (Vec<&str>, Vec<&str>) = with
        .lines()
        .partition(|line| line.contains("\"protocol\":\"utp\""));
    // The messages are the same, in the same order.
    assert_eq!(messages, without.lines().collect::<Vec<_>>());
    let names = ["syn", "state", "data", "fin"];
    for name in names {
        let key = format!("\"message\":\"{name}\"");
        assert!(packets.iter().any(|line| line.contains(&key)), "{name}");
    }
    // From the first one, which proves nothing by itself, each once.
    assert!(packets[0].contains("\"message\":\"syn\""), "{}", packets[0]);
    let frame = |line: &str| -> u64 {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(line["stream"], 0, "{line}");
        assert_eq!(line["transport"], "utp", "{line}");
        line["frame"].as_u64().expect("frame")
    };
    let frames: Vec<u64> = packets.iter().map(|line| frame(line)).collect();
    assert!(frames.is_sorted());
    let text = run(["read", "--packets", "-c", "1", CAPTURE]).stdout;
    assert!(text.contains(" SYN") || text.contains(" syn"), "{text}");
}
