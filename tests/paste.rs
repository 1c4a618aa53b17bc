//! Pasted bytes: every message in every form among words, and the work of it.

#[path = "made/parallel.rs"]
mod parallel;
#[path = "../src/paste/tests/printers.rs"]
mod printers;

use std::fs;
use std::hint::black_box;

use peerscope::notation;
use peerscope::paste::{self, Section};
use peerscope::pasted::{self, Names, Sample};
use peerscope::wire::catalogue;
use printers::{PRINTERS, Printer};
use proptest::prelude::*;

/// Every message that can be made, in words.
const MESSAGES: &[&str] = &[
    "handshake info_hash=294150cb4beb7585d89d5faf447121fee5360d82 extensions=[extension, fast]",
    "keep_alive",
    "choke",
    "unchoke",
    "interested",
    "not_interested",
    "have piece=16772609",
    "bitfield bitfield=ff80",
    "request index=4 begin=16384 length=16384",
    "piece index=4 begin=0 data=\"dead beef, and so on \\x00\\x13\"",
    "cancel index=4 begin=0 length=16384",
    "port port=6881",
    "suggest_piece piece=7",
    "have_all",
    "have_none",
    "reject_request index=4 begin=0 length=16384",
    "allowed_fast piece=3",
    "hash_request pieces_root=4a4b4c4d4e4f505152535455565758595a6162636465666768696a6b6c6d6e6f length=64",
    "hashes pieces_root=4a4b4c4d4e4f505152535455565758595a6162636465666768696a6b6c6d6e6f length=1 \
     hashes=[4a4b4c4d4e4f505152535455565758595a6162636465666768696a6b6c6d6e6f]",
    "hash_reject pieces_root=4a4b4c4d4e4f505152535455565758595a6162636465666768696a6b6c6d6e6f length=64",
    "extended_handshake m={ut_metadata=3} metadata_size=215 v=\"test 1.0\" yourip=10.0.0.1",
    "ut_metadata_request extended_id=3 piece=0",
    "ut_metadata_data extended_id=3 piece=0 total_size=4 data=\"d0:e\"",
    "ut_metadata_reject extended_id=3 piece=0",
    "ut_pex extended_id=1 added=[1.2.3.4:6881] added.f=[16]",
    "lt_donthave extended_id=7 piece=9",
    "upload_only extended_id=3 upload_only=1",
    "share_mode extended_id=8 share_mode=1",
    "ut_holepunch extended_id=4 msg_type=0 addr=10.0.0.1 port=6881",
    "lt_tex extended_id=5 added=[1.2.3.4:6881]",
    "ut_comment extended_id=6 msg_type=0 num=20",
    "extended extended_id=9 payload=0102030405",
    "azmp azmp_id=\"BT_CHOKE\"",
    "unknown id=99 payload=0102030405",
    "dht query q=ping t=6161 a={id=6162636465666768696a30313233343536373839}",
    "dht response t=6161 r={id=6162636465666768696a30313233343536373839}",
    "dht error t=6161 e=[201, \"A Generic Error Ocurred\"]",
    "utp syn connection_id=5 seq_nr=1",
    "utp state connection_id=5 seq_nr=1 ack_nr=2",
    "utp data connection_id=5 seq_nr=2 payload=0000000102",
    "utp fin connection_id=5 seq_nr=3",
    "utp reset connection_id=5 seq_nr=3",
    "connect_request transaction_id=77",
    "connect_response transaction_id=77 connection_id=0102030405060708",
    "announce_request connection_id=0102030405060708 transaction_id=78 \
     info_hash=294150cb4beb7585d89d5faf447121fee5360d82 peer_id=2d4c54313030302d75374d69287e634436376863 \
     downloaded=0 left=10 uploaded=0 event=2 key=01020304 num_want=50 port=6881",
    "announce_response transaction_id=78 interval=1800 leechers=1 seeders=2 peers=[1.2.3.4:6881]",
    "scrape_request connection_id=0102030405060708 transaction_id=79 \
     info_hashes=[294150cb4beb7585d89d5faf447121fee5360d82]",
    "scrape_response transaction_id=79 files=[{seeders=5, completed=6, leechers=7}]",
    "udp_tracker error transaction_id=1 message=\"not now\"",
    "http_tracker announce_request info_hash=294150cb4beb7585d89d5faf447121fee5360d82 port=6881",
    "http_tracker scrape_request info_hash=294150cb4beb7585d89d5faf447121fee5360d82",
    "http_tracker announce_response interval=1800 peers=[1.2.3.4:6881]",
    "http_tracker scrape_response files={}",
    "http_tracker error \"failure reason\"=\"no such torrent\"",
    "lsd announce port=6881 infohashes=[294150cb4beb7585d89d5faf447121fee5360d82]",
    "bencode {length=3, name=a, \"piece length\"=16384, pieces=294150cb4beb7585d89d5faf447121fee5360d82}",
];

