use super::*;
use crate::wire::mse::vectors::{A, B, C, Exchange};
use crate::wire::mse::{Keys, PUBLIC_KEY};
use crate::wire::mse::{Rc4, StateLine};

/// An encrypted direction: padding, an offer or a choice, and a transfer.
struct Direction {
    kind: Kind,
    cipher: Rc4,
    stream: Vec<u8>,
    /// Where VC is.
    vc: usize,
}

fn noise(seed: &str, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    Rc4::new(seed.as_bytes()).apply(&mut bytes);
    bytes
}

impl Direction {
    fn new(kind: Kind, name: &str, pad: usize, pad_zeros: u16, blocks: usize) -> Self {
        let mut stream = noise(&format!("{name} key"), PUBLIC_KEY + pad);
        if kind == Kind::Offer {
            stream.extend(noise(&format!("{name} hashes"), 40));
        }
        let vc = stream.len();
        let cipher = Rc4::for_mse(format!("{name} cipher").as_bytes());
        let mut plain = vec![0; 8];
        plain.extend([0, 0, 0, 2]);
        plain.extend(pad_zeros.to_be_bytes());
        plain.extend(vec![0; usize::from(pad_zeros)]);
        if kind == Kind::Offer {
            plain.extend([0, 0]);
        }
        for block in 0..blocks {
            plain.extend([0, 0, 0x40, 9, 7, 0, 0, 0, block as u8, 0, 0, 0, 0]);
            plain.extend(noise(&format!("{name} {block}"), 16 << 10));
        }
        cipher.clone().apply(&mut plain);
        stream.extend(plain);
        Self {
            kind,
            cipher,
            stream,
            vc,
        }
    }

    /// The state before the byte at `at`.
    fn state(&self, at: usize) -> StateLine {
        let mut cipher = self.cipher.clone();
        match at.checked_sub(self.vc) {
            Some(bytes) => cipher.skip(bytes as u64),
            None => cipher.go_back((self.vc - at) as u64),
        }
        StateLine {
            anchor: None,
            cipher,
        }
    }

    /// Opens it from `at` on, in packets.
    fn open(&self, matcher: &mut Matcher, at: usize) -> usize {
        let kind = if at == 0 { self.kind } else { Kind::Middle };
        let id = matcher.open(kind, at as u64).unwrap();
        let mut offset = at;
        for packet in self.stream[at..].chunks(1400) {
            matcher.hear(id, offset as u64, packet);
            offset += packet.len();
        }
        id
    }
}

fn decrypts(matcher: &Matcher, id: usize, direction: &Direction) {
    let found = matcher.lock(id).unwrap().found.as_ref().expect("found");
    for at in [direction.vc, direction.vc + 14, direction.stream.len() - 20] {
        let expected = direction.state(at).cipher;
        assert!(found.at(at as u64).expect("there") == expected, "{at}");
    }
}

#[test]
fn a_state_of_any_place_opens_its_direction_from_the_beginning() {
    let mut matcher = Matcher::default();
    let directions: Vec<_> = [
        (Kind::Offer, 0, 0),
        (Kind::Choice, 512, 0),
        (Kind::Offer, 17, 512),
        (Kind::Choice, 1, 3),
    ]
    .into_iter()
    .enumerate()
    .map(|(n, (kind, pad, zeros))| Direction::new(kind, &format!("d{n}"), pad, zeros, 12))
    .collect();
    let ids: Vec<_> = directions.iter().map(|d| d.open(&mut matcher, 0)).collect();
    for (n, direction) in directions.iter().enumerate().rev() {
        let at = [
            direction.vc,
            direction.vc + 3,
            190_000,
            direction.stream.len(),
        ][n];
        assert!(matcher.add_state(&direction.state(at)));
    }
    assert_eq!(matcher.finish(), Work::Done);
    for (id, direction) in ids.iter().zip(&directions) {
        decrypts(&matcher, *id, direction);
    }
    assert_eq!(matcher.tally().proven, 4);
    assert_eq!(matcher.take_news().len(), 4);
}

#[test]
fn the_beginning_itself_and_stale_copies_are_states_too() {
    let mut matcher = Matcher::default();
    let direction = Direction::new(Kind::Choice, "x", 100, 0, 8);
    let id = direction.open(&mut matcher, 0);
    let mut start = direction.state(direction.vc);
    start.cipher.go_back(1024);
    assert_eq!(start.cipher.indices(), (0, 0));
    matcher.add_state(&direction.state(100_000));
    matcher.add_state(&start);
    matcher.add_state(&direction.state(50_000));
    matcher.finish();
    decrypts(&matcher, id, &direction);
    assert_eq!(
        matcher.tally(),
        Tally {
            states: 3,
            proven: 1
        }
    );
}

