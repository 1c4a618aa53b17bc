//! The hand-made captures, row by row of `captures/README.md`.
//!
//! What peerscope says is written down as a line a message: `>` from the peer
//! that sent first, `<` from the other, the name, and its numbers.

use std::fmt::Write;

use serde_json::json;

use crate::corpus::case;
use crate::tool::{Record, read, read_peer, run, sessions};

/// The numbers that are part of a line, where a message has them.
const NUMBERS: [&str; 12] = [
    "piece",
    "index",
    "begin",
    "length",
    "port",
    "base_layer",
    "proof_layers",
    "total_size",
    "metadata_size",
    "complete_ago",
    "reqq",
    "p",
];

/// The peer messages of a case, as lines.
fn told(name: &str) -> Vec<String> {
    let records = read_peer(&case(name));
    let first = records.first().map(|record| record.text("src").to_owned());
    let line = |record: &Record| {
        let from_first = first.as_deref() == Some(record.text("src"));
        let mut line = format!("{} {}", if from_first { '>' } else { '<' }, record.name());
        for number in NUMBERS {
            if let Some(value) = record.field(number).as_i64() {
                write!(line, " {number} {value}").unwrap();
            }
        }
        line
    };
    records.iter().map(line).collect()
}

/// The first message of that name.
fn first(records: &[Record], name: &str) -> Record {
    let found = records.iter().find(|record| record.name() == name);
    found.unwrap_or_else(|| panic!("no {name}")).clone()
}

#[test]
fn case_1_a_whole_session() {
    let hello = "extended_handshake metadata_size 40000 reqq 500 p 6881";
    assert_eq!(
        told("1-session"),
        [
            "> handshake",
            "< handshake",
            &format!("> {hello}"),
            &format!("< {hello}"),
            "> have_all",
            "< bitfield",
            "> ut_metadata_request piece 0",
            "< ut_metadata_data piece 0 length 16384 total_size 40000",
            "< ut_pex",
            "< lt_donthave piece 3",
            "< ut_holepunch port 6881",
            "> hash_request index 0 length 512 base_layer 0 proof_layers 0",
            "> interested",
            "> request index 0 begin 0 length 16384",
            "< hash_reject index 0 length 512 base_layer 0 proof_layers 0",
            "< unchoke",
            "< piece index 0 begin 0 length 16384",
        ]
    );
}

#[test]
fn case_1_names_and_addresses() {
    let records = read_peer(&case("1-session"));
    let handshake = first(&records, "handshake");
    assert_eq!(
        handshake.field("extensions"),
        &json!(["extension", "dht", "fast", "v2"])
    );
    assert_eq!(handshake.field("client"), "qBittorrent 4.6.3");
    assert_eq!(handshake.field("reserved"), "0000000000100015");
    let hello = first(&records, "extended_handshake");
    assert_eq!(hello.field("yourip"), "10.0.0.2");
    assert_eq!(hello.field("m")["ut_metadata"], 3);
    let pex = first(&records, "ut_pex");
    assert!(pex.0.to_string().contains("1.2.3.4:6881"), "{}", pex.0);
    let holepunch = first(&records, "ut_holepunch");
    assert!(
        holepunch.0.to_string().contains("5.6.7.8"),
        "{}",
        holepunch.0
    );
    // Two bytes for 12 pieces: the last four bits stand for no piece.
    assert_eq!(first(&records, "bitfield").field("bitfield"), "f001");
}

#[test]
fn case_1_a_message_across_segments() {
    let data = first(&read_peer(&case("1-session")), "ut_metadata_data");
    assert_eq!(data.number("first_frame"), 11);
    assert_eq!(data.number("frame"), 22);
    assert_eq!(data.number("length"), 4 + 0x402f);
}

#[test]
fn case_2_found_by_structure() {
    let lines = told("2-midstream");
    let of = |name: &str| {
        lines
            .iter()
            .filter(|line| line[2..].starts_with(name))
            .count()
    };
    assert_eq!(
        [of("request"), of("piece"), of("have")],
        [5, 5, 5],
        "{lines:#?}"
    );
    assert_eq!(lines.len(), 15, "{lines:#?}");
}

#[test]
fn case_4_a_block_of_32_kib() {
    assert_eq!(
        told("4-32k"),
        [
            "> handshake",
            "< handshake",
            "< have_all",
            "< unchoke",
            "> request index 0 begin 0 length 32768",
            "< piece index 0 begin 0 length 32768",
            "< have piece 9",
        ]
    );
}

#[test]
fn case_5_utp_in_any_order() {
    let truth = [
        "> handshake",
        "< handshake",
        "< extended_handshake metadata_size 40000 reqq 500 p 6881",
        "< bitfield",
        "< piece index 0 begin 0 length 16384",
        "< have piece 2",
        "< unchoke",
        "< piece index 1 begin 0 length 16384",
        "< have piece 5",
    ];
    for name in [
        "5a-utp-inorder",
        "5b-utp-reorder",
        "5c-utp-wrap",
        "5d-utp-dup",
    ] {
        assert_eq!(told(name), truth, "{name}");
        let records = read_peer(&case(name));
        assert!(
            records
                .iter()
                .all(|record| record.text("transport") == "utp")
        );
    }
}

