//! Aligning two sequences: the longest common subsequence, which leaves the
//! fewest insertions and deletions.

/// One row of an alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Both have it: indices in the first and the second.
    Both(usize, usize),
    /// Only the first has it.
    First(usize),
    /// Only the second has it.
    Second(usize),
}

/// Aligns two sequences by equality.
///
/// Time and memory (two bytes a cell) grow with the product of the lengths after
/// the common beginning and end are taken off: callers bound the lengths to
/// 65,535. Where there is a choice, what only the first has comes before what
/// only the second has.
pub fn align<T: PartialEq>(first: &[T], second: &[T]) -> Vec<Edit> {
    let pairs = first.iter().zip(second);
    let head = pairs.take_while(|(a, b)| a == b).count();
    let (rest, other) = (&first[head..], &second[head..]);
    let pairs = rest.iter().rev().zip(other.iter().rev());
    let tail = pairs.take_while(|(a, b)| a == b).count();
    let (rest, other) = (&rest[..rest.len() - tail], &other[..other.len() - tail]);

    let mut edits: Vec<Edit> = (0..head).map(|at| Edit::Both(at, at)).collect();
    walk(rest, other, head, &mut edits);
    let (a, b) = (head + rest.len(), head + other.len());
    edits.extend((0..tail).map(|at| Edit::Both(a + at, b + at)));
    edits
}

/// Lengths of the longest common subsequences of all pairs of endings.
struct Lengths {
    cells: Vec<u16>,
    width: usize,
}

impl Lengths {
    fn new<T: PartialEq>(first: &[T], second: &[T]) -> Self {
        let width = second.len() + 1;
        let mut lengths = Self {
            cells: vec![0; (first.len() + 1) * width],
            width,
        };
        for (a, one) in first.iter().enumerate().rev() {
            for (b, other) in second.iter().enumerate().rev() {
                lengths.cells[a * width + b] = if one == other {
                    lengths.at(a + 1, b + 1) + 1
                } else {
                    lengths.at(a + 1, b).max(lengths.at(a, b + 1))
                };
            }
        }
        lengths
    }

    fn at(&self, a: usize, b: usize) -> u16 {
        self.cells[a * self.width + b]
    }
}

/// Appends the rows of what is between the common beginning and end.
fn walk<T: PartialEq>(first: &[T], second: &[T], head: usize, edits: &mut Vec<Edit>) {
    let lengths = Lengths::new(first, second);
    let (mut a, mut b) = (0, 0);
    while a < first.len() && b < second.len() {
        if first[a] == second[b] {
            edits.push(Edit::Both(head + a, head + b));
            (a, b) = (a + 1, b + 1);
        } else if lengths.at(a + 1, b) >= lengths.at(a, b + 1) {
            edits.push(Edit::First(head + a));
            a += 1;
        } else {
            edits.push(Edit::Second(head + b));
            b += 1;
        }
    }
    edits.extend((a..first.len()).map(|at| Edit::First(head + at)));
    edits.extend((b..second.len()).map(|at| Edit::Second(head + at)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn common(edits: &[Edit]) -> usize {
        let both = |edit: &&Edit| matches!(edit, Edit::Both(..));
        edits.iter().filter(both).count()
    }

    /// The longest common subsequence by trying every choice of the shorter.
    fn longest(first: &[u8], second: &[u8]) -> usize {
        let chosen = |bits: u32| {
            let keep = move |(at, _): &(usize, &u8)| bits & 1 << at != 0;
            first.iter().enumerate().filter(keep).map(|(_, one)| *one)
        };
        let is_within = |bits: u32| {
            let mut rest = second.iter();
            chosen(bits).all(|one| rest.any(|other| *other == one))
        };
        (0..1_u32 << first.len())
            .filter(|bits| is_within(*bits))
            .map(|bits| bits.count_ones() as usize)
            .max()
            .unwrap_or(0)
    }

    #[test]
    fn what_one_lacks_stands_where_it_would_be() {
        let edits = align(b"abcde", b"abxde");
        let expected = [
            Edit::Both(0, 0),
            Edit::Both(1, 1),
            Edit::First(2),
            Edit::Second(2),
            Edit::Both(3, 3),
            Edit::Both(4, 4),
        ];
        assert_eq!(edits, expected);
        assert_eq!(align::<u8>(b"", b""), []);
        assert_eq!(align(b"", b"a"), [Edit::Second(0)]);
    }

    proptest! {
        #[test]
        fn every_item_appears_once_and_in_order(
            first in prop::collection::vec(0..4_u8, 0..60),
            second in prop::collection::vec(0..4_u8, 0..60),
        ) {
            let (mut a, mut b) = (0, 0);
            for edit in align(&first, &second) {
                match edit {
                    Edit::Both(one, other) => {
                        prop_assert_eq!((one, other), (a, b));
                        prop_assert_eq!(first[one], second[other]);
                        (a, b) = (a + 1, b + 1);
                    }
                    Edit::First(one) => {
                        prop_assert_eq!(one, a);
                        a += 1;
                    }
                    Edit::Second(other) => {
                        prop_assert_eq!(other, b);
                        b += 1;
                    }
                }
            }
            prop_assert_eq!((a, b), (first.len(), second.len()));
        }

        #[test]
        fn as_much_as_can_be_is_common_whichever_comes_first(
            first in prop::collection::vec(0..3_u8, 0..8),
            second in prop::collection::vec(0..3_u8, 0..16),
        ) {
            let best = longest(&first, &second);
            prop_assert_eq!(common(&align(&first, &second)), best);
            prop_assert_eq!(common(&align(&second, &first)), best);
        }

        #[test]
        fn a_sequence_equals_itself(items in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(common(&align(&items, &items)), items.len());
        }
    }
}
