//! Words are no bytes; bytes among words are found; faults have a place.

use super::*;

#[test]
fn words_and_numbers_are_no_bytes() {
    for text in [
        "65 in a sentence",
        "13 bytes left:",
        "it took 1200 ms, 43, 35557 and 255",
        "see 10.98.0.2:6881 at 12:34:56.789 on 2026-11-22",
        "p: 35557,\n reqq: 255,\n m: { ut_metadata: 2, ut_pex: 1 }",
        "[ { length: 1346194, path: [Object] } ]",
        "don't say 'piece length' or \"x\\n\"",
        "from 00:1a:2b:3c:4d:5e to ff:ff:ff:ff:ff:ff",
        "550e8400-e29b-41d4-a716-446655440000",
        "at 0x7ffe5c401000 in main () src/wire/peer/Message2.rs",
        "at 2026/11/22 17:16:36 it stopped",
        "be a dad, add a cafe, feed a bee",
        "items 1, 2, 3 and [4, 5]",
        "f(1, 2)",
        "C:\\dir\\new",
        "fe80::832:1ea:3f1e:44df",
        "Missing delimiter \":\" [0x3a]",
        "73 bytes (0x49), out.writeInt(0x13)",
        "data[2] = std::byte{ 0xfe };",
        "state[b'node-id']",
        "returned 0xffffff80 0xffffff81 0x12345678",
        "C:\\USERS\\SUB and \"C:\\USERS\\SUB\"",
        "2001:0db8:85a3:0000:0000:8a2e:0370:7334, 20240101_12345678_00001111.log",
        "key 1234-5678-9012-3456, of 0013.4269.7454",
        "'one'#13#10'two'#13#10, see #12 and #42#43",
        "| size | count |\n|---|---|\n| 16384 | 12 |\n| 32768 | 24 |\n",
        "pieces 1 2 3 17 0 0 5 6 were sent, 19 66 105 116 not\n0 0 0 13 6 0 0 4 0\n1\n2\n3\n4\n5\n6\n7\n8\n9",
        "[\"a\", \"b\", \"1\"] [\"0\", \"5\", \"8\"] ['1', '2', '3', '4']",
        "it costs 5$ and \\012 or so$",
        "HTTP 200 OK <br> 12 34 <br> 56 78",
        "Nov 28 22:00:01 host client[99]: 5000\nNov 28 22:00:01 host client[99]: 5008",
        "the page says:\ndead dead",
    ] {
        let pasted = read(text);
        let reason = pasted.fault.map(|fault| fault.reason);
        assert_eq!(reason, Some(Reason::NoBytes), "{text}\n{pasted:?}");
    }
}

#[test]
fn several_dumps_keep_their_order_and_context() {
    let text = "data:  <Buffer 00 00 00 01 02>\ndatalength:  5\ndata:  <Buffer 00 00>\n";
    let sections = read(text).sections;
    let shown: Vec<_> = sections
        .iter()
        .flat_map(|section| match section {
            Section::Dump(dump) => vec![format!("{} {:?}", dump.place(0), dump.bytes)],
            Section::Context(context) => context.lines().map(str::to_owned).collect(),
            Section::Logged(logged) => vec![format!("{} {}", logged.place, logged.said.name)],
        })
        .collect();
    assert_eq!(
        shown,
        [
            "data:",
            "1:16 [0, 0, 0, 1, 2]",
            "datalength:  5",
            "data:",
            "3:16 [0, 0]"
        ]
    );
}

#[test]
fn a_message_taken_apart_is_one_dump() {
    let text = "00 00 00 0d - 14 bytes long\n06 - request code\n\
        index:  00 00 00 05\nbegin:  00 00 00 00\nlength: 00 00 40 00\n";
    assert_eq!(
        hex::encode(only(text)),
        "0000000d06000000050000000000004000"
    );
    let text = "00 00 00 fb 14  length of fb and 14 (20 in dec)\n00\n64 31 3a 65 .. data";
    let dump = &dumps(text)[0];
    assert_eq!(hex::encode(&dump.bytes), "000000fb140064313a65");
    assert_eq!(dump.cut, Some(Cut { missing: None }));
}

