//! Percent-encoding (RFC 3986) of binary values in URLs: info-hashes, peer ids.

use std::borrow::Cow;

/// Decodes `%xx`; any other character, and a `%` without two hex digits, stands
/// for itself (a `+` is a plus: trackers do not take it for a space).
pub fn decode(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let (byte, after) = escaped(rest).unwrap_or((byte, after));
        out.push(byte);
        rest = after;
    }
    Cow::Owned(out)
}

/// The byte that `text` begins with in escaped form, and what follows.
fn escaped(text: &[u8]) -> Option<(u8, &[u8])> {
    let (head, rest) = text.split_first_chunk::<3>()?;
    let mut byte = [0];
    let is_escape = head[0] == b'%' && hex::decode_to_slice(&head[1..], &mut byte).is_ok();
    is_escape.then_some((byte[0], rest))
}

/// Appends `bytes`, all but the unreserved characters escaped.
pub fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte);
        } else {
            let digit = |nibble: u8| DIGITS[usize::from(nibble)];
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        assert_eq!(decode(b"a%20+%e4%BEz").as_ref(), b"a +\xe4\xbez");
        for text in [&b"%"[..], b"%2", b"%zz", b"%%", b"100%"] {
            assert_eq!(decode(text).as_ref(), text);
        }
        assert_eq!(decode(b"%%41").as_ref(), b"%A");
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut text = Vec::new();
            encode(&bytes, &mut text);
            prop_assert!(text.is_ascii());
            let decoded = decode(&text);
            prop_assert_eq!(decoded.as_ref(), &bytes[..]);
        }
    }
}
