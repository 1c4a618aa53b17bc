use super::part::PART_COST;
use super::piece::MAX_VARIANTS;
use super::*;
use crate::extract::sender::{Sender, SenderId, Senders};
use crate::extract::spool::Spool;

fn senders<const N: usize>() -> [SenderId; N] {
    let mut senders = Senders::default();
    std::array::from_fn(|stream| {
        let end = "10.0.0.1:1".parse().unwrap();
        senders.id(Sender {
            stream: stream as u64,
            src: end,
            dst: end,
            is_web: false,
        })
    })
}

fn spool() -> (tempfile::TempDir, Spool) {
    let folder = tempfile::tempdir().unwrap();
    let spool = Spool::new(folder.path().to_owned());
    (folder, spool)
}

fn text(draft: &Draft, preference: Preference, spool: &Spool) -> String {
    let mut text = vec![b'?'; 12];
    let plan = draft.plan(12, preference);
    draft
        .read(&plan, spool, |at, bytes| {
            text[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
            Ok(())
        })
        .unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn of_contradicting_parts_one_is_chosen() {
    let [one, other] = senders();
    let (_folder, mut spool) = spool();
    let mut draft = Draft::new([]);
    for (begin, bytes, sender) in [
        (0, "aaaa", one),
        (8, "cccc", other),
        (2, "XXXXXX", other),
        (4, "bbbb", one),
    ] {
        let added = draft
            .add(begin, bytes.as_bytes(), sender, [1, 2], &spool)
            .unwrap();
        assert_eq!(added, Added::Fresh);
    }
    let again = draft.add(8, b"cccc", one, [9, 9], &spool).unwrap();
    assert_eq!(
        (again, draft.is_covered(12), draft.has_choice()),
        (Added::Known, true, true)
    );
    assert_eq!(draft.senders(9), [one, other]);
    for _ in 0..2 {
        assert_eq!(text(&draft, Preference::First, &spool), "aaaaXXXXcccc");
        assert_eq!(text(&draft, Preference::Last, &spool), "aaXXbbbbcccc");
        assert_eq!(text(&draft, Preference::Of(one), &spool), "aaaabbbbcccc");
        assert_eq!(text(&draft, Preference::Of(other), &spool), "aaXXXXXXcccc");
        draft.spill(&mut spool).unwrap();
    }
    let again = draft.add(8, b"cccc", one, [9, 9], &spool).unwrap();
    assert_eq!(again, Added::Known);
}

#[test]
fn runs_of_one_sender_become_one_on_disk() {
    let [one, other] = senders();
    let (_folder, mut spool) = spool();
    let mut draft = Draft::new([(9, 12)]);
    for (begin, bytes, sender, frame) in
        [(3, "bbb", one, 5), (0, "aaa", one, 7), (6, "ccc", other, 6)]
    {
        draft
            .add(begin, bytes.as_bytes(), sender, [frame, frame], &spool)
            .unwrap();
    }
    assert!(draft.is_covered(12) && draft.is_due(12) && !draft.has_choice());
    draft.spill(&mut spool).unwrap();
    let runs: Vec<_> = draft
        .parts()
        .map(|(key, part)| (key.0, part.length, part.frames))
        .collect();
    assert_eq!(runs, [(0, 6, [5, 7]), (6, 3, [6, 6])]);
    assert_eq!(draft.held(), 2 * PART_COST);
    assert_eq!(text(&draft, Preference::First, &spool), "aaabbbccc\0\0\0");
    draft.failed();
    assert!(!draft.is_due(12));
}

#[test]
fn variants_of_a_place_are_few() {
    let [one] = senders();
    let (_folder, spool) = spool();
    let mut draft = Draft::new([]);
    for byte in 0..=MAX_VARIANTS as u8 {
        let added = draft.add(0, &[byte; 4], one, [1, 1], &spool).unwrap();
        let expected = if usize::from(byte) < MAX_VARIANTS {
            Added::Fresh
        } else {
            Added::TooMany
        };
        assert_eq!(added, expected);
    }
}
