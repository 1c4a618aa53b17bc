//! What stands between two string literals that a language joins.

use super::comment;
use super::text::Text;

/// What a literal begins and ends with.
pub const QUOTES: [char; 3] = ['"', '\'', '`'];

/// Signs between them, longer ones first: of Haskell and Erlang, Elixir, Lua, SQL, most
/// languages, PHP and Perl, Basic, Raku, F# and OCaml.
const SIGNS: [&str; 9] = ["++", "<>", "..", "||", "+", ".", "&", "~", "^"];

/// The opening quote of a literal that is joined to the one that ends at `end`: only
/// blanks, a sign, remarks, or a `\` at the end of a line are between.
pub fn next_quote(text: &Text<'_>, end: usize, is_bytes: bool, joins_lines: bool) -> Option<usize> {
    let glue = Glue::read(text, end);
    let is_near = glue.end > end || is_escape_apart(&text.text[..end]);
    if !is_near || (glue.has_lines && !(joins_lines || glue.is_explicit)) {
        return None;
    }
    let next = text.rest(glue.end);
    let prefix = usize::from(is_bytes);
    if is_bytes && !next.starts_with(['b', 'B']) {
        return None;
    }
    next[prefix..]
        .starts_with(QUOTES)
        .then_some(glue.end + prefix)
}

/// Whether a sign and another literal follow the one that ends here.
pub fn is_explicit(text: &Text<'_>, end: usize) -> bool {
    let glue = Glue::read(text, end);
    glue.is_explicit && text.rest(glue.end).starts_with(QUOTES)
}

/// Whether a literal ends with an escape that Qt sets apart from the digit behind it:
/// `"\x00""4"`.
fn is_escape_apart(before: &str) -> bool {
    let escape = before.len().checked_sub("\\x00\"".len());
    escape.is_some_and(|at| before.get(at..).is_some_and(|end| end.starts_with("\\x")))
        && before.ends_with('"')
}

struct Glue {
    end: usize,
    /// A sign says that both are one.
    is_explicit: bool,
    has_lines: bool,
}

impl Glue {
    fn read(text: &Text<'_>, end: usize) -> Self {
        let mut glue = Self {
            end,
            is_explicit: false,
            has_lines: false,
        };
        let mut has_sign = false;
        for _ in 0..comment::MAX_ROW {
            let rest = text.rest(glue.end);
            let inner = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
            let blanks = &rest[..rest.len() - inner.len()];
            glue.is_explicit |= blanks.contains('\\');
            glue.has_lines |= blanks.contains('\n');
            glue.end += blanks.len();
            let is_first = !has_sign;
            if let Some(length) = sign(inner, blanks).filter(|_| is_first) {
                (glue.is_explicit, has_sign) = (true, true);
                glue.end += length;
            } else if let Some(length) = comment::comment(inner) {
                glue.end += length;
            } else {
                break;
            }
        }
        glue
    }
}

/// Length of the sign that a text begins with.
fn sign(inner: &str, blanks: &str) -> Option<usize> {
    let sign = SIGNS.iter().find(|sign| inner.starts_with(**sign))?;
    let behind = &inner[sign.len()..];
    // A full stop ends a sentence.
    let is_stop = *sign == "." && blanks.is_empty() && !behind.starts_with(QUOTES);
    // Basic goes on in the next line behind `& _`.
    let line = behind
        .strip_prefix(" _")
        .filter(|line| line.trim_start_matches('\r').starts_with('\n'));
    let length = inner.len() - line.unwrap_or(behind).len();
    (!is_stop).then_some(length)
}
