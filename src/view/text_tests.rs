use proptest::prelude::*;

use super::*;

fn safe(text: &str) -> String {
    Safe::from(text).to_string()
}

#[test]
fn phrases_stay_together() {
    let words = "fin by A, 4 unanswered, 2388 gaps";
    let lines = ["fin by A,", "4 unanswered,", "2388 gaps"];
    assert_eq!(wrap_phrases(words, 13), lines);
    assert_eq!(
        wrap_phrases(words, 24),
        ["fin by A, 4 unanswered,", "2388 gaps"]
    );
    assert_eq!(wrap_phrases(words, 40), [words]);
    assert_eq!(
        wrap_phrases("fin by somebody, no", 9),
        ["fin by", "somebody,", "no"]
    );
    assert_eq!(wrap_phrases("", 9), [""; 0]);
}

#[test]
fn controls_show_as_escapes() {
    assert_eq!(safe("\u{1b}[2J\u{7}"), "\\x1b[2J\\x07");
    assert_eq!(safe("a\tb\nc\rd\0"), "a\\tb\\nc\\rd\\x00");
    assert_eq!(safe("\u{7f}\u{80}\u{9b}31m"), "\\x7f\\u{80}\\u{9b}31m");
}

#[test]
fn characters_that_trick_the_eye_show_as_escapes() {
    let ranges = [
        '\u{200b}'..='\u{200f}',
        '\u{2028}'..='\u{202e}',
        '\u{2060}'..='\u{2069}',
        '\u{feff}'..='\u{feff}',
        '\u{fff9}'..='\u{fffb}',
        '\u{e0020}'..='\u{e007f}',
        '\u{e000}'..='\u{e000}',
        '\u{ad}'..='\u{ad}',
        '\u{a0}'..='\u{a0}',
        '\u{61c}'..='\u{61c}',
    ];
    for character in ranges.into_iter().flatten() {
        let expected = format!("\\u{{{:x}}}", u32::from(character));
        assert_eq!(safe(&character.to_string()), expected);
    }
}

#[test]
fn words_of_the_world_pass() {
    for text in [
        "Ubuntu 24.04",
        "µTorrent",
        "日本語\u{3000}版",
        "Ελλάδα",
        "🦀",
        "e\u{301}té",
    ] {
        assert_eq!(safe(text), text);
    }
}

#[test]
fn marks_need_a_base_and_do_not_pile_up() {
    assert_eq!(safe("\u{301}a"), "\\u{301}a");
    let tower = format!("a{}", "\u{301}".repeat(6));
    assert_eq!(
        safe(&tower),
        "a\u{301}\u{301}\u{301}\u{301}\\u{301}\\u{301}"
    );
}

#[test]
fn bytes_that_are_no_utf8_show_in_hex() {
    assert_eq!(Safe(b"\xc2\xb5T\xff\xfe").to_string(), "µT\\xff\\xfe");
    // Overlong forms of '/' and of ESC, and an encoded surrogate.
    assert_eq!(Safe(b"\xc0\xaf").to_string(), "\\xc0\\xaf");
    assert_eq!(Safe(b"\xe0\x80\x9b").to_string(), "\\xe0\\x80\\x9b");
    assert_eq!(Safe(b"\xed\xa0\x80").to_string(), "\\xed\\xa0\\x80");
}

#[test]
fn wrapping_prefers_spaces_and_keeps_line_feeds() {
    let lines = |text, columns| wrap(text, columns).collect::<Vec<_>>();
    assert_eq!(lines("one two three", 8), ["one two", "three"]);
    assert_eq!(lines("one two three", 7), ["one two", "three"]);
    assert_eq!(lines("to be (BEP 6)", 11), ["to be", "(BEP 6)"]);
    assert_eq!(lines("BEP 6", 4), ["BEP", "6"]);
    assert_eq!(lines("abcdefgh", 3), ["abc", "def", "gh"]);
    assert_eq!(lines("a\n\nb", 9), ["a", "", "b"]);
    assert_eq!(lines("日本", 1), ["日", "本"]);
    assert_eq!(lines("", 5), [""; 0]);
}

proptest! {
    #[test]
    fn any_bytes_become_plain_text(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let once = Safe(&bytes).to_string();
        prop_assert!(once.chars().all(is_plain));
        prop_assert_eq!(safe(&once), once);
    }

    #[test]
    fn any_text_becomes_plain_text(text in "\\PC*|\\p{C}*|.*") {
        prop_assert!(safe(&text).chars().all(is_plain));
    }

    #[test]
    fn wrapping_loses_no_letter(text in "[a-z ]{0,60}", columns in 1_usize..20) {
        let joined: String = wrap(&text, columns).collect();
        prop_assert_eq!(joined.replace(' ', ""), text.replace(' ', ""));
        prop_assert!(wrap(&text, columns).all(|line| width(line) <= columns));
    }
}
