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
    /// Where the first of them begins.
    pub start: usize,
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

/// What stands between two pairs without a blank before it.
const SEPARATORS: [char; 8] = [':', '-', ';', '|', '.', '/', '_', ','];

/// Those behind which there may be blanks.
const WITH_BLANKS: [char; 2] = [',', ';'];

/// How groups may be set apart.
#[derive(Clone, Copy)]
struct Style<'s> {
    /// Between two pairs.
    separators: &'s [char],
    /// With blanks around them.
    lines: &'s [char],
    /// Between such lines there may be groups of any width.
    has_fields: bool,
}

/// In a line of nothing but digits a comma is the mark of an array.
const PLAIN: Style<'_> = Style {
    separators: SEPARATORS.split_at(7).0,
    lines: &['|'],
    has_fields: true,
};

/// In a row that has an offset there may be lines between its columns.
const ROW: Style<'_> = Style {
    separators: &SEPARATORS,
    lines: &['|', '-'],
    has_fields: false,
};

/// Reads groups in `span` of the text.
pub fn read(text: &Text<'_>, span: Range<usize>) -> Cells {
    groups(text, span, PLAIN)
}

/// Reads groups in a row that has an offset.
pub fn read_row(text: &Text<'_>, span: Range<usize>) -> Cells {
    groups(text, span, ROW)
}

fn groups(text: &Text<'_>, span: Range<usize>, style: Style<'_>) -> Cells {
    let mut groups: Vec<Group> = Vec::new();
    let mut used: Option<char> = None;
    let mut at = span.start;
    let stop = loop {
        let rest = text.text.get(at..span.end).unwrap_or_default();
        let (blank, gap) = blanks(rest);
        let last = groups.last().map(|group| &text.text[group.span.clone()]);
        let same =
            |mark: char| used.is_none_or(|used| used == mark || (is_usual(used) && is_usual(mark)));
        let is_field = |mark: char| style.has_fields && mark == '|';
        let separator = separator(rest, style.separators).filter(|(mark, _)| {
            let joined = last.is_some_and(|last| without_sign(last).len() == 2 || is_field(*mark));
            // `00 01; 02 03` are two runs.
            let is_apart = used.is_none() && groups.len() > 1 && rest[1..].starts_with(' ');
            joined && same(*mark) && !is_apart
        });
        let (skip, gap) = match separator {
            Some((mark, length)) => {
                used = Some(mark);
                (length, 0)
            }
            None => match column_line(&rest[blank..], style) {
                Some(length) => (blank + length, gap + length),
                None => (blank, gap),
            },
        };
        at += skip;
        let rest = &rest[skip..];
        let word = word(rest);
        if word > 0 {
            let token = &rest[..word];
            let is_joined = gap == 0 && skip > 0;
            let fits = without_sign(token).len() == 2 || used.is_some_and(is_field);
            if !is_group(token) || (is_joined && !fits) {
                break Stop::Word(at..at + word, gap);
            }
            let span = at..at + word;
            groups.push(Group { span, gap });
            at += word;
        } else if rest.is_empty() || (style.has_fields && rest.trim_end() == "|") {
            break Stop::End;
        } else if let Some(dots) = dots(rest) {
            let bytes: usize = groups.iter().map(Group::size).sum();
            break if gap >= COLUMN_GAP && is_column(rest, bytes) {
                Stop::Other(at, gap)
            } else {
                Stop::Cut(at + dots)
            };
        } else {
            break Stop::Other(at, gap);
        }
    };
    let start = groups.first().map_or(at, |group| group.span.start);
    drop_signs(text, &mut groups);
    Cells {
        start,
        groups,
        stop,
        separator: used,
    }
}

/// Leaves of `ffffffee` among pairs the pair that it stands for.
fn drop_signs(text: &Text<'_>, groups: &mut [Group]) {
    let sign = |group: &Group| {
        let digits = &text.text[group.span.clone()];
        digits.len() - without_sign(digits).len()
    };
    let is_pair = |group: &Group| group.span.len() == 2;
    let has_pair = groups.iter().any(is_pair);
    if has_pair && groups.iter().all(|group| is_pair(group) || sign(group) > 0) {
        for group in groups {
            group.span.start += sign(group);
        }
    }
}

/// Whether a character is a blank, of whatever width.
pub fn is_space(c: char) -> bool {
    const NO_BREAK: char = '\u{a0}';
    const NARROW: char = '\u{202f}';
    const WIDE: char = '\u{3000}';
    matches!(
        c,
        ' ' | '\t' | NO_BREAK | '\u{2000}'..='\u{200b}' | NARROW | WIDE
    )
}

