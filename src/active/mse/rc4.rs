//! RC4, as MSE uses it. It hides, it does not protect.

/// The state of one direction.
#[derive(Clone)]
pub struct Rc4 {
    state: [u8; 256],
    i: u8,
    j: u8,
}

impl Rc4 {
    /// Keystream bytes that MSE throws away.
    const DROP: usize = 1024;

    /// The stream of `key`, from its first byte on.
    pub fn new(key: &[u8]) -> Self {
        let mut state: [u8; 256] = std::array::from_fn(|at| at as u8);
        let mut j = 0_u8;
        for i in 0..256 {
            j = j.wrapping_add(state[i]).wrapping_add(key[i % key.len()]);
            state.swap(i, usize::from(j));
        }
        Self { state, i: 0, j: 0 }
    }

    /// The stream of `key` as MSE has it: without its first 1024 bytes.
    pub fn for_mse(key: &[u8]) -> Self {
        let mut cipher = Self::new(key);
        cipher.apply(&mut [0; Self::DROP]);
        cipher
    }

    /// Encrypts or decrypts in place.
    pub fn apply(&mut self, bytes: &mut [u8]) {
        let (mut i, mut j) = (self.i, self.j);
        let state = &mut self.state;
        for byte in bytes {
            i = i.wrapping_add(1);
            let a = state[usize::from(i)];
            j = j.wrapping_add(a);
            let b = state[usize::from(j)];
            state[usize::from(i)] = b;
            state[usize::from(j)] = a;
            *byte ^= state[usize::from(a.wrapping_add(b))];
        }
        (self.i, self.j) = (i, j);
    }
}

impl std::fmt::Debug for Rc4 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rc4")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6229: keystream at offset 1024.
    #[test]
    fn rfc_6229() {
        let long: Vec<u8> = (1..=16).collect();
        let cases: [(&[u8], &str); 2] = [
            (&[1, 2, 3, 4, 5], "30abbcc7c20b01609f23ee2d5f6bb7df"),
            (&long, "bdf0324e6083dcc6d3cedd3ca8c53c16"),
        ];
        for (key, expected) in cases {
            let mut bytes = [0; 16];
            Rc4::for_mse(key).apply(&mut bytes);
            assert_eq!(hex::encode(bytes), expected);
        }
    }
}
