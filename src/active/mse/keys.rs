//! The Diffie-Hellman key exchange.

use std::sync::LazyLock;

use crate::wire::mse::PUBLIC_KEY as KEY;
use num_bigint::BigUint;

/// The prime, 768 bits.
static P: LazyLock<BigUint> = LazyLock::new(|| {
    let digits = b"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6\
F44C42E9A63A36210000000000090563";
    BigUint::parse_bytes(digits, 16).unwrap_or_default()
});

/// The public key of a private exponent.
pub fn public_key(exponent: &[u8; 20]) -> [u8; KEY] {
    let two = BigUint::from(2_u8);
    padded(&two.modpow(&BigUint::from_bytes_be(exponent), &P))
}

/// The shared secret; `None` if the other side's key is degenerate (0, 1, P-1 or
/// beyond), which would make it a constant.
pub fn shared_secret(exponent: &[u8; 20], other: &[u8; KEY]) -> Option<[u8; KEY]> {
    let other = BigUint::from_bytes_be(other);
    if other <= BigUint::from(1_u8) || other >= &*P - 1_u8 {
        return None;
    }
    Some(padded(&other.modpow(&BigUint::from_bytes_be(exponent), &P)))
}

/// Big-endian, with zeros in front.
fn padded(number: &BigUint) -> [u8; KEY] {
    let bytes = number.to_bytes_be();
    let mut out = [0; KEY];
    out[KEY - bytes.len()..].copy_from_slice(&bytes);
    out
}
