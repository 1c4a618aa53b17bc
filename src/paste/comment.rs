//! Comments beside bytes, in the languages in which people write arrays of them.

use super::cells;

/// A longer one is none, so that many that begin in one line are not each walked to
/// its end.
const MAX_COMMENT: usize = 512;

/// More of them in a row, without a byte between, are a text of their own.
pub const MAX_ROW: usize = 8;

/// What begins a comment that goes on to the end of its line.
const LINES: [&str; 4] = ["//", "--", "#", "% "];

/// What begins one and what ends it.
const BLOCKS: [(&str, &str); 2] = [("/*", "*/"), ("(*", "*)")];

/// Length of the comment that a text begins with, without the end of its line.
pub fn comment(rest: &str) -> Option<usize> {
    let near = &rest[..rest.floor_char_boundary(MAX_COMMENT)];
    for (open, close) in BLOCKS {
        if let Some(inner) = near.strip_prefix(open) {
            return Some(open.len() + inner.find(close)? + close.len());
        }
    }
    // `#x0d` is a number of Lisp.
    let is_number = rest.starts_with("#x") || rest.starts_with("#X");
    let begins = LINES.iter().any(|mark| near.starts_with(mark)) && !is_number;
    (begins || is_remark(near)).then(|| to_line_end(near, rest))?
}

fn to_line_end(near: &str, rest: &str) -> Option<usize> {
    let end = near.find('\n').map(|end| near[..end].trim_end().len());
    end.or((near.len() == rest.len()).then_some(near.len()))
}

/// Whether words follow a `;`, which may also stand between two numbers.
fn is_remark(near: &str) -> bool {
    let Some(line) = near.strip_prefix(';').and_then(|rest| rest.lines().next()) else {
        return false;
    };
    let line = line.split(['|', ']', '}', ')']).next().unwrap_or_default();
    // A number may be the first word of a remark, `; 4 bytes`.
    let words = line
        .split([' ', '\t', ',', ';'])
        .filter(|word| !word.is_empty());
    let is_word = |word: &str| {
        let starts = word.starts_with(|c: char| c.is_alphabetic());
        starts && !cells::is_hex(word)
    };
    words.take(2).any(is_word)
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn a_remark_is_told_from_the_next_number() {
        for (text, length) in [
            ("// length\n0x06", Some(9)),
            ("# length\r\n0x06", Some(8)),
            ("-- the end", Some(10)),
            ("; have\n0x04", Some(6)),
            ("; 4 bytes\n0x04", Some(9)),
            ("/* 1, 2 */ 3", Some(10)),
            ("; 0x04; 0x00", None),
            ("; 0d; 06", None),
            ("#x0d #x06", None),
            ("/* open", None),
            ("- 1", None),
        ] {
            assert_eq!(comment(text), length, "{text}");
        }
    }
}
