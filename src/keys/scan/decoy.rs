//! Permutations that are no state of RC4, and stand in many processes.

/// Whether it is one of them: values that go on by a fixed step (0, 1, 2 ..), the
/// substitution box of AES, or its inverse.
pub(super) fn is_known(state: &[u8; 256]) -> bool {
    is_even(state) || is_aes(state)
}

fn is_even(state: &[u8; 256]) -> bool {
    let step = state[1].wrapping_sub(state[0]);
    state
        .windows(2)
        .all(|pair| pair[1].wrapping_sub(pair[0]) == step)
}

/// What is at 0, 1 and 2 tells the two boxes from nearly all others, at no cost.
fn is_aes(state: &[u8; 256]) -> bool {
    let (forward, inverse) = ([0x63, 0x7c, 0x77], [0x52, 0x09, 0x6a]);
    if state[..3] == forward {
        (0..=255).all(|at| state[usize::from(at)] == substitute(at))
    } else if state[..3] == inverse {
        (0..=255).all(|at| state[usize::from(substitute(at))] == at)
    } else {
        false
    }
}

/// The substitution of AES: the inverse in GF(2^8), and an affine map.
fn substitute(value: u8) -> u8 {
    let inverse = (1..=255)
        .find(|other| multiply(value, *other) == 1)
        .unwrap_or(0);
    let rotated = (1..5).map(|bits| inverse.rotate_left(bits));
    rotated.fold(inverse ^ 0x63, |sum, bits| sum ^ bits)
}

/// Multiplies in GF(2^8), as AES does.
fn multiply(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 == 1 {
            product ^= a;
        }
        a = a << 1 ^ if a & 0x80 == 0 { 0 } else { 0x1b };
        b >>= 1;
    }
    product
}

/// The substitution box of AES.
#[cfg(test)]
pub(super) fn aes() -> [u8; 256] {
    std::array::from_fn(|at| substitute(at as u8))
}
