//! Any bytes, in the form of each program, are read back.

use std::fmt::Write as _;

use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;

fn join(bytes: &[u8], separator: &str, item: impl Fn(u8) -> String) -> String {
    let items: Vec<_> = bytes.iter().map(|byte| item(*byte)).collect();
    items.join(separator)
}

fn hex(bytes: &[u8], separator: &str) -> String {
    join(bytes, separator, |byte| format!("{byte:02x}"))
}

fn characters(bytes: &[u8]) -> String {
    join(bytes, "", |byte| {
        let shown = if matches!(byte, b' '..=b'~') {
            byte
        } else {
            b'.'
        };
        char::from(shown).to_string()
    })
}

/// Rows of 16 bytes: an offset, the bytes, and the end offset alone.
fn rows(bytes: &[u8], row: impl Fn(usize, &[u8]) -> String, end: Option<&str>) -> String {
    let chunks = bytes.chunks(16).enumerate();
    let mut text: String = chunks
        .map(|(index, chunk)| row(16 * index, chunk) + "\n")
        .collect();
    text.extend(end.map(|end| format!("{end}\n")));
    text
}

fn xxd(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let groups: Vec<_> = chunk.chunks(2).map(|pair| hex(pair, "")).collect();
        format!("{at:08x}: {:39}  {}", groups.join(" "), characters(chunk))
    };
    rows(bytes, row, None)
}

fn hexdump_c(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let (left, right) = chunk.split_at(chunk.len().min(8));
        let bytes = format!("{:23}  {:23}", hex(left, " "), hex(right, " "));
        format!("{at:08x}  {bytes}  |{}|", characters(chunk))
    };
    rows(bytes, row, Some(&format!("{:08x}", bytes.len())))
}

fn tcpdump(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let groups: Vec<_> = chunk.chunks(2).map(|pair| hex(pair, "")).collect();
        format!(
            "\t0x{at:04x}:  {:39}  {}",
            groups.join(" "),
            characters(chunk)
        )
    };
    rows(bytes, row, None)
}

fn wireshark(bytes: &[u8]) -> String {
    let row =
        |at, chunk: &[u8]| format!("{at:04x}   {:47}   {}", hex(chunk, " "), characters(chunk));
    rows(bytes, row, None)
}

fn od_t_x1(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| format!("{at:07o} {}", hex(chunk, " "));
    rows(bytes, row, Some(&format!("{:07o}", bytes.len())))
}

fn od_words(bytes: &[u8], word: impl Fn(u16) -> String) -> String {
    let row = |at, chunk: &[u8]| {
        let words = chunk.chunks(2);
        let word = |pair: &[u8]| {
            let high = pair.get(1).copied().unwrap_or(0);
            word(u16::from_le_bytes([pair[0], high]))
        };
        let words: Vec<_> = words.map(word).collect();
        format!("{at:07o} {}", words.join(" "))
    };
    rows(bytes, row, Some(&format!("{:07o}", bytes.len())))
}

fn od_c(bytes: &[u8]) -> String {
    let cell = |byte| match byte {
        0 => "  \\0".to_owned(),
        b'\n' => "  \\n".to_owned(),
        b'\r' => "  \\r".to_owned(),
        b'\t' => "  \\t".to_owned(),
        b' '..=b'~' => format!("   {}", char::from(byte)),
        other => format!(" {other:03o}"),
    };
    let row = |at, chunk: &[u8]| format!("{at:07o}{}", join(chunk, "", cell));
    rows(bytes, row, Some(&format!("{:07o}", bytes.len())))
}

fn gdb(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (index, chunk) in bytes.chunks(8).enumerate() {
        let at = 0x7fff_ffff_e000_u64 + 8 * index as u64;
        let values = join(chunk, "\t", |byte| format!("0x{byte:02x}"));
        let _ = writeln!(text, "0x{at:x}:\t{values}");
    }
    text
}

