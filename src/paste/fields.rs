//! Fields of a packet in the JSON of `tshark -x`: `"ip.version_raw": ["45", 14, 1, 240, 4]`, digits
//! with their place in the packet. Where the packet itself is there as `frame_raw`, they are
//! parts of it, and no dumps.

use super::glue::QUOTES;
use super::text::{PACKET, Text};

/// How the keys of its fields end.
const FIELD: &str = "_raw\":";

/// Characters before the digits in which the key stands.
const NEAR: usize = 64;

/// Whether the list or the digits that begin at `at` are those of a field.
pub fn is_field(text: &Text<'_>, at: usize) -> bool {
    if !text.has_packet {
        return false;
    }
    let start = text.text.ceil_char_boundary(at.saturating_sub(NEAR));
    let before = text.text[start..at].trim_end_matches(QUOTES).trim_end();
    let key = before.strip_suffix('[').unwrap_or(before).trim_end();
    key.ends_with(FIELD) && !key.ends_with(PACKET)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_packet_that_is_there() {
        for (text, expected) in [
            ("\"frame_raw\": [\"00\"], \"ip_raw\": [\"~45", true),
            ("\"frame_raw\": [\"00\"], \"ip_raw\": ~[\"45", true),
            ("\"frame_raw\": [\"00\"], \"ip\": [\"~45", false),
            ("\"frame_raw\": [\n \"~00", false),
            ("\"ip_raw\": [\"~45", false),
        ] {
            let at = text.find('~').unwrap();
            let text = text.replace('~', "");
            assert_eq!(is_field(&Text::new(&text), at), expected, "{text}");
        }
    }
}
