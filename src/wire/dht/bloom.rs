//! Bloom filters of seeds and peers (BEP 33).

use std::net::IpAddr;

use sha1::{Digest, Sha1};

/// Bytes of a filter.
pub const BLOOM_SIZE: usize = 256;

/// Bits of a filter.
const BITS: usize = BLOOM_SIZE * 8;

/// A set of IP addresses whose size can be estimated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bloom([u8; BLOOM_SIZE]);

impl Default for Bloom {
    fn default() -> Self {
        Self([0; BLOOM_SIZE])
    }
}

impl Bloom {
    /// A filter as it stands in a message; `None` unless it is 256 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// As it stands in a message.
    pub fn as_bytes(&self) -> &[u8; BLOOM_SIZE] {
        &self.0
    }

    /// Adds an address: two bits, from the first four bytes of its SHA-1.
    pub fn insert(&mut self, address: IpAddr) {
        let digest = match address {
            IpAddr::V4(ip) => Sha1::digest(ip.octets()),
            IpAddr::V6(ip) => Sha1::digest(ip.octets()),
        };
        for pair in digest[..4].chunks_exact(2) {
            let bit = usize::from(u16::from_le_bytes([pair[0], pair[1]])) % BITS;
            self.0[bit / 8] |= 1 << (bit % 8);
        }
    }

    /// Adds all addresses of another filter.
    pub fn join(&mut self, other: &Self) {
        for (byte, other) in self.0.iter_mut().zip(&other.0) {
            *byte |= other;
        }
    }

    /// Bits that are not set.
    pub fn zeros(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_zeros()).sum()
    }

    /// How many addresses it probably holds; at most about 7800, where every bit
    /// is set.
    pub fn estimate(&self) -> f64 {
        let bits = BITS as f64;
        let zeros = f64::from(self.zeros()).clamp(1.0, bits - 1.0);
        if self.zeros() as usize == BITS {
            return 0.0;
        }
        (zeros / bits).ln() / (2.0 * (1.0 - 1.0 / bits).ln())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    /// The test vector of BEP 33.
    const FILTER: &str = "\
        F6C3F5EAA07FFD91BDE89F777F26FB2BFF37BDB8FB2BBAA2FD3DDDE7BACFFF75EE7CCBAEFE5EEDB1FBFAFF67F6ABFF5E\
        43DDBCA3FD9B9FFDF4FFD3E9DFF12D1BDF59DB53DBE9FA5B7FF3B8FDFCDE1AFB8BEDD7BE2F3EE71EBBBFE93BCDEEFE14\
        8246C2BC5DBFF7E7EFDCF24FD8DC7ADFFD8FFFDFDDFFF7A4BBEEDF5CB95CE81FC7FCFF1FF4FFFFDFE5F7FDCBB7FD79B3\
        FA1FC77BFE07FFF905B7B7FFC7FEFEFFE0B8370BB0CD3F5B7F2BD93FEB4386CFDD6F7FD5BFAF2E9EBFFFFEECD67ADBF7\
        C67F17EFD5D75EBA6FFEBA7FFF47A91EB1BFBB53E8ABFB5762ABE8FF237279BFEFBFEEF5FFC5FEBFDFE5ADFFADFEE1FB\
        737FFFFBFD9F6AEFFEEE76B6FD8F72EF";

    #[test]
    fn the_vector_of_bep_33() {
        let mut bloom = Bloom::default();
        for last in 0..=255 {
            bloom.insert(Ipv4Addr::new(192, 0, 2, last).into());
        }
        for last in 0..=0x3e7 {
            bloom.insert(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).into());
        }
        assert_eq!(hex::encode_upper(bloom.as_bytes()), FILTER);
        assert_eq!(bloom.zeros(), 619);
        assert!((bloom.estimate() - 1_224.930_889_8).abs() < 1e-6);
    }

    #[test]
    fn the_extremes_have_an_estimate() {
        assert!(Bloom::default().estimate().abs() < f64::EPSILON);
        let full = Bloom::from_bytes(&[0xff; BLOOM_SIZE]).unwrap();
        assert!((7_000.0..8_000.0).contains(&full.estimate()));
        assert_eq!(Bloom::from_bytes(&[0; 255]), None);
    }
}