#[test]
fn what_was_left_out_is_known() {
    let cut = |text: &str| dumps(text)[0].cut;
    let unknown = Some(Cut { missing: None });
    let known = |missing| {
        Some(Cut {
            missing: Some(missing),
        })
    };
    assert_eq!(cut("<Buffer 13 42 69>"), None);
    assert_eq!(cut("<Buffer 13 42 69 ... >"), unknown);
    assert_eq!(cut("<Buffer 13 42 69 ... 18 more bytes>"), known(18));
    assert_eq!(cut("<Buffer 13 42 69"), unknown);
    assert_eq!(
        cut("Uint8Array(200) [ 19, 66, ... 198 more items ]"),
        known(198)
    );
    assert_eq!(cut("13 42 69 74 ..."), unknown);
    assert_eq!(cut("[Uint8Contents]: <13 42 ... 28 more bytes>"), known(28));
}

#[test]
fn rows_that_are_the_same_again() {
    let text = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n\
        *\n00000040  ff 13                                             |..|\n00000042\n";
    let bytes = only(text);
    assert_eq!(bytes.len(), 0x42);
    assert_eq!(bytes[0x40..], [0xff, 0x13]);
    let endless = text.replace("00000040", "7fffffff");
    assert_eq!(
        fault(&endless),
        "2:1: more than 1 MiB of bytes that are the same again"
    );
}

#[test]
fn all_that_is_the_same_again_is_bounded() {
    let zeros = "00 ".repeat(16);
    let row = |index: usize| format!("{:08x}  {zeros}\n*\n", index << 16);
    let text: String = (0..64).map(row).collect();
    assert!(fault(&text).ends_with("more than 1 MiB of bytes that are the same again"));
    let array = "[0x0 <repeats 300000 times>]\n";
    assert!(fault(&array.repeat(5)).ends_with("more than 1 MiB of bytes that are the same again"));
}

#[test]
fn rows_of_two_sides() {
    let text = "00000000  13 42 69 74                                       .Bit\n    \
        00000000  13 42 69 74 54                                   .BitT\n\
        00000004  00 00 00 01 02                                   .....\n";
    let found: Vec<_> = dumps(text)
        .into_iter()
        .map(|dump| hex::encode(dump.bytes))
        .collect();
    assert_eq!(found, ["13426974", "1342697454", "0000000102"]);
}

#[test]
fn a_few_digits_are_enough_where_they_are_all() {
    for text in [
        "00 0a",
        "000a",
        "0x000a",
        "\\x00\\x0a",
        "00\n0a",
        "[0, 10]",
        "0,10",
        "AAo=",
    ] {
        let pasted = read_bytes(text);
        let Some(Section::Dump(dump)) = pasted.sections.first() else {
            panic!("{text}: {pasted:?}");
        };
        assert_eq!(
            (&dump.bytes[..], pasted.fault),
            (&[0, 10][..], None),
            "{text}"
        );
    }
}

#[test]
fn faults_have_a_place() {
    for (text, expected) in [
        ("", "1:1: no input: nothing was pasted"),
        (" \n", "1:1: no input: nothing was pasted"),
        (
            "<Buffer 13 4>",
            "1:12: odd number of hex digits: half a byte is missing here",
        ),
        (
            "<Buffer 13 4g>",
            "1:13: 'g' is no hex digit, within a dump of hex",
        ),
        (
            "it sent\n13 42 69 74 5\n",
            "2:13: odd number of hex digits: half a byte is missing here",
        ),
        (
            "13 42 69 74 5g 72",
            "1:14: 'g' is no hex digit, within a dump of hex",
        ),
        (
            "0000000d06000000g4000000",
            "1:17: 'g' is no hex digit, within a dump of hex",
        ),
        (
            "0000000d0600000",
            "1:15: odd number of hex digits: half a byte is missing here",
        ),
        (
            "00000000: 1342 6g74 5472  .Bit",
            "1:17: 'g' is no hex digit, within a dump of hex",
        ),
        (
            "b'\\x13\\xg'",
            "1:7: unfinished or unknown escape in a string of bytes",
        ),
        (
            "\\x13\\x4",
            "1:5: unfinished or unknown escape in a string of bytes",
        ),
        (
            "{ 0x13, 0x42, 0x69, 0x74, 0x5g }",
            "1:27: not a byte, within an array of bytes",
        ),
        (
            "0000000 13 42 69\n0000020 00 01\n",
            "1:8: row of 3 bytes where the offsets say 16",
        ),
    ] {
        assert_eq!(fault(text), expected, "{text}");
    }
}

