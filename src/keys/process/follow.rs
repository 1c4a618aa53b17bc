//! Whether one state comes after another.

use crate::wire::mse::Rc4;

/// How many bytes of keystream lie between two states, if that is at most `most`.
pub(super) fn distance(before: &Rc4, after: &Rc4, most: u64) -> Option<u64> {
    let mut cipher = before.clone();
    // i goes up by one each step: all else need be compared once in 256 steps.
    let mut made = u64::from(after.indices().0.wrapping_sub(before.indices().0));
    cipher.skip(made);
    while cipher != *after {
        if made >= most {
            return None;
        }
        cipher.skip(256);
        made += 256;
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_follows_another_of_its_keystream() {
        let before = Rc4::for_mse(b"one");
        for bytes in [0, 1, 255, 256, 257, 70_000] {
            let mut after = before.clone();
            after.skip(bytes);
            assert_eq!(distance(&before, &after, 100_000), Some(bytes));
            assert_eq!(distance(&Rc4::for_mse(b"other"), &after, 100_000), None);
            if bytes > 256 {
                assert_eq!(distance(&before, &after, bytes - 256), None);
                assert_eq!(distance(&after, &before, 100_000), None);
            }
        }
    }
}