/// Groups of four bytes, the little end first.
fn xxd_e(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let word = |word: &[u8]| {
            let word: Vec<u8> = word.iter().rev().copied().collect();
            format!("{:>8}", hex(&word, ""))
        };
        let words: Vec<_> = chunk.chunks(4).map(word).collect();
        format!("{at:08x}: {:35}  {}", words.join(" "), characters(chunk))
    };
    rows(bytes, row, None)
}

fn format_hex(bytes: &[u8]) -> String {
    let columns: Vec<u8> = (0..16).collect();
    let row = |at, chunk: &[u8]| {
        let digits = hex(chunk, " ").to_uppercase();
        format!("{at:08X}   {digits:47}  {}", characters(chunk))
    };
    format!(
        "{:11}{}\n{}",
        "",
        hex(&columns, " "),
        rows(bytes, row, None)
    )
}

fn netty(bytes: &[u8]) -> String {
    let line = format!(
        "+{}+{}+{}+\n",
        "-".repeat(8),
        "-".repeat(49),
        "-".repeat(16)
    );
    let row = |at, chunk: &[u8]| {
        let shown = characters(chunk);
        format!("|{at:08x}| {:48}|{shown:16}|", hex(chunk, " "))
    };
    format!("{line}{}{line}", rows(bytes, row, None))
}

/// Rows of `xxd -g1` that a mail program wrapped behind the twelfth byte.
fn wrapped(bytes: &[u8]) -> String {
    let row = |at, chunk: &[u8]| {
        let (left, right) = chunk.split_at(chunk.len().min(12));
        let right = hex(right, " ");
        let end = if right.is_empty() { "" } else { "\n" };
        format!("{at:08x}: {}{end}{right}", hex(left, " "))
    };
    rows(bytes, row, Some(&format!("{:08x}:", bytes.len())))
}

fn python(bytes: &[u8]) -> String {
    let escaped = join(bytes, "", |byte| match byte {
        b'\\' | b'\'' => format!("\\{}", char::from(byte)),
        b'\n' => "\\n".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        other => format!("\\x{other:02x}"),
    });
    format!("b'{escaped}'")
}

fn json(bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    serde_json_like(&text)
}