#[test]
fn case_5_two_packets_swapped() {
    let lines = told("5-utp");
    assert_eq!(lines[..3], told("5a-utp-inorder")[..3]);
    assert!(
        lines.contains(&"< piece index 0 begin 0 length 16384".to_owned()),
        "{lines:#?}"
    );
}

#[test]
fn datagrams_hold_no_peer_messages() {
    for name in ["6-http", "7-udptracker", "8-dht", "16-dht2"] {
        assert_eq!(read_peer(&case(name)), [], "{name}");
    }
}

#[test]
fn case_9_nesting_crashes_nothing() {
    for name in [
        "9-nest-small",
        "9-nest-small-d",
        "9-nest-big",
        "9-nest-big-d",
    ] {
        for view in ["--json", "-V", "-x"] {
            let run = run(["read".as_ref(), view.as_ref(), case(name).as_os_str()]);
            assert_eq!(run.status, 0, "{name} {view}: {}", run.stderr);
        }
    }
}

#[test]
fn case_10_encrypted() {
    assert_eq!(told("10-mse"), [""; 0]);
    // Nothing in it proves what it is: see `maybe`.
    assert_eq!(sessions(&case("10-mse")), [serde_json::Value::Null; 0]);
}

#[test]
fn case_11_split_anywhere() {
    assert_eq!(
        told("11-split"),
        [
            "> handshake",
            "< handshake",
            "< keep_alive",
            "< unknown",
            "< have piece 1",
            "< have piece 2",
            "< have piece 3",
        ]
    );
    let records = read_peer(&case("11-split"));
    let frames: Vec<_> = records
        .iter()
        .map(|record| (record.number("first_frame"), record.number("frame")))
        .collect();
    let truth = [(4, 6), (7, 7), (8, 8), (8, 8), (8, 8), (8, 8), (9, 10)];
    assert_eq!(frames, truth);
    assert_eq!(records[3].field("id"), 99);
}

#[test]
fn case_13_five_messages_in_a_segment() {
    assert_eq!(
        told("13-fields"),
        [
            "> handshake",
            "< handshake",
            "> request index 0 begin 0 length 16384",
            "> request index 1 begin 0 length 16384",
            "> request index 2 begin 0 length 16384",
            "> have piece 77",
            "> cancel index 1 begin 0 length 16384",
        ]
    );
}

#[test]
fn case_14_the_port_proves_nothing() {
    assert_eq!(read(&case("14-nonbt6881")), []);
}

#[test]
fn case_15_odd_integers() {
    let lines = told("15-bencint");
    assert_eq!(
        lines[2],
        "> extended_handshake metadata_size 3000000000 complete_ago -1 reqq -5"
    );
    let hellos = lines[2..6].iter();
    assert!(
        hellos
            .clone()
            .all(|line| line.starts_with("> extended_handshake"))
    );
    let keep_alives = lines.iter().filter(|line| *line == "< keep_alive");
    assert_eq!(keep_alives.count(), 101);
    assert_eq!(lines.len(), 2 + 4 + 101);
}

#[test]
fn case_15_odd_maps() {
    let records = read_peer(&case("15-bencint"));
    // A name that stands twice keeps both ids, and two names may have one id.
    let map = records[3].field("m").to_string();
    assert!(map.contains("300"), "{map}");
    assert_eq!(records[3].field("m")["ut_metadata"], 3);
    assert_eq!(records[3].field("v"), "");
}

#[test]
fn case_17_a_handshake_in_two_segments() {
    assert_eq!(
        told("17-split10"),
        ["> handshake", "< handshake", "> interested", "< unchoke"]
    );
    let records = read_peer(&case("17-split10"));
    assert_eq!(records[0].number("first_frame"), 4);
    assert_eq!(records[0].number("frame"), 5);
}

#[test]
fn case_18_a_choke_with_junk() {
    let lines = told("18-choke");
    assert_eq!(
        lines,
        [
            "> handshake",
            "< handshake",
            "< have_all",
            "< unchoke",
            "< choke",
            "< have piece 7",
        ]
    );
    let choke = first(&read_peer(&case("18-choke")), "choke");
    assert_eq!(choke.number("length"), 44);
    assert!(choke.0.to_string().contains("malformed"), "{}", choke.0);
}

#[test]
fn case_19_violations_are_shown() {
    assert_eq!(
        told("19-violations"),
        [
            "> handshake",
            "< handshake",
            "< have piece 7",
            "< bitfield",
            "< bitfield",
            "< have_all",
            "> request index 3 begin 5 length 131072",
            "< reject_request index 9 begin 0 length 16384",
            "< piece index 8 begin 0 length 0",
            "< port port 0",
            "> suggest_piece piece 4294967295",
            "< extended",
        ]
    );
}
