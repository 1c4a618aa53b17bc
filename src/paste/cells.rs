//! Groups of hex digits in a row, and where they end.

use std::ops::Range;

use super::found::Found;
use super::text::Text;

/// Some digits without a blank.
#[derive(Debug, Clone)]
pub struct Group {
    /// Its span in the text; an even number of digits.
    pub span: Range<usize>,
    /// Blanks before it; a tab or the line of a frame counts for two. 0 where `:` or `-` stands before.
    pub gap: usize,
}

impl Group {
    /// How many bytes it holds.
    pub fn size(&self) -> usize {
        self.span.len() / 2
    }
}

/// Why there are no more groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The line ends.
    End,
    /// `..`, `...` or `…`: bytes were left out. Ends here.
    Cut(usize),
    /// A word, or an odd number of digits, after so many blanks.
    Word(Range<usize>, usize),
    /// Another character, after so many blanks.
    Other(usize, usize),
}

/// The groups of one line.
#[derive(Debug)]
pub struct Cells {
    pub groups: Vec<Group>,
    pub stop: Stop,
    /// What stands between pairs without a blank.
    pub separator: Option<char>,
}

impl Cells {
    /// Bytes in the first `count` groups.
    pub fn size(&self, count: usize) -> usize {
        self.groups.iter().take(count).map(Group::size).sum()
    }

    /// Where the first `count` groups end.
    pub fn end(&self, count: usize) -> Option<usize> {
        Some(self.groups.get(count.checked_sub(1)?)?.span.end)
    }
}

/// Columns that a gap before another column has at least.
pub const COLUMN_GAP: usize = 2;

/// Reads groups in `span` of the text.
pub fn read(text: &Text<'_>, span: Range<usize>) -> Cells {
    groups(text, span, &[':', '-', ';', '|', '.', '/'], &['|'])
}

/// Reads groups in a row that has an offset: there may be commas between them,
/// and lines between their columns.
pub fn read_row(text: &Text<'_>, span: Range<usize>) -> Cells {
    groups(text, span, &[':', '-', ',', '|'], &['|', '-'])
}

/// `separators` stand between two pairs without a blank, `lines` with blanks.
fn groups(text: &Text<'_>, span: Range<usize>, separators: &[char], lines: &[char]) -> Cells {
    let mut groups: Vec<Group> = Vec::new();
    let mut used: Option<char> = None;
    let mut at = span.start;
    let stop = loop {
        let rest = text.text.get(at..span.end).unwrap_or_default();
        let (blank, gap) = blanks(rest);
        let joined = groups.last().is_some_and(|group| group.span.len() == 2);
        let same =
            |mark: char| used.is_none_or(|used| used == mark || (is_usual(used) && is_usual(mark)));
        let separator = separator(rest, separators);
        let (skip, gap) = match separator.filter(|(mark, _)| joined && same(*mark)) {
            Some((mark, length)) => {
                used = Some(mark);
                (length, 0)
            }
            None => match column_line(&rest[blank..], lines) {
                Some(length) => (blank + length, gap + length),
                None => (blank, gap),
            },
        };
        at += skip;
        let rest = &rest[skip..];
        let word = word(rest);
        if word > 0 {
            let token = &rest[..word];
            if !is_group(token) || (gap == 0 && skip > 0 && word != 2) {
                break Stop::Word(at..at + word, gap);
            }
            let span = at..at + word;
            groups.push(Group { span, gap });
            at += word;
        } else if rest.is_empty() {
            break Stop::End;
        } else if let Some(dots) = dots(rest) {
            break Stop::Cut(at + dots);
        } else {
            break Stop::Other(at, gap);
        }
    };
    Cells {
        groups,
        stop,
        separator: used,
    }
}

/// Length and columns of the blanks at the start; the lines of a frame are some.
pub fn blanks(text: &str) -> (usize, usize) {
    let is_blank = |c: char| c == ' ' || c == '\t' || is_frame(c);
    let length = text.len() - text.trim_start_matches(is_blank).len();
    let wide = text[..length].matches(|c| c != ' ').count();
    (length, text[..length].chars().count() + wide)
}

/// `:`, `-` and the like before two digits, and a blank behind a comma.
fn separator(rest: &str, separators: &[char]) -> Option<(char, usize)> {
    let after = rest.strip_prefix(separators)?;
    let mark = rest.chars().next()?;
    let is_comma = mark == ',';
    let digits = if is_comma {
        after.trim_start_matches(' ')
    } else {
        after
    };
    let digit = digits.chars().next()?;
    let length = rest.len() - digits.len();
    digit.is_ascii_hexdigit().then_some((mark, length))
}

/// Whether a separator is one that dumps of bytes usually have.
pub fn is_usual(mark: char) -> bool {
    matches!(mark, ':' | '-')
}

/// `| ` or `- ` before another column of pairs.
fn column_line(rest: &str, lines: &[char]) -> Option<usize> {
    let digits = rest.strip_prefix(lines)?;
    let after = digits.trim_start_matches(' ');
    let length = rest.len() - after.len();
    let pair = after.get(..2).filter(|pair| is_hex(pair))?;
    let ends = after[pair.len()..].starts_with([' ', ',']);
    (length > 1 && ends).then_some(length)
}

/// Length of the letters and digits at the start.
fn word(rest: &str) -> usize {
    rest.len() - rest.trim_start_matches(is_word).len()
}

/// The first letter of scripts that put no blanks between words: digits may stand
/// right beside them.
const WITHOUT_BLANKS: char = '\u{2e80}';

/// Whether a character is part of a word that blanks set apart.
pub fn is_word(c: char) -> bool {
    c == '_' || (c < WITHOUT_BLANKS && c.is_alphanumeric())
}

/// Whether a token is an even number of hex digits.
pub fn is_group(token: &str) -> bool {
    token.len().is_multiple_of(2) && is_hex(token)
}

/// Whether a token is hex digits.
pub fn is_hex(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Length of the dots that stand for bytes left out.
pub fn dots(rest: &str) -> Option<usize> {
    if rest.starts_with('…') {
        return Some('…'.len_utf8());
    }
    let length = rest.len() - rest.trim_start_matches('.').len();
    (length >= 2).then_some(length)
}

/// Adds the bytes of a group.
pub fn push(found: &mut Found, text: &Text<'_>, group: &Group) {
    let digits = &text.text.as_bytes()[group.span.clone()];
    for (index, pair) in digits.chunks_exact(2).enumerate() {
        found.push(byte(pair), group.span.start + 2 * index);
    }
}

/// The byte that two hex digits spell.
pub fn byte(pair: &[u8]) -> u8 {
    pair.iter().fold(0, |byte, digit| {
        byte << 4 | char::from(*digit).to_digit(16).unwrap_or(0) as u8
    })
}

/// Whether a character is drawn as part of a frame.
pub fn is_frame(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{257f}')
}