/// Those that no words make: other bytes than a message (`gap`), what nobody may
/// send (`unknown`), what only keys make (`mse`), files.
fn has_words(protocol: &str, name: &str) -> bool {
    let is_unknown = name == "unknown" && protocol != "peer";
    !(name == "gap" || is_unknown || matches!(protocol, "mse" | "metainfo"))
}

fn bytes_of(words: &str) -> Vec<u8> {
    let encoded = notation::encode(words, &|_| None);
    encoded
        .unwrap_or_else(|error| panic!("{words}: {error}"))
        .bytes
}

#[test]
fn no_message_of_the_catalogue_is_missing_above() {
    for message in catalogue::messages() {
        let (protocol, name) = (message.protocol.name(), message.name);
        let with_protocol = format!("{protocol} {name}");
        let is_there = MESSAGES.iter().any(|words| {
            let words: Vec<_> = words.split(' ').collect();
            words[0] == name || words[..2.min(words.len())].join(" ") == with_protocol
        });
        assert!(is_there || !has_words(protocol, name), "{with_protocol}");
    }
}

/// Words as they stand around dumps, none of which is bytes; what looks like bytes
/// in them has been taken for some at one time.
const PROSE: &[&str] = &[
    "then",
    "the",
    "peer",
    "sent",
    "65",
    "seconds",
    "it",
    "was",
    "10.0.0.1:6881",
    "(see",
    "below)",
    "at",
    "14:27:38.353",
    "0x7ffe1000",
    "main.c:12",
    "fd=5",
    "dead",
    "beef",
    "a",
    "cafe",
    "add",
    "bad",
    "id",
    "20",
    "16384",
    "bytes",
    "of",
    "2.1.1",
    "-",
    "x86_64",
    "100%",
    "why?",
    "don't",
    "(\"no\")",
    "[1]",
    "(2)",
    "v1.2",
    "port",
    "6881,",
    "50",
    "KiB/s",
    "...",
    "e.g.",
    "C++",
    "#42",
    "d",
    "le",
    "i5e",
    "e",
];

fn prose() -> impl Strategy<Value = String> {
    let words = proptest::collection::vec(proptest::sample::select(PROSE), 1..12);
    words.prop_map(|words| words.join(" "))
}

/// What a text-only message is no dump of: its literal is a text.
fn is_told(printer: &Printer, bytes: &[u8]) -> bool {
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t');
    let needs_binary = matches!(printer.name, "json" | "percent" | "go %q");
    bytes.len() >= printer.least && !(needs_binary && bytes.iter().all(is_text))
}

/// Prints a message among words; it must come back, and nothing else.
fn comes_back(words: &str, printer: &Printer, before: &str, after: &str) -> Result<(), String> {
    let bytes = bytes_of(words);
    if !is_told(printer, &bytes) {
        return Ok(());
    }
    let dump = (printer.print)(&bytes);
    let text = if printer.is_block {
        format!("{before}:\n{dump}\n\n{after}\n")
    } else {
        format!("{before} {dump} {after}\n")
    };
    let pasted = paste::read(&text);
    let dumps = pasted.sections.iter().filter_map(|section| match section {
        Section::Dump(dump) => Some(&dump.bytes[..]),
        Section::Context(_) | Section::Logged(_) => None,
    });
    let dumps: Vec<_> = dumps.collect();
    if pasted.fault.is_none() && dumps == [&bytes[..]] {
        return Ok(());
    }
    let (name, fault) = (printer.name, pasted.fault);
    Err(format!("{name}: {words}\n{text}\n{dumps:?} {fault:?}"))
}

