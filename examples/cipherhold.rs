//! Holds states of RC4 in its memory, as the libraries of clients do, and goes on
//! with them: what `peerscope keys` is tried on.
//!
//! `cipherhold SECONDS [MEBIBYTES]`: prints the first state of each, as lines of a
//! key log, and holds so many bytes of other things besides.

use std::hint::black_box;
use std::io::{Write, stdout};
use std::thread;
use std::time::{Duration, Instant};

use peerscope::keys::scan::{Layout, Width};
use peerscope::wire::mse::{Rc4, StateLine};

/// The layouts that are held.
const LAYOUTS: [Layout; 4] = [
    Layout::WordsBefore(Width::Four),
    Layout::WordsBefore(Width::One),
    Layout::BytesBehind(Width::One),
    Layout::WordsBehind(Width::Four),
];

#[allow(dead_code)] // Not in the test that uses the rest.
fn main() {
    let words = std::env::args().skip(1);
    let mut numbers = words.filter_map(|word| word.parse().ok());
    let seconds = numbers.next().unwrap_or(1);
    hold(seconds, numbers.next().unwrap_or(0) as usize);
}

/// Prints the states, and holds them.
pub fn hold(seconds: u64, mebibytes: usize) {
    let mut ballast = vec![0; mebibytes << 20];
    // Random, as data that is transferred is.
    Rc4::new(b"ballast").apply(&mut ballast);
    // Permutations that are no states.
    let tables: Vec<Vec<u8>> = vec![(0..=255).collect(), (0..=255).rev().collect()];
    let mut ciphers: Vec<Rc4> = (0..LAYOUTS.len() as u8)
        .map(|n| Rc4::for_mse(&[n, 7]))
        .collect();
    let mut places: Vec<Vec<u8>> = LAYOUTS.iter().map(|_| vec![0; 2048]).collect();
    let mut lines = String::new();
    for cipher in &ciphers {
        let line = StateLine {
            anchor: None,
            cipher: cipher.clone(),
        };
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    let _ = stdout().write_all(lines.as_bytes());
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        for ((cipher, place), layout) in ciphers.iter_mut().zip(&mut places).zip(LAYOUTS) {
            cipher.skip(100);
            put(cipher, layout, place);
        }
        thread::sleep(Duration::from_millis(20));
    }
    black_box((&ballast, &tables, &places));
}

/// Writes a state down as it lies in memory.
fn put(cipher: &Rc4, layout: Layout, place: &mut [u8]) {
    let (i, j) = cipher.indices();
    let words = [i, 0, 0, 0, j, 0, 0, 0];
    let (width, at) = match layout {
        Layout::WordsBefore(width) => (width, 8),
        Layout::BytesBefore(width) => (width, 2),
        Layout::WordsBehind(width) | Layout::BytesBehind(width) => (width, 0),
        Layout::Object(_) => return,
    };
    let end = at + width.all_bytes();
    for (value, bytes) in cipher
        .state()
        .iter()
        .zip(place[at..end].chunks_exact_mut(width.bytes()))
    {
        bytes[0] = *value;
    }
    match layout {
        Layout::WordsBefore(_) => place[..8].copy_from_slice(&words),
        Layout::WordsBehind(_) => place[end..end + 8].copy_from_slice(&words),
        Layout::BytesBefore(_) => place[..2].copy_from_slice(&[i, j]),
        _ => place[end..end + 2].copy_from_slice(&[i, j]),
    }
}