#[test]
fn a_literal_is_good_up_to_what_was_lost() {
    let [dump] = &dumps("got \"\\u0013Bit\u{fffd}Torrent\" from it")[..] else {
        panic!();
    };
    assert_eq!(dump.bytes, b"\x13Bit");
    assert_eq!(
        dump.breaks,
        Some(Position {
            line: 1,
            column: 15
        })
    );
}

#[test]
fn numbers_behind_a_backslash_are_of_the_language() {
    let protocol = b"\x13BitTorrent protocol\x00\x10\x05";
    for text in [
        r#"sent "\023BitTorrent protocol\0\20\5" to"#,
        r#"sent "\19BitTorrent protocol\0\16\5" to"#,
        r#"sent "\019BitTorrent protocol\000\016\005" to"#,
        r#"sent "\DC3BitTorrent protocol\NUL\DLE\ENQ" to"#,
    ] {
        assert_eq!(only(text), protocol, "{text}");
    }
    assert_eq!(only(r#""\SO\&H\SOH\200\&1\DEL""#), b"\x0eH\x01\xc81\x7f");
}

#[test]
fn binaries_are_good_up_to_what_cannot_be_read() {
    for (text, bytes) in [
        ("<<0,0,0,13,6>> <> <<index::32>>", &[0, 0, 0, 13, 6][..]),
        ("<<0,0,0,13,6>> <> <<1, 2, index::32>>", &[0, 0, 0, 13, 6]),
        ("<<>> <> <<13::32>>", &[0, 0, 0, 13]),
        ("<<13::integer-size(32), 6>>", &[0, 0, 0, 13, 6]),
        ("<<13::size(32)-big>> <> <<13::little-32>>", &[0, 0, 0, 13]),
        ("<<13:32>> <> <<16384::32-little>>", &[0, 0, 0, 13]),
    ] {
        assert_eq!(only(text), bytes, "{text}");
    }
}

#[test]
fn the_number_of_an_issue_is_no_remark() {
    for before in ["Merged (#1234), then", "[#12](url):"] {
        let words = "and so on ".repeat(30);
        let text = format!("{before} {words}it sent [0, 0, 0, 1, 2]\n");
        assert_eq!(only(&text), [0, 0, 0, 1, 2], "{before}");
    }
    assert_eq!(only("(#x0d #x06 #x00 #x01)"), [13, 6, 0, 1]);
}

#[test]
fn names_stay_apart() {
    let text = "infoHash: aff8bda8adebdab34e1af9ac648bd93c13ed6344\n\
        peerId:   2d4c54313030302d764874743153546a4d583043\n";
    let lengths: Vec<_> = dumps(text).iter().map(|dump| dump.bytes.len()).collect();
    assert_eq!(lengths, [20, 20]);
}

#[test]
fn a_fault_does_not_hide_what_was_before_it() {
    let pasted = read("<Buffer 13 42>\n<Buffer 1>\n");
    assert!(matches!(&pasted.sections[0], Section::Dump(dump) if dump.bytes == [0x13, 0x42]));
    assert_eq!(pasted.fault.unwrap().at, Position { line: 2, column: 9 });
}
