//! Values in the debug form of Rust.

use super::phrase::behind;

/// What stands within `NAME(..)`; whatever stands behind it counts for nothing.
pub fn within<'t>(printed: &'t str, name: &str) -> Option<&'t str> {
    let inner = printed.strip_prefix(name)?.strip_prefix('(')?;
    Some(&inner[..end(inner)?])
}

/// The value in `KEY: Some(VALUE)`.
pub fn some<'t>(printed: &'t str, key: &str) -> Option<&'t str> {
    let key = format!("{key}: Some(");
    let inner = behind(printed, &key)?;
    Some(&inner[..end(inner)?])
}

/// Where the parenthesis ends that is open at the beginning.
fn end(inner: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}
