//! Lines and header fields of HTTP-like messages (HTTP trackers, BEP 14).
//!
//! Lenient: a line ends with CRLF or LF, spaces around a value do not count.

use std::ops::Range;

/// A line: offsets in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// All of it, its end included.
    pub span: Range<usize>,
    /// Without its end.
    pub text: Range<usize>,
}

impl Line {
    /// The line that begins at `at`; the last one may lack its end. `None` after
    /// it.
    pub fn at(message: &[u8], at: usize) -> Option<Self> {
        let rest = message.get(at..).filter(|rest| !rest.is_empty())?;
        let feed = rest.iter().position(|&byte| byte == b'\n');
        let end = at + feed.map_or(rest.len(), |feed| feed + 1);
        let mut text = at..at + feed.unwrap_or(rest.len());
        if message[text.clone()].ends_with(b"\r") {
            text.end -= 1;
        }
        Some(Self {
            span: at..end,
            text,
        })
    }

    /// Whether it ends with a line feed.
    pub fn is_ended(&self, message: &[u8]) -> bool {
        message[self.span.clone()].ends_with(b"\n")
    }

    /// Its name and value, if it is a header field.
    pub fn header(&self, message: &[u8]) -> Option<Header> {
        let colon = message[self.text.clone()]
            .iter()
            .position(|&byte| byte == b':')?;
        let name = self.text.start..self.text.start + colon;
        Some(Header {
            name: trimmed(message, name),
            value: trimmed(message, self.text.start + colon + 1..self.text.end),
        })
    }
}

/// A header field: offsets in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// What is before the colon.
    pub name: Range<usize>,
    /// What is after it, without the spaces around.
    pub value: Range<usize>,
}

impl Header {
    /// Whether its name is `name`, in whatever case.
    pub fn is(&self, message: &[u8], name: &str) -> bool {
        message[self.name.clone()].eq_ignore_ascii_case(name.as_bytes())
    }
}

fn trimmed(message: &[u8], range: Range<usize>) -> Range<usize> {
    let text = &message[range.clone()];
    let start = range.start + (text.len() - text.trim_ascii_start().len());
    start..start + text.trim_ascii().len()
}

/// Offset after the empty line that ends the header fields; `None` while that
/// has not come. `scanned` is where to look from, 0 at first; it moves on to the
/// end of the last whole line.
pub fn next_head_end(message: &[u8], scanned: &mut usize) -> Option<usize> {
    while let Some(line) = Line::at(message, *scanned) {
        if !line.is_ended(message) {
            return None;
        }
        *scanned = line.span.end;
        if line.text.is_empty() {
            return Some(line.span.end);
        }
    }
    None
}

/// The number that a text spells in decimal digits alone.
pub fn decimal(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(text).ok()?;
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_or_without_a_carriage_return() {
        let message = b"a\r\nb\n\nc";
        let texts: Vec<_> = std::iter::successors(Line::at(message, 0), |line| {
            Line::at(message, line.span.end)
        })
        .map(|line| message[line.text].to_vec())
        .collect();
        assert_eq!(texts, [&b"a"[..], b"b", b"", b"c"]);
        let head_end = |message: &[u8]| next_head_end(message, &mut 0);
        assert_eq!(head_end(message), Some(6));
        assert_eq!(head_end(b"a\r\nb\r\n"), None);
        assert_eq!(head_end(b""), None);
        assert_eq!(head_end(b"\r\n"), Some(2));
        let mut scanned = 0;
        assert_eq!(next_head_end(b"a\nb", &mut scanned), None);
        assert_eq!(scanned, 2);
        assert_eq!(next_head_end(b"a\nb\n\n", &mut scanned), Some(5));
    }

    #[test]
    fn header_fields_are_trimmed() {
        let message = b"Host :\t a:6969 \r\n";
        let header = Line::at(message, 0).unwrap().header(message).unwrap();
        assert!(header.is(message, "host"));
        assert_eq!(&message[header.value], b"a:6969");
        assert_eq!(Line::at(b"no colon", 0).unwrap().header(b"no colon"), None);
        let empty = b"x:";
        let header = Line::at(empty, 0).unwrap().header(empty).unwrap();
        assert_eq!(header.value, 2..2);
    }

    #[test]
    fn decimals_have_no_sign() {
        assert_eq!(decimal(b"6881"), Some(6881));
        for text in [&b""[..], b"-1", b"+1", b"1 ", b"99999999999999999999"] {
            assert_eq!(decimal(text), None);
        }
    }
}
