//! Names with a letter too many, too few or wrong.

/// So many letters may be wrong in a name.
const MAX_DISTANCE: usize = 2;

/// Letters of a name for each that may be wrong: `foo` is no `fin`.
const LETTERS: usize = 3;

/// Whether a name may be meant by another.
pub fn is_near(name: &str, meant: &str) -> bool {
    distance(name, meant) <= MAX_DISTANCE.min(name.chars().count() / LETTERS)
}

/// How many letters must be changed, added or left out to make one word of the
/// other.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
