//! What quoting and commenting put before a line.

use super::cells::is_frame;

/// Marks that a line of a mail, a comment or a trace may begin with.
const MARKS: [&str; 9] = ["> ", "< ", "* ", "// ", "/// ", "//! ", "# ", "; ", "-- "];

/// Bytes that a mail puts before what goes on in a line: `blank` is before `rest`.
pub fn quote(blank: &str, rest: &str) -> usize {
    usize::from(blank.contains('\n') && rest.starts_with("> "))
}

/// Blanks and the lines of a frame.
pub fn is_margin(c: char) -> bool {
    c == ' ' || c == '\t' || c == '|' || is_frame(c)
}

/// A longer one is none.
const MAX_MARGIN: usize = 256;

/// What stands before the text of a line.
pub fn margin(row: &str) -> usize {
    let row = &row[..row.floor_char_boundary(MAX_MARGIN)];
    let inner = row.trim_start_matches(is_margin);
    // Editors that comment lines out put no blank before them.
    let digits = inner.strip_prefix("//");
    let digits = digits.filter(|digits| digits.starts_with(|c: char| c.is_ascii_hexdigit()));
    let mark = MARKS
        .iter()
        .find_map(|mark| inner.strip_prefix(*mark))
        .or(digits);
    let inner = mark.unwrap_or(inner).trim_start_matches(is_margin);
    row.len() - inner.len()
}