/// Length and columns of the blanks at the start; the lines of a frame are some.
pub fn blanks(text: &str) -> (usize, usize) {
    let is_blank = |c: char| is_space(c) || is_frame(c);
    let length = text.len() - text.trim_start_matches(is_blank).len();
    let is_wide = |c: char| c == '\t' || is_frame(c);
    let wide = text[..length].matches(is_wide).count();
    (length, text[..length].chars().count() + wide)
}

/// `:`, `-` and the like before two digits, and blanks behind some of them.
fn separator(rest: &str, separators: &[char]) -> Option<(char, usize)> {
    let after = rest.strip_prefix(separators)?;
    let mark = rest.chars().next()?;
    let digits = if WITH_BLANKS.contains(&mark) {
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

/// Whether a word begins with a pair and a separator before the next one.
pub fn is_joined(word: &str) -> bool {
    let is_pair = |digits: Option<&str>| digits.is_some_and(is_hex);
    let behind = word.get(2..).unwrap_or_default();
    behind.starts_with(SEPARATORS) && is_pair(word.get(..2)) && is_pair(word.get(3..5))
}

/// `| ` or `- ` before another column of pairs.
fn column_line(rest: &str, style: Style<'_>) -> Option<usize> {
    let digits = rest.strip_prefix(style.lines)?;
    let after = digits.trim_start_matches(' ');
    let length = rest.len() - after.len();
    let end = after.find(|c: char| !c.is_ascii_hexdigit());
    let (group, behind) = after.split_at(end.unwrap_or(after.len()));
    let is_column = group.len() == 2 || (style.has_fields && is_group(group));
    let ends = behind.is_empty() || behind.starts_with([' ', ',']);
    (length > 1 && is_column && ends).then_some(length)
}

/// Length of the letters and digits at the start.
fn word(rest: &str) -> usize {
    // `13_42_69` are pairs, and no name.
    if is_joined(rest) && rest[2..].starts_with('_') {
        return 2;
    }
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

/// What C prints before the two digits of a byte with its highest bit set, where bytes
/// are signed numbers: `ffffffee`.
const SIGN: &str = "ffffff";

/// The digits of a byte without that.
pub fn without_sign(digits: &str) -> &str {
    let is_signed = digits.len() == SIGN.len() + 2
        && digits
            .get(..SIGN.len())
            .is_some_and(|sign| sign.eq_ignore_ascii_case(SIGN));
    let byte = digits.get(SIGN.len()..).filter(|_| is_signed);
    let is_high =
        |byte: &&str| is_hex(byte) && !byte.starts_with(|c: char| c < '8' && c.is_ascii_digit());
    byte.filter(is_high).unwrap_or(digits)
}

/// Whether a token is hex digits.
pub fn is_hex(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether the rest of a line is the characters of so many bytes, the first ones of which
/// are shown as dots.
fn is_column(rest: &str, bytes: usize) -> bool {
    let shown = rest.lines().next().unwrap_or_default();
    let count = |shown: &str| shown.chars().take(bytes + 1).count();
    bytes > 0 && (count(shown) == bytes || count(shown.trim_end()) == bytes)
}

/// Length of the dots that stand for bytes left out.
pub fn dots(rest: &str) -> Option<usize> {
    if rest.starts_with('…') {
        return Some('…'.len_utf8());
    }
    let length = rest.len() - rest.trim_start_matches('.').len();
    (length >= 2).then_some(length)
}

/// Length of a cell without a byte, with which `hexdump -e '16/1 "0x%02x, "'` fills up its
/// last row.
pub fn blank(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix("0x")?;
    let behind = inner.trim_start_matches(' ');
    let blanks = inner.len() - behind.len();
    // Blanks at the end of a line get lost.
    let is_end = behind.is_empty() || behind.starts_with(['\n', '\r']);
    (is_end || blanks >= COLUMN_GAP).then_some(rest.len() - behind.len())
}

/// Whether a word stands where a byte was due: as wide as one, and at the end or
/// with more bytes behind it.
pub fn is_amid(text: &Text<'_>, cells: &Cells, word: &Range<usize>) -> bool {
    let width = cells.groups.last().map_or(2, |group| group.span.len());
    let line = text.line(text.line_of(word.start)).unwrap_or_default();
    let after = read(text, word.end..line.end);
    let is_end = matches!(after.stop, Stop::End | Stop::Cut(_));
    word.len() <= width && (after.groups.len() >= 2 || is_end)
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
