use super::*;
use crate::wire::mse::Rc4;

fn cipher(name: &str, bytes: u64) -> Rc4 {
    let mut cipher = Rc4::for_mse(name.as_bytes());
    cipher.skip(bytes);
    cipher
}

/// How a state lies in memory.
fn laid_out(layout: Layout, cipher: &Rc4) -> Vec<u8> {
    let (i, j) = cipher.indices();
    let words = [i, 0, 0, 0, j, 0, 0, 0];
    let values = |width: Width| -> Vec<u8> {
        let values = cipher.state().iter();
        match width {
            Width::One => cipher.state().to_vec(),
            Width::Four => values.flat_map(|v| u32::from(*v).to_le_bytes()).collect(),
            Width::Eight => values
                .flat_map(|v| (u64::from(*v) << 32).to_le_bytes())
                .collect(),
        }
    };
    match layout {
        Layout::WordsBefore(width) => [&words[..], &values(width)].concat(),
        Layout::WordsBehind(width) => [&values(width), &words[..]].concat(),
        Layout::BytesBefore(width) => [&[i, j], &values(width)[..]].concat(),
        Layout::BytesBehind(width) => [&values(width)[..], &[i, j]].concat(),
        Layout::Object(_) => values(Width::Eight),
    }
}

/// Memory that looks like nothing, ordinary text or zeros.
fn ground(kind: usize, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    match kind {
        0 => {}
        1 => Rc4::new(b"ground").apply(&mut bytes),
        _ => {
            bytes = b"some text, 1234567. "
                .iter()
                .copied()
                .cycle()
                .take(length)
                .collect();
        }
    }
    bytes
}

const LAYOUTS: [Layout; 8] = [
    Layout::WordsBefore(Width::One),
    Layout::WordsBefore(Width::Four),
    Layout::WordsBehind(Width::One),
    Layout::WordsBehind(Width::Four),
    Layout::BytesBefore(Width::One),
    Layout::BytesBefore(Width::Four),
    Layout::BytesBehind(Width::One),
    Layout::BytesBehind(Width::Four),
];

/// What `scan` finds, read.
fn states(memory: &[u8]) -> Vec<Rc4> {
    const BASE: u64 = 0x7f00_0000_0000;
    let mut found = Vec::new();
    scan(memory, BASE, &mut found);
    let states = found.iter().filter_map(|place| {
        let (values, indices) = place.stretches();
        assert!(indices.is_none());
        let range = (values.start - BASE) as usize..(values.end - BASE) as usize;
        read(place.layout, memory.get(range)?)
    });
    states.collect()
}

#[test]
fn each_layout_is_found_at_each_alignment() {
    for kind in 0..3 {
        for alignment in 0..16 {
            for layout in LAYOUTS {
                let cipher = cipher("x", 1000 + alignment as u64);
                let mut memory = ground(kind, 1600 + alignment);
                let at = memory.len();
                memory.extend(laid_out(layout, &cipher));
                memory.extend(ground(kind, 3000));
                let found = states(&memory);
                assert!(found.contains(&cipher), "{layout:?} at {at} on {kind}");
                assert!(found.len() <= 4, "{layout:?}: {}", found.len());
            }
        }
    }
}

#[test]
fn states_may_be_close_together() {
    let ciphers = [cipher("a", 1), cipher("b", 20_000), cipher("c", 300_000)];
    for layout in LAYOUTS {
        let memory: Vec<u8> = ciphers.iter().flat_map(|c| laid_out(layout, c)).collect();
        let memory = [ground(0, 8), memory, ground(0, 8)].concat();
        let found = states(&memory);
        for cipher in &ciphers {
            assert!(found.contains(cipher), "{layout:?}");
        }
    }
}

#[test]
fn a_state_at_the_very_edges_is_found() {
    for layout in LAYOUTS {
        let cipher = cipher("edge", 77);
        assert!(
            states(&laid_out(layout, &cipher)).contains(&cipher),
            "{layout:?}"
        );
    }
}

#[test]
fn an_unused_state_is_found_too() {
    let start = Rc4::new(b"never used");
    for layout in LAYOUTS {
        let memory = [ground(1, 99), laid_out(layout, &start), ground(1, 99)].concat();
        assert!(states(&memory).contains(&start), "{layout:?}");
    }
}