#[test]
fn what_is_no_state_of_a_direction_opens_nothing() {
    let mut matcher = Matcher::default();
    let direction = Direction::new(Kind::Offer, "x", 5, 512, 8);
    let id = direction.open(&mut matcher, 0);
    let identity: [u8; 256] = std::array::from_fn(|at| at as u8);
    let reversed: [u8; 256] = std::array::from_fn(|at| !(at as u8));
    for state in [identity, reversed, *Rc4::new(b"other").state()] {
        for (i, j) in [(0, 0), (200, 7)] {
            let cipher = Rc4::from_state(state, i, j).unwrap();
            matcher.add_state(&StateLine {
                anchor: None,
                cipher,
            });
        }
    }
    // A state with the right permutation and wrong indices.
    let right = direction.state(3000).cipher;
    let (i, j) = right.indices();
    let wrong = Rc4::from_state(*right.state(), i, j.wrapping_add(1)).unwrap();
    matcher.add_state(&StateLine {
        anchor: None,
        cipher: wrong,
    });
    assert_eq!(matcher.finish(), Work::Done);
    assert!(matcher.lock(id).unwrap().found.is_none());
    assert_eq!(matcher.tally().proven, 0);
}

#[test]
fn states_may_come_before_their_directions() {
    let mut matcher = Matcher::default();
    let direction = Direction::new(Kind::Offer, "early", 44, 0, 20);
    let other = Direction::new(Kind::Choice, "other", 0, 0, 40);
    other.open(&mut matcher, 0);
    matcher.add_state(&direction.state(60_000));
    assert_eq!(matcher.finish(), Work::Done);
    assert_eq!(matcher.tally().proven, 0);
    let id = direction.open(&mut matcher, 0);
    decrypts(&matcher, id, &direction);
}

#[test]
fn in_mid_connection_the_heads_of_messages_prove() {
    let direction = Direction::new(Kind::Offer, "mid", 44, 0, 30);
    let end = direction.stream.len();
    // The capture begins at one place, and the state was found at another.
    for (begin, found) in [
        (100_000, 300_000),
        (100_003, 100_003),
        (200_000, 120_000),
        (90_001, end),
    ] {
        let mut matcher = Matcher::default();
        let id = direction.open(&mut matcher, begin);
        matcher.add_state(&direction.state(found));
        assert_eq!(matcher.finish(), Work::Done);
        decrypts(&matcher, id, &direction);
    }
    // Offsets of such a stream begin at its first captured byte.
    let mut matcher = Matcher::default();
    let id = matcher.open(Kind::Middle, 0).unwrap();
    matcher.hear(id, 0, &direction.stream[250_000..]);
    matcher.add_state(&direction.state(200_000));
    matcher.finish();
    let found = matcher.lock(id).unwrap().found.as_ref().expect("found");
    assert!(found.at(5).expect("there") == direction.state(250_005).cipher);

    let mut matcher = Matcher::default();
    let id = direction.open(&mut matcher, 100_000);
    let other = Direction::new(Kind::Offer, "another", 44, 0, 30);
    matcher.add_state(&other.state(200_000));
    matcher.finish();
    assert!(matcher.lock(id).unwrap().found.is_none());
}

#[test]
fn an_anchor_tells_the_place_and_has_to_be_right() {
    let direction = Direction::new(Kind::Offer, "anchored", 44, 0, 30);
    let state = |at: usize, anchor: usize| StateLine {
        anchor: direction.stream[anchor..].first_chunk().copied(),
        ..direction.state(at)
    };
    let one_head = &direction.stream[200_000..218_000];
    for (anchor, is_right) in [(210_000, true), (210_001, false)] {
        let mut matcher = Matcher::default();
        let id = matcher.open(Kind::Middle, 0).unwrap();
        matcher.hear(id, 0, one_head);
        matcher.add_state(&state(210_000, anchor));
        matcher.finish();
        let found = matcher.lock(id).unwrap().found.as_ref();
        assert_eq!(found.is_some(), is_right);
        let right = direction.state(200_000).cipher;
        assert!(found.is_none_or(|found| found.at(0) == Some(right)));
    }
}

#[test]
fn the_vectors_are_opened() {
    let directions = |vector: &Exchange| {
        let keys = Keys::new(&vector.secret(), &vector.skey());
        [
            (Kind::Offer, vector.stream_a(), keys.cipher_a()),
            (Kind::Choice, vector.stream_b(), keys.cipher_b()),
        ]
    };
    let cases = [directions(&A), directions(&B), directions(&C)];
    for (kind, stream, mut cipher) in cases.into_iter().flatten() {
        if stream.len() == PUBLIC_KEY {
            continue;
        }
        let mut matcher = Matcher::default();
        let id = matcher.open(kind, 0).unwrap();
        cipher.skip(2_000);
        matcher.add_state(&StateLine {
            anchor: None,
            cipher,
        });
        matcher.hear(id, 0, &stream);
        matcher.finish();
        assert!(matcher.lock(id).unwrap().found.is_some());
    }
}

#[test]
fn work_is_bounded_and_can_be_done_in_parts() {
    let mut matcher = Matcher::default();
    let direction = Direction::new(Kind::Offer, "x", 5, 0, 8);
    let id = direction.open(&mut matcher, 0);
    for n in 0..MAX_STATES as u32 {
        let cipher = Rc4::new(&n.to_be_bytes());
        assert!(matcher.add_state(&StateLine {
            anchor: None,
            cipher
        }));
    }
    let state = direction.state(70_000);
    assert!(!matcher.add_state(&state), "too many");
    matcher.allowance = 10 << 20;
    assert_eq!(matcher.work(1 << 20), Work::Unfinished);
    assert_eq!(matcher.finish(), Work::Exhausted);
    assert!(matcher.lock(id).unwrap().found.is_none());
}
