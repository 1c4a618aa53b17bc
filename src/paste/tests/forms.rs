//! Any bytes, in the form of each program, are read back.

use proptest::prelude::*;

use super::printers::*;
use super::*;

/// A form with words before it, in the same line or in the line before.
fn in_words(printer: &Printer, bytes: &[u8]) -> String {
    let dump = (printer.print)(bytes);
    if printer.is_block {
        format!("then it sent this:\n{dump}\n")
    } else {
        format!("then it sent {dump} to us")
    }
}

proptest! {
    #[test]
    fn every_form_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 9..70)) {
        // Without a byte that no text has, a literal of JSON is text.
        let bytes = [&[0x13][..], &bytes].concat();
        for printer in PRINTERS {
            let text = in_words(printer, &bytes);
            let pasted = read(&text);
            prop_assert_eq!(pasted.fault, None, "{}\n{}", printer.name, text);
            let dumps: Vec<_> = pasted.sections.iter().filter_map(|section| match section {
                Section::Dump(dump) => Some(&dump.bytes[..]),
                Section::Context(_) | Section::Logged(_) => None,
            }).collect();
            prop_assert_eq!(dumps, [&bytes[..]], "{}\n{}", printer.name, text);
        }
    }

    /// Words tell nothing of the order; what is printable does.
    #[test]
    fn words_of_two_and_four_bytes(bytes in proptest::collection::vec(any::<u8>(), 9..70)) {
        prop_assert_eq!(only(&od_words(&bytes, |word| format!("{word:04x}"))), bytes.clone());
        prop_assert_eq!(only(&od_words(&bytes, |word| format!("{word:06o}"))), bytes.clone());
        let bytes = [b"BitTorrent protocol!", &bytes[..]].concat();
        prop_assert_eq!(only(&format!("dump:\n{}", xxd_e(&bytes))), bytes);
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