#[test]
fn known_permutations_are_no_states() {
    let aes = decoy::aes();
    assert_eq!(
        (aes[0], aes[1], aes[0x53], aes[255]),
        (0x63, 0x7c, 0xed, 0x16)
    );
    let mut inverse = [0; 256];
    for (at, value) in (0..=255).zip(aes) {
        inverse[usize::from(value)] = at;
    }
    let counted: [u8; 256] = std::array::from_fn(|at| at as u8);
    let from_seven: [u8; 256] = std::array::from_fn(|at| (at as u8).wrapping_add(7));
    let down: [u8; 256] = std::array::from_fn(|at| !(at as u8));
    let threes: [u8; 256] = std::array::from_fn(|at| (at as u8).wrapping_mul(3));
    for state in [aes, inverse, counted, from_seven, down, threes] {
        let decoy = Rc4::from_state(state, 3, 9).expect("a permutation");
        for layout in LAYOUTS {
            let memory = [ground(0, 64), laid_out(layout, &decoy), ground(0, 64)].concat();
            let found = states(&memory);
            let same = found.iter().filter(|found| *found.state() == state).count();
            assert_eq!(same, 0, "{layout:?}");
        }
    }
    // Nor is what only nearly is one.
    let mut state = *cipher("x", 5).state();
    state[17] = state[18];
    let memory = [ground(1, 64), state.to_vec(), ground(1, 64)].concat();
    assert!(states(&memory).is_empty());
}

/// A state is found behind any amount of what could be mistaken for one; of what repeats
/// itself, some places are given and not all.
#[test]
fn states_are_found_among_what_repeats_itself() {
    let state = cipher("real", 4321);
    let other = *cipher("pattern", 1).state();
    let words: Vec<u8> = other.iter().flat_map(|value| [*value, 0, 0, 0]).collect();
    let patterns = [&other[..], &other[..255], &other[3..200], &words];
    for pattern in patterns {
        for layout in LAYOUTS {
            for length in [5000, 5001, 20_002, 20_003] {
                let pattern = pattern.iter().copied().cycle();
                let before: Vec<u8> = pattern.take(length).collect();
                let memory = [&before[..], &[7; 16], &laid_out(layout, &state), &before].concat();
                let found = states(&memory);
                let same = found.iter().filter(|found| **found == state);
                assert_eq!(same.count(), 1, "{layout:?} {length}");
                assert!(found.len() < 400, "{}", found.len());
            }
        }
    }
}

#[test]
fn random_bytes_and_small_numbers_hold_none() {
    assert!(states(&ground(1, 4 << 20)).is_empty());
    let small: Vec<u8> = (0..1_u32 << 18)
        .flat_map(|n| (n.wrapping_mul(n) % 251).to_le_bytes())
        .collect();
    assert!(states(&small).is_empty());
    for length in 0..300 {
        assert!(states(&ground(1, length)).is_empty());
    }
}

/// Values, array object and holder somewhere in a heap.
fn heap(cipher: &Rc4, base: u64, at: [usize; 3]) -> Vec<u8> {
    let mut memory = ground(1, 1 << 16);
    let mut put = |at: usize, bytes: &[u8]| memory[at..at + bytes.len()].copy_from_slice(bytes);
    let word = |value: u64| value.to_le_bytes();
    let small = |value: u8| word(u64::from(value) << 32);
    let [values, array, holder] = at;
    put(values, &word(0x1234_5601));
    put(values + 8, &word(256 << 32));
    put(values + 16, &laid_out(Layout::Object(0), cipher));
    put(array + 16, &word(base + values as u64 + 1));
    put(array + 24, &word(256 << 32));
    put(holder, &word(base + array as u64 + 1));
    let (i, j) = cipher.indices();
    put(holder + 8, &small(i));
    put(holder + 16, &small(j));
    // Another pointer to the array, with something else behind it.
    put(60_000, &word(base + array as u64 + 1));
    memory
}

#[test]
fn an_array_of_v8_is_found_through_its_holder() {
    const BASE: u64 = 0x3f_0000_0000;
    for (n, at) in [[0, 8192, 16384], [40_000, 80, 48], [20_008, 30_000, 10_000]]
        .into_iter()
        .enumerate()
    {
        let cipher = cipher("node", 5000 + n as u64);
        let memory = heap(&cipher, BASE, at);
        let mut found = Vec::new();
        scan(&memory, BASE, &mut found);
        let mut pointers = Pointers::to(&found).expect("an array");
        pointers.look(&memory, BASE);
        assert!(pointers.go_on());
        pointers.look(&memory, BASE);
        let places = pointers.into_places();
        let [place] = places[..] else {
            panic!("{places:?}");
        };
        let (values, indices) = place.stretches();
        let bytes = |range: std::ops::Range<u64>| {
            &memory[(range.start - BASE) as usize..(range.end - BASE) as usize]
        };
        let bytes = [bytes(values), bytes(indices.expect("apart"))].concat();
        assert_eq!(read(place.layout, &bytes), Some(cipher));
    }
    assert!(Pointers::to(&[]).is_none());
}
