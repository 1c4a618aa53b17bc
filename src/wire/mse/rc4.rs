//! RC4, as MSE uses it: it hides, it does not protect.

use std::fmt;

/// The keystream of one direction, at some place.
#[derive(Clone, PartialEq, Eq)]
pub struct Rc4 {
    state: [u8; 256],
    i: u8,
    j: u8,
}

impl Rc4 {
    /// First bytes of the keystream that MSE does not use.
    pub const DROP: u64 = 1024;

    /// The keystream of `key` (1 to 256 bytes), from its first byte on.
    ///
    /// # Panics
    ///
    /// If the key is empty.
    pub fn new(key: &[u8]) -> Self {
        let mut state: [u8; 256] = std::array::from_fn(|at| at as u8);
        let mut j = 0_u8;
        for i in 0..state.len() {
            j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
            state.swap(i, usize::from(j));
        }
        Self { state, i: 0, j: 0 }
    }

    /// The keystream of `key` as MSE has it: without its first 1024 bytes.
    pub fn for_mse(key: &[u8]) -> Self {
        let mut cipher = Self::new(key);
        cipher.skip(Self::DROP);
        cipher
    }

    /// A keystream whose state was found: `None` if `state` is no permutation of
    /// 0 to 255, which no state of RC4 can be.
    pub fn from_state(state: [u8; 256], i: u8, j: u8) -> Option<Self> {
        let mut seen = [false; 256];
        for value in state {
            seen[usize::from(value)] = true;
        }
        (!seen.contains(&false)).then_some(Self { state, i, j })
    }

    /// The permutation.
    pub fn state(&self) -> &[u8; 256] {
        &self.state
    }

    /// The two indices.
    pub fn indices(&self) -> (u8, u8) {
        (self.i, self.j)
    }

    /// Encrypts or decrypts in place.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        let (mut i, mut j) = (self.i, self.j);
        for byte in bytes {
            *byte ^= step(&mut self.state, &mut i, &mut j);
        }
        (self.i, self.j) = (i, j);
    }

    /// Passes over `bytes` of the keystream: of the stream as many are missing.
    pub fn skip(&mut self, bytes: u64) {
        let (mut i, mut j) = (self.i, self.j);
        for _ in 0..bytes {
            step(&mut self.state, &mut i, &mut j);
        }
        (self.i, self.j) = (i, j);
    }

    /// Goes back by `bytes` of the keystream, also beyond its first one: nothing
    /// in a state says that it is the first.
    pub fn go_back(&mut self, bytes: u64) {
        let (mut i, mut j) = (self.i, self.j);
        for _ in 0..bytes {
            step_back(&mut self.state, &mut i, &mut j);
        }
        (self.i, self.j) = (i, j);
    }

    /// Goes back by one byte, which it gives.
    #[inline]
    pub fn take_back(&mut self) -> u8 {
        let (a, b) = (
            self.state[usize::from(self.i)],
            self.state[usize::from(self.j)],
        );
        let byte = self.state[usize::from(a.wrapping_add(b))];
        step_back(&mut self.state, &mut self.i, &mut self.j);
        byte
    }

    /// Goes on by one byte, which it gives.
    #[inline]
    pub fn take(&mut self) -> u8 {
        step(&mut self.state, &mut self.i, &mut self.j)
    }
}

/// Undoes the latest step.
#[inline]
fn step_back(state: &mut [u8; 256], i: &mut u8, j: &mut u8) {
    let a = state[usize::from(*i)];
    let b = state[usize::from(*j)];
    state[usize::from(*i)] = b;
    state[usize::from(*j)] = a;
    *j = j.wrapping_sub(b);
    *i = i.wrapping_sub(1);
}

/// The next byte of the keystream.
#[inline]
fn step(state: &mut [u8; 256], i: &mut u8, j: &mut u8) -> u8 {
    *i = i.wrapping_add(1);
    let a = state[usize::from(*i)];
    *j = j.wrapping_add(a);
    let b = state[usize::from(*j)];
    state[usize::from(*i)] = b;
    state[usize::from(*j)] = a;
    state[usize::from(a.wrapping_add(b))]
}

impl fmt::Debug for Rc4 {
    /// Without the state, which is a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rc4")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keystream(mut cipher: Rc4, at: u64) -> String {
        cipher.skip(at);
        let mut bytes = [0; 16];
        cipher.apply(&mut bytes);
        hex::encode(bytes)
    }

    /// RFC 6229, keys of 40, 128 and 256 bits.
    #[test]
    fn vectors_of_rfc_6229() {
        let key: Vec<u8> = (1..=32).collect();
        let cases = [
            (5, 0, "b2396305f03dc027ccc3524a0a1118a8"),
            (5, 16, "6982944f18fc82d589c403a47a0d0919"),
            (5, 1024, "30abbcc7c20b01609f23ee2d5f6bb7df"),
            (16, 0, "9ac7cc9a609d1ef7b2932899cde41b97"),
            (16, 1024, "bdf0324e6083dcc6d3cedd3ca8c53c16"),
            (32, 0, "eaa6bd25880bf93d3f5d1e4ca2611d91"),
        ];
        for (length, at, expected) in cases {
            assert_eq!(keystream(Rc4::new(&key[..length]), at), expected);
        }
        let dropped = keystream(Rc4::for_mse(&key[..5]), 0);
        assert_eq!(dropped, "30abbcc7c20b01609f23ee2d5f6bb7df");
    }

    #[test]
    fn a_state_is_a_permutation() {
        let cipher = Rc4::for_mse(b"key");
        let (i, j) = cipher.indices();
        assert_eq!(Rc4::from_state(*cipher.state(), i, j), Some(cipher.clone()));
        let mut state = *cipher.state();
        state[7] = state[8];
        assert_eq!(Rc4::from_state(state, i, j), None);
    }

    proptest! {
        #[test]
        fn goes_back_as_it_came(key in prop::collection::vec(any::<u8>(), 1..40), steps in 0..3000_u64) {
            let start = Rc4::new(&key);
            let mut cipher = start.clone();
            let mut bytes: Vec<u8> = (0..steps).map(|_| cipher.take()).collect();
            prop_assert_eq!(cipher.indices().0, steps as u8);
            let mut back = cipher.clone();
            back.go_back(steps);
            prop_assert!(back == start);
            while let Some(byte) = bytes.pop() {
                prop_assert_eq!(cipher.take_back(), byte);
            }
            prop_assert!(cipher == start);
        }

        #[test]
        fn skips_what_it_would_apply(key in prop::collection::vec(any::<u8>(), 1..40), at in 0..3000_u64) {
            let mut applied = Rc4::new(&key);
            applied.apply(&mut vec![0; at as usize]);
            prop_assert_eq!(keystream(applied, 0), keystream(Rc4::new(&key), at));
        }
    }
}
