//! The keys that lead to a value, as one name: `info.files.0.length`.

/// Characters of such a name, at most: keys and depths are a paste's, and each value that is
/// missing has a name of its own.
const MAX_PATH: usize = 160;

/// What stands for the keys that are left out.
const LEFT_OUT: &str = "…";

/// Joins keys, the outermost first; where they are many or long, the innermost are kept.
pub fn joined<'k>(keys: impl DoubleEndedIterator<Item = &'k [u8]>) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut length = 0;
    for key in keys.rev() {
        let near = &key[..key.len().min(MAX_PATH)];
        let part = String::from_utf8_lossy(near).into_owned();
        length += part.len() + 1;
        if length > MAX_PATH && !parts.is_empty() {
            parts.push(LEFT_OUT.to_owned());
            break;
        }
        parts.push(part);
    }
    parts.reverse();
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn long_paths_keep_their_end() {
        let path = |keys: &[&str]| joined(keys.iter().map(|key| key.as_bytes()));
        assert_eq!(path(&["info", "files", "0"]), "info.files.0");
        assert_eq!(path(&[]), "");
        let long = "k".repeat(100);
        assert_eq!(path(&[&long, &long, "x"]), format!("….{long}.x"));
        assert_eq!(path(&[&long.repeat(9)]).len(), 160);
    }
}
