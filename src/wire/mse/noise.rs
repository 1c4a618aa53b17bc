//! What public keys and padding look like: noise, new each time.

/// Different values that 96 random bytes have at least: about 80, and fewer once
/// in a billion.
const MIN_DIFFERENT: usize = 62;

/// Bits that are set in 96 random bytes: half, each bound over 5 sigma away.
const ONES: std::ops::RangeInclusive<u32> = 310..=458;

/// Whether the 96 bytes of a public key could be random.
pub fn looks_random(key: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in key {
        seen[usize::from(*byte)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let ones: u32 = key.iter().map(|byte| byte.count_ones()).sum();
    different >= MIN_DIFFERENT && ONES.contains(&ones)
}

/// The longest run of equal bytes at the same place in both.
pub fn equal_run(one: &[u8], other: &[u8]) -> usize {
    let equal = one.iter().zip(other).map(|(a, b)| a == b);
    longest_run(equal)
}

/// The longest run of bytes of which `is_in` holds.
pub fn run_of(bytes: &[u8], is_in: impl Fn(u8) -> bool) -> usize {
    longest_run(bytes.iter().map(|byte| is_in(*byte)))
}

fn longest_run(hits: impl Iterator<Item = bool>) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for hit in hits {
        run = if hit { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