#[test]
fn every_message_in_every_form() {
    let mut faults = Vec::new();
    for printer in PRINTERS {
        let failed = |words: &&str| comes_back(words, printer, "it sent", "and no more").err();
        faults.extend(MESSAGES.iter().filter_map(failed));
    }
    let shown = faults.iter().take(20).map(String::as_str);
    assert!(
        faults.is_empty(),
        "{}: {}",
        faults.len(),
        shown.collect::<Vec<_>>().join("\n")
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn among_any_words(before in prose(), after in prose(), shift in 0..PRINTERS.len()) {
        for (index, words) in MESSAGES.iter().enumerate() {
            let printer = &PRINTERS[(index + shift) % PRINTERS.len()];
            let result = comes_back(words, printer, &before, &after);
            prop_assert!(result.is_ok(), "{}", result.unwrap_err());
        }
    }
}

/// Nanoseconds that this thread was on a processor, where the system tells.
fn on_processor() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

fn work(text: &str) -> Option<u64> {
    let before = on_processor()?;
    let pasted = paste::read(text);
    let mut names = Names::default();
    for section in &pasted.sections {
        if let Section::Dump(dump) = section {
            let sample = Sample::new(&dump.bytes);
            let best = pasted::readings(&sample).first().map(|best| best.reading);
            let reading = best.unwrap_or(pasted::Reading::Bytes);
            black_box(pasted::messages(&sample, reading, &mut names).len());
        }
    }
    Some(on_processor()? - before)
}

/// Parts of lines that once took time by the square of their number.
const PARTS: &[&[&str]] = &[
    &["b'"],
    &["0x"],
    &["ab ", "[1,2] ", "\"x\" ", "\\x00", "<Buffer 00> ", "word "],
    &["<Buffer 00 01 02 03> "],
    &["[1, 2, 3, 4] "],
    &["b\"\\x00\\x01\" "],
    &["<Buffer 00 01> ", "word "],
    &["<Buffer 00 01> ", "[1,2,3,4] "],
    &["\\x00\\x01 word "],
    &["{"],
    &["{'m': "],
    &["d1:a"],
    &["l"],
    &["<<0,"],
    &["[0,"],
    &["("],
    &["\""],
    &["%00"],
    &["00 "],
    &["00 0 "],
    &["0000: 00\n"],
    &["[0] = 0x13\n"],
    &["- 0 : 19\n"],
    &["0 <repeats 1 times>, "],
    &["GET /announce?"],
    &["http://a/?info_hash="],
    &["http://"],
    &["udp://a/b"],
    &["info_hash="],
    &["{\"a\":"],
    &["hex=00 "],
    &["x'00 "],
    &["&H00,"],
    &["\"\\DC3"],
    &["\\019"],
    &["* "],
    &["- 00 "],
    &["AAAA`"],
    &["€"],
    &["magnet:?"],
    &["hash AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA "],
    &["base64,AAAA "],
    &["peer <== HAVE [ piece: 1 ]\n"],
    &["<== "],
    &["received: Have("],
    &["got Have: 1 ]: "],
    &["CUID# - To: "],
    &["a: b\n"],
    &["* \n"],
    &["│"],
    &["0000 00 00 "],
    &["+----+\n"],
    &["... "],
    &["é"],
    &["[0, # "],
    &["[0, // [\n"],
    &["0x13 # 0x13 "],
    &["0x13, // 0x13,\n"],
    &["0xffffff80 "],
    &["<<0, % "],
    &["<<0, % <<\n"],
    &["<<0:"],
    &["<<1>> <> "],
    &["<<>> <> "],
    &["\"a\" # "],
    &["\"a\" . "],
    &["\"a\" +\n"],
    &["\"a\"\n# \"b\" "],
    &["b'\\0' * 9 "],
    &["0 <repeats 99999 times>, x "],
    &["0000 00\n*\n"],
    &["0000: 0000\n"],
    &["AAAADQYAAAAE "],
    &["AAAADQYAAAAE\n"],
    &["00; "],
    &["00_"],
    &["| 00 "],
    &["ffffff80 00 "],
    &["recv[0]: 00 00\n"],
    &["(0) 00 00\n"],
    &["0 = 0\n"],
    &["0x13u8\n"],
    &["19 66\n"],
    &["13 4 0 0 5 d 6 0 0\n", "x "],
    &["\\000\\001\\003\\\n"],
    &["\\000\\001\\003$\n"],
    &["[1,2,3,4] \\000\\001\\003\\\n"],
    &["  \\0  \\0  \\0 005\n"],
    &["  \\0 005\n", "  00  05\n"],
    &["13426974_00"],
    &["1342:0000 "],
    &["00 00 00 05<br>"],
    &["`00 0a`|\n|`0000`|"],
    &["#$13"],
    &["#19'a' "],
    &["....abc 00 00 00 00 61 62 63\n"],
    &["00000000 1342 6974 0000\n"],
    &["a[9]: 0000  00 00\n"],
    &["0x13u8, \n", "0x13u8, x\n"],
    &["0000000000000000\n000000000000000000000000\n"],
    &["\\000\\000\\000\\005\\004\\000\\000\\000M$\n"],
    &["put(\"\\0\\0\\0\\0\"); \\\n"],
    &["echo -e \\000\\000\\000\\001\\001 | \\\n"],
    &["got 0000000102 "],
    &["<- 00000000\n"],
    &["words: 0000  13 42\n", "0002  69\n"],
    &["id: 6, payload: ["],
    &["id: 6, payload: \"", "id: 1, payload: b'"],
    &["{id: 1, data: [1, "],
    &["id "],
    &["&#19;"],
    &["&#19; "],
    &["^@"],
    &["^@ M-a "],
    &["M-"],
    &["d1:aM-"],
    &["[13]"],
    &["[13] <13> (13) "],
    &["\\u0013 "],
    &[":0100000000FF\n"],
    &["d1:ad1:a"],
    &["d5:peers6:??????e "],
    &["d1:ai1e5:peers6:\u{fffd} "],
    &["00 00 00 00\n*\n"],
    &["reserved: 00 00 00 00 00 00 00 00 x\n"],
    &["line 1: 00 00 00 00 00\n", "00 00 00 01 01\n"],
    &["buf[0] = 00\n"],
    &["byte 0: 0\n"],
    &["000001f4`3c2a4d20  0d000000\n"],
    &["'\\0' "],
    &["b'\\0\\1' '\\0' "],
    &["[0, 0, 0, 0] "],
    &["0000  00 xx 00\n"],
    &["[(\"a\", "],
    &["{a=b, "],
    &["{a={b=c, "],
    &["map[a:b "],
    &["map[a:map[b:c "],
    &["(a=1, ", "X(a=b, "],
    &["[a] => b\n", "Array\n(\n"],
    &["[\"a\": [1, ", "], "],
    &["new Map([['a', "],
    &["{'a': Int(1), ", "Dict({"],
    &["{a: Buffer, "],
    &["-00 00\n", "+00 00\n"],
    &["-0000: 00\n*\n", "+0000: 00\n*\n"],
    &["\"00\" + "],
    &["\"00\" +\n", "\"x\"\n"],
    &["00 d1: "],
    &["00  ..."],
    &["values: ['00', "],
    &["\"frame_raw\": [\"00\"], ", "\"a_raw\": [\"00\", 1], "],
    &["[\"[\", ", "['](', "],
    &["{\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk\": ", "\"k\": ..., "],
    &["\\000\\001\\003' x: "],
    &["x\\000\\001\\003\n"],
    &["d1%3A"],
    &["a%00%01%02%03/ "],
    &["d1:a2:^@M-a"],
    &["^SBitTorrent protocol^@$\n"],
    &["│ 0 │ 1 │\n"],
    &["1.2.3."],
    &["1.2.3.4.5.6.7.8 "],
    &["  33   0 162   1  33   0 162   1  33   0 162   1  33   0 162   1\n"],
    &["d 0 ff "],
    &["d 0 ff\n"],
    &["0x00, 0x  , "],
    &["0x00 0x  \n"],
    &["\"\\xdfé\" "],
    &["b\"\\x00\\01\" "],
    &["[a, b, 1, "],
    &["[a, 1] "],
    &["'\\u{13}', "],
    &["000 013 006\n"],
    &["0000000   72   84\n"],
    &["00000000: 072 084\n"],
];

/// Nanoseconds below which the clock says more than the work.
const RESOLUTION: u64 = 8_000_000;

/// Four times as much text takes four times as long; 16 times would be quadratic.
const MAX_RATIO: u64 = 6;

/// Characters of the smaller text.
const SIZE: usize = 8_000;

/// The same of one long line of parts: where each part makes a fast search walk to
/// the end of the line, less is lost in the resolution.
const LINE: usize = 24_000;

/// Says if work grows by the square of the text, up to `16 * size` characters.
fn overrun(name: &str, size: usize, text: impl Fn(usize) -> String) -> Option<String> {
    // A search that goes so far and no farther costs more with the text until the text
    // is longer than that.
    excess(name, size, &text)?;
    excess(name, 4 * size, &text)
}

/// Reads a text of `4 * size` characters, and where that takes longer than any that is
/// allowed, one of `size`; says if four times as much takes more than [`MAX_RATIO`] times
/// as long.
fn excess(name: &str, size: usize, text: &dyn Fn(usize) -> String) -> Option<String> {
    let Some(four) = work(&text(4 * size)) else {
        println!("skipped: the system does not tell the time of a thread");
        return None;
    };
    println!("{name:?}: {} us", four / 1000);
    let is_over = |(one, four): (u64, u64)| four > MAX_RATIO * one.max(RESOLUTION);
    let mut times = (0, four);
    // A busy machine slows one run; work that is there is there each time. The two sizes
    // take turns, so that what slows them slows both.
    for _ in 0..3 {
        if !is_over(times) {
            return None;
        }
        times.0 = work(&text(size))?;
        if !is_over(times) {
            return None;
        }
        times.1 = work(&text(4 * size))?;
    }
    is_over(times).then(|| format!("{name:?}: {} ns, {} ns", times.0, times.1))
}

/// Fails where any of `items` overruns.
fn hold<T: Sync>(items: &[T], overrun: impl Fn(&T) -> Option<String> + Sync) {
    let overruns = parallel::each(items, overrun);
    let overruns: Vec<_> = overruns.into_iter().flatten().collect();
    assert!(overruns.is_empty(), "{overruns:#?}");
}

#[test]
fn work_is_linear_in_every_form() {
    hold(PRINTERS, |printer| {
        // Bytes of every kind, zeros among them.
        let byte = |at: usize| (at * at / 7) as u8 & if at % 16 < 8 { 0xff } else { 0 };
        overrun(printer.name, SIZE, |size| {
            let bytes: Vec<u8> = (0..size / 4).map(byte).collect();
            (printer.print)(&bytes)
        })
    });
}

/// A short message in the form of a printer.
fn short(printer: &Printer) -> String {
    (printer.print)(&bytes_of("request index=4 begin=0 length=16384"))
}

#[test]
fn work_is_linear_in_many_dumps_of_a_line() {
    hold(PRINTERS, |printer| {
        let short = short(printer);
        overrun(printer.name, SIZE, |size| {
            format!("{short} and ").repeat(size / short.len())
        })
    });
}

#[test]
fn work_is_linear_in_many_dumps() {
    hold(PRINTERS, |printer| {
        let short = short(printer);
        overrun(printer.name, SIZE, |size| {
            format!("{short}\nword\n").repeat(size / short.len())
        })
    });
}

#[test]
fn work_is_linear_in_parts_of_forms() {
    hold(PARTS, |parts| {
        let is_line = !parts.concat().contains('\n');
        let size = if is_line { LINE } else { SIZE };
        overrun(&parts.concat(), size, |size| {
            let (mut text, mut state) = (String::new(), 7_usize);
            while text.len() < size {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                text.push_str(parts[(state >> 33) % parts.len()]);
            }
            text
        })
    });
}