/// A string of JSON, all beyond ASCII escaped.
fn serde_json_like(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

/// Every form, with words before it in the same line or the line before.
fn forms(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let decimal = |byte: u8| byte.to_string();
    let prefixed = |byte: u8| format!("0x{byte:02x}");
    vec![
        ("node", format!("data:  <Buffer {}>", hex(bytes, " "))),
        ("spaced", format!("it sent\n{}\n", hex(bytes, " "))),
        (
            "upper",
            format!("it sent {}", hex(bytes, " ").to_uppercase()),
        ),
        ("colons", format!("it sent\n{}", hex(bytes, ":"))),
        ("stream", format!("it sent\n00{}", hex(bytes, ""))),
        ("0x", format!("it sent {}", join(bytes, " ", prefixed))),
        (
            "\\x",
            format!("it sent {}", join(bytes, "", |b| format!("\\x{b:02x}"))),
        ),
        (
            "c",
            format!("char x[] = {{ {} }};", join(bytes, ", ", prefixed)),
        ),
        (
            "rust",
            format!("let x: [u8; 9] = [{}];", join(bytes, ", ", decimal)),
        ),
        ("go", format!("got [{}]", join(bytes, " ", decimal))),
        (
            "js",
            format!("Uint8Array(9) [\n  {},\n]", join(bytes, ",\n  ", decimal)),
        ),
        ("python", format!("recv {}", python(bytes))),
        ("json", format!("{{\"data\": {}}}", json(bytes))),
        ("base64", format!("base64,{}", STANDARD.encode(bytes))),
        (
            "base64url",
            format!("base64,{}", URL_SAFE_NO_PAD.encode(bytes)),
        ),
        ("xxd", format!("dump:\n{}", xxd(bytes))),
        ("hexdump", format!("dump:\n{}", hexdump_c(bytes))),
        (
            "tcpdump",
            format!(
                "IP 10.0.0.1.6881 > 10.0.0.2.1: length 65\n{}",
                tcpdump(bytes)
            ),
        ),
        ("wireshark", format!("dump:\n{}", wireshark(bytes))),
        ("od -t x1", format!("dump:\n{}", od_t_x1(bytes))),
        ("od -x", od_words(bytes, |word| format!("{word:04x}"))),
        ("od", od_words(bytes, |word| format!("{word:06o}"))),
        ("od -c", od_c(bytes)),
        ("gdb", gdb(bytes)),
        // What is printable tells the order.
        (
            "xxd -e",
            format!(
                "dump:\n{}",
                xxd_e(&[b"BitTorrent protocol!", bytes].concat())
            ),
        ),
        ("Format-Hex", format!("dump:\n{}", format_hex(bytes))),
        ("Netty", format!("dump:\n{}", netty(bytes))),
        ("wrapped", format!("dump:\n{}", wrapped(bytes))),
        (
            "java",
            format!(
                "got [{}]",
                join(bytes, ", ", |b| b.cast_signed().to_string())
            ),
        ),
        (
            "erlang",
            format!("got <<{}>> now", join(bytes, ",", decimal)),
        ),
        (
            "octal",
            format!("printf {}", join(bytes, "", |b| format!("\\{b:03o}"))),
        ),
        (
            "percent",
            format!(
                "it was %00%00%00{} then",
                join(bytes, "", |b| format!("%{b:02x}"))
            ),
        ),
        (
            "NSData",
            format!("data = {{length = 9, bytes = 0x{}}}", hex(bytes, "")),
        ),
    ]
}

proptest! {
    #[test]
    fn every_form_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 9..70)) {
        // Without a byte that no text has, a literal of JSON is text.
        let bytes = [&[0x13][..], &bytes].concat();
        for (form, text) in forms(&bytes) {
            let pasted = read(&text);
            prop_assert_eq!(pasted.fault, None, "{}\n{}", form, text);
            let dumps: Vec<_> = pasted.sections.iter().filter_map(|section| match section {
                Section::Dump(dump) => Some(&dump.bytes[..]),
                Section::Context(_) | Section::Logged(_) => None,
            }).collect();
            let expected = match form {
                "stream" => [&[0][..], &bytes].concat(),
                "percent" => [&[0, 0, 0][..], &bytes].concat(),
                "xxd -e" => [b"BitTorrent protocol!", &bytes[..]].concat(),
                _ => bytes.clone(),
            };
            prop_assert_eq!(dumps, [&expected[..]], "{}\n{}", form, text);
        }
    }

    /// Bytes that are all letters of hex are no reason to take the column of
    /// characters for bytes, nor words for it.
    #[test]
    fn characters_that_look_like_hex(text in "[a-f0-9 ]{9,60}") {
        let bytes = text.as_bytes();
        for dump in [xxd(bytes), hexdump_c(bytes), tcpdump(bytes), wireshark(bytes)] {
            prop_assert_eq!(only(&dump), bytes, "{}", dump);
        }
    }

    #[test]
    fn any_text_gives_an_answer(
        text in "([0-9a-fx]{1,4}|[ \n:.,*|<>\\[\\]{}'\"\\\\-]|<Buffer |0x|\\\\x|b'|00 00 00 01|\\.\\.\\.|é){0,60}",
        sure in any::<bool>(),
    ) {
        let pasted = if sure { read_bytes(&text) } else { read(&text) };
        for section in &pasted.sections {
            if let Section::Dump(dump) = section {
                for index in 0..dump.bytes.len() {
                    let place = dump.place(index);
                    prop_assert!(place.line <= text.lines().count());
                }
            }
        }
    }
}
