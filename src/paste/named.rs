//! Words before digits that say that they are hex.

/// Characters before the digits in which such a word stands.
const NEAR: usize = 12;

/// That word.
const WORD: &str = "hex";

/// Whether the end of `before` says so: `hex=`, `hex(`, `Hex: `, and the `x'` and
/// `h'` of SQL and CBOR.
pub fn is_hex(before: &str) -> bool {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(NEAR))..];
    let literal = near
        .strip_suffix('\'')
        .and_then(|near| near.strip_suffix(['x', 'X', 'h']));
    if literal.is_some_and(|near| !near.ends_with(char::is_alphanumeric)) {
        return true;
    }
    let name = near.trim_end_matches(['"', '\'', ' ']);
    let Some(name) = name.strip_suffix(['=', ':', '(']) else {
        return false;
    };
    let name = name.trim_end_matches(' ');
    let word = name.len().checked_sub(WORD.len());
    let word = word.and_then(|at| name.get(at..));
    word.is_some_and(|word| word.eq_ignore_ascii_case(WORD))
}
