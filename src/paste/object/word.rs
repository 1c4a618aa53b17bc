//! Values without quotation marks.

use super::value::Kind;

/// A longer word is none.
const MAX_WORD: usize = 255;

/// Where a text without quotation marks ends, if there may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    /// There is none.
    No,
    /// `a=b, c=d` of Java: at the comma or the bracket.
    Item,
    /// `[a] => b` of PHP: at the end of the line, or before the next key.
    Line,
    /// `a:b c:d` of Go: before the next key.
    Tight,
}

/// What stands for a value that is not printed.
pub fn placeholder(rest: &str) -> Option<&str> {
    const PLACEHOLDERS: [&str; 11] = [
        "[Object]",
        "[Array]",
        "[Uint8Array]",
        "[Buffer]",
        "[Map]",
        "[Getter]",
        "[Circular",
        "{...}",
        "{…}",
        "...",
        "…",
    ];
    // An array of bytes of Java, by its address.
    const ADDRESS: &str = "[B@";
    if let Some(digits) = rest.strip_prefix(ADDRESS) {
        let behind = digits.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        return Some(&rest[..rest.len() - behind.len()]);
    }
    let word = PLACEHOLDERS.iter().find(|word| rest.starts_with(**word))?;
    rest.get(..word.len())
}

/// A number, a truth value or nothing that a text begins with, and its length.
pub fn plain(rest: &str) -> Option<(Kind, usize)> {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)));
    let end = end.unwrap_or(rest.len());
    let word = rest[..end].trim_end_matches('n');
    let kind = match &rest[..end] {
        "true" | "True" => Kind::Int("1".to_owned()),
        "false" | "False" => Kind::Int("0".to_owned()),
        "null" | "nil" | "None" | "undefined" | "NULL" => Kind::Missing,
        _ => {
            let word = without_separators(word);
            is_number(&word).then_some(Kind::Int(word))?
        }
    };
    Some((kind, end))
}

fn is_number(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A number without what Node.js puts between thousands, `31_235`.
fn without_separators(word: &str) -> String {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let mut groups = digits.split('_');
    let is_first = groups
        .next()
        .is_some_and(|group| (1..=3).contains(&group.len()));
    if is_first && groups.all(|group| group.len() == 3) {
        word.replace('_', "")
    } else {
        word.to_owned()
    }
}

/// The text without quotation marks that a text begins with.
pub fn bare(rest: &str, bare: Bare) -> Option<&str> {
    let near = &rest[..rest.floor_char_boundary(MAX_WORD + 1)];
    let end = match bare {
        Bare::No => return None,
        Bare::Item => item_end(near),
        Bare::Line => line_end(near),
        Bare::Tight => tight_end(near),
    };
    let word = near[..end].trim_end();
    (end <= MAX_WORD).then_some(word)
}

/// At the comma or the bracket; what is in parentheses belongs to the text.
fn item_end(near: &str) -> usize {
    let mut open = 0;
    for (at, character) in near.char_indices() {
        match character {
            ',' | ';' | '}' | ']' | '\n' => return at,
            ')' if open == 0 => return at,
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
    }
    near.len()
}

/// At the end of the line, before the next key, or before a bracket that closes.
fn line_end(near: &str) -> usize {
    let line = near.find(['\n', '\r']).unwrap_or(near.len());
    let row = &near[..line];
    let is_key = |at: &usize| {
        row[*at..]
            .find("] =>")
            .is_some_and(|end| !row[at + 2..at + end].contains(' '))
    };
    let keys = row.match_indices(" [").map(|(at, _)| at);
    let key = keys.filter(is_key).min();
    let is_close = |at: &usize| {
        let behind = row[at + 2..].trim_start();
        behind.is_empty() || behind.starts_with([')', '['])
    };
    let closes = row.match_indices(" )").map(|(at, _)| at);
    let close = closes.filter(is_close).min();
    [key, close].into_iter().flatten().min().unwrap_or(line)
}

/// Before the next key, or at a bracket.
fn tight_end(near: &str) -> usize {
    let stop = near
        .find(['\n', ']', '}', '[', '{', ','])
        .unwrap_or(near.len());
    let row = &near[..stop];
    let is_key = |at: &usize| is_tight_key(&row[at + 1..]);
    let keys = row.match_indices(' ').map(|(at, _)| at);
    keys.filter(is_key).min().unwrap_or(stop)
}

/// Whether a text begins with a key and its colon.
fn is_tight_key(rest: &str) -> bool {
    if let Some(key) = super::keys::with_blank(rest) {
        return rest[key.len()..].starts_with(':');
    }
    let after = rest
        .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let is_key = rest.starts_with(|c: char| c.is_ascii_alphabetic());
    is_key && after.starts_with(':') && !after.starts_with("://")
}
