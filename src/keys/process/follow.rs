//! Whether one state comes after another.

use crate::wire::mse::Rc4;

/// Bytes that every race goes on for first; the next round is so many times as long.
const FIRST: u64 = 64 << 10;
const GROWTH: u64 = 4;

/// Bytes within which the permutation can stay as it is though RC4 goes on.
const UNNOTICED: u64 = 256;

/// How many bytes of keystream lie between two states, if that is at most `most`.
pub(super) fn distance(before: &Rc4, after: &Rc4, most: u64) -> Option<u64> {
    let mut chase = Chase::new(before, after);
    let most = chase.end(most);
    chase.run(most).then_some(chase.made)
}

/// A keystream that goes on towards a state that may come later in it.
pub(super) struct Chase {
    cipher: Rc4,
    target: Rc4,
    /// Bytes from where it began.
    made: u64,
    /// The permutation is the same.
    is_still: bool,
}

impl Chase {
    /// From one state to another.
    pub fn new(before: &Rc4, after: &Rc4) -> Self {
        let mut cipher = before.clone();
        // i goes up by one each step: all else need be compared once in 256 steps.
        let made = u64::from(after.indices().0.wrapping_sub(before.indices().0));
        cipher.skip(made);
        Self {
            cipher,
            target: after.clone(),
            made,
            is_still: before.state() == after.state(),
        }
    }

    /// How many bytes from where it began are worth it, of `most`.
    fn end(&self, most: u64) -> u64 {
        if self.is_still {
            most.min(UNNOTICED)
        } else {
            most
        }
    }

    /// Goes on up to `most` bytes from where it began; whether that led there.
    fn run(&mut self, most: u64) -> bool {
        while self.cipher != self.target {
            if self.made >= most {
                return false;
            }
            self.cipher.skip(256);
            self.made += 256;
        }
        true
    }
}

/// What became of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// One of it, by its number, led to its state.
    Followed(usize),
    /// None did.
    Unrelated,
    /// All that may be done was done before that was clear.
    Unclear,
}

/// Goes on with groups of which one at most leads to its state, side by side and ever
/// farther, up to `most` bytes each: so those that are near cost no more than their way,
/// however many lead nowhere. `left` is what may be done in all.
pub(super) fn race(mut groups: Vec<Vec<Chase>>, most: u64, left: &mut u64) -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::Unclear; groups.len()];
    let mut limit = FIRST.min(most);
    loop {
        for (group, outcome) in groups.iter_mut().zip(&mut outcomes) {
            if *outcome != Outcome::Unclear {
                continue;
            }
            for (number, chase) in group.iter_mut().enumerate() {
                let before = chase.made;
                let end = chase.end(limit);
                let reach = end.min(before.saturating_add(*left));
                let is_there = chase.run(reach);
                *left = left.saturating_sub(chase.made - before);
                if is_there {
                    *outcome = Outcome::Followed(number);
                    break;
                }
                if reach < end {
                    return outcomes;
                }
            }
        }
        if limit >= most {
            break;
        }
        limit = limit.saturating_mul(GROWTH).min(most);
    }
    for outcome in &mut outcomes {
        if *outcome == Outcome::Unclear {
            *outcome = Outcome::Unrelated;
        }
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(cipher: &Rc4, bytes: u64) -> Rc4 {
        let mut cipher = cipher.clone();
        cipher.skip(bytes);
        cipher
    }

    #[test]
    fn a_state_follows_another_of_its_keystream() {
        let before = Rc4::for_mse(b"one");
        for bytes in [0, 1, 255, 256, 257, 70_000] {
            let after = later(&before, bytes);
            assert_eq!(distance(&before, &after, 100_000), Some(bytes));
            assert_eq!(distance(&Rc4::for_mse(b"other"), &after, 100_000), None);
            if bytes > 256 {
                assert_eq!(distance(&before, &after, bytes - 256), None);
                assert_eq!(distance(&after, &before, 100_000), None);
            }
        }
    }

    /// Many that lead nowhere do not keep those that are near from being seen.
    #[test]
    fn those_that_are_near_are_seen_among_any_number_of_others() {
        const MOST: u64 = 100 << 20;
        let state = |number: usize| Rc4::for_mse(format!("state {number}").as_bytes());
        let groups = (0..30).map(|number| {
            let (before, other) = (state(number), state(number + 1));
            let after = later(&before, 1000 * number as u64 + 1);
            let nowhere = Chase::new(&other, &after);
            if number % 3 == 0 {
                vec![nowhere]
            } else {
                vec![nowhere, Chase::new(&before, &after)]
            }
        });
        let mut left = 20 << 20;
        let outcomes = race(groups.collect(), MOST, &mut left);
        for (number, outcome) in outcomes.into_iter().enumerate() {
            let expected = if number % 3 == 0 {
                Outcome::Unclear
            } else {
                Outcome::Followed(1)
            };
            assert_eq!(outcome, expected, "{number}");
        }
        assert_eq!(left, 0);
    }

    /// One that what may be done does not reach to the end of is not judged, the last one
    /// of the last round neither.
    #[test]
    fn what_may_be_done_is_not_exceeded() {
        const MOST: u64 = FIRST / 2;
        let [one, other] = [&b"one"[..], b"other"].map(Rc4::for_mse);
        let chase = |target: &Rc4| vec![Chase::new(&one, target)];
        for (far, outcome) in [
            (later(&one, MOST - 256), Outcome::Unclear),
            (other, Outcome::Unclear),
            (later(&one, 1000), Outcome::Followed(0)),
        ] {
            let mut left = MOST / 2;
            assert_eq!(race(vec![chase(&far)], MOST, &mut left), [outcome]);
        }
    }

    #[test]
    fn a_race_ends_where_nobody_can_be() {
        let [one, other] = [&b"one"[..], b"other"].map(Rc4::for_mse);
        let mut left = 1 << 20;
        let group = vec![vec![Chase::new(&one, &other)]];
        assert_eq!(race(group, 100_000, &mut left), [Outcome::Unrelated]);
        assert!(left > (1 << 20) - 101_000);
        // Other indices of the same permutation are no later state of it.
        let moved = Rc4::from_state(*one.state(), one.indices().0, one.indices().1 ^ 1);
        let group = vec![vec![Chase::new(&one, &moved.unwrap())]];
        left = 1 << 20;
        assert_eq!(race(group, u64::MAX, &mut left), [Outcome::Unrelated]);
        assert!(left > (1 << 20) - 1000);
    }
}
