//! Strings and ready-made values in JSON.

use serde_json::Value;

use super::super::number::push_hex;
use super::super::text::is_plain;

/// Appends a string with its quotes.
pub fn push_string(out: &mut String, text: &str) {
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\')
    {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        push_value(out, &Value::from(text));
    }
}

/// Appends text that should be UTF-8: a string, or `{"hex":".."}`.
pub fn push_text(out: &mut String, bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return push_string(out, text);
    }
    out.push_str("{\"hex\":\"");
    push_hex(out, bytes);
    out.push_str("\"}");
}

/// Appends a value.
pub fn push_value(out: &mut String, value: &Value) {
    push_guarded(out, &value.to_string());
}

/// Appends JSON, with every character that must not reach a terminal escaped.
/// In JSON such a character stands in a string only, where the escape means the
/// same.
pub fn push_guarded(out: &mut String, json: &str) {
    for character in json.chars() {
        if is_plain(character) {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                out.push_str("\\u");
                push_hex(out, &unit.to_be_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tricks_are_escaped_and_letters_are_not() {
        let mut out = String::new();
        push_string(&mut out, "µ \u{202e}\u{7f}\u{9b}\u{e0041}\n\"");
        assert_eq!(out, r#""µ \u202e\u007f\u009b\udb40\udc41\n\"""#);
    }

    proptest! {
        #[test]
        fn any_string_reads_back(text in ".*|\\p{C}*") {
            let mut out = String::new();
            push_string(&mut out, &text);
            prop_assert!(out.chars().all(is_plain));
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
