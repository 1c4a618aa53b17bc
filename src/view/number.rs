//! Numbers and addresses appended to a buffer, without a formatter in between:
//! every line and record has a dozen of them.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

/// Appends a decimal number.
pub fn push_u64(out: &mut String, number: u64) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// Appends a decimal number.
pub fn push_i64(out: &mut String, number: i64) {
    out.push_str(itoa::Buffer::new().format(number));
}

/// Appends `.` and the first `digits` (at most 9) of a fraction in nanoseconds.
pub fn push_fraction(out: &mut String, nanos: u32, digits: usize) {
    let mut rest = nanos;
    let mut text = *b".000000000";
    for digit in text[1..].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend(text[..=digits.min(9)].iter().map(|byte| char::from(*byte)));
}

/// Appends `1.2.3.4:6881` or `[2001:db8::1]:6881`.
pub fn push_socket(out: &mut String, address: SocketAddr) {
    match address {
        SocketAddr::V4(address) => {
            push_v4(out, *address.ip());
            out.push(':');
            push_u64(out, u64::from(address.port()));
        }
        SocketAddr::V6(address) => {
            let _ = write!(out, "{address}");
        }
    }
}

fn push_v4(out: &mut String, address: Ipv4Addr) {
    for (index, octet) in address.octets().into_iter().enumerate() {
        if index > 0 {
            out.push('.');
        }
        push_u64(out, u64::from(octet));
    }
}

/// Appends bytes as lower-case hex.
pub fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(bytes.len() * 2);
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// Appends a compact address: an IP of 4 or 16 bytes, or one with 2 bytes of
/// port. `false` (and nothing written) for any other length.
pub fn push_compact(out: &mut String, bytes: &[u8]) -> bool {
    if let Ok(ip) = <[u8; 4]>::try_from(bytes) {
        push_v4(out, ip.into());
    } else if let Ok(ip) = <[u8; 16]>::try_from(bytes) {
        let _ = write!(out, "{}", Ipv6Addr::from(ip));
    } else if let Some((ip, port)) = with_port::<4>(bytes) {
        push_socket(out, SocketAddr::new(IpAddr::from(ip), port));
    } else if let Some((ip, port)) = with_port::<16>(bytes) {
        push_socket(out, SocketAddrV6::new(ip.into(), port, 0, 0).into());
    } else {
        return false;
    }
    true
}

fn with_port<const N: usize>(bytes: &[u8]) -> Option<([u8; N], u16)> {
    let (ip, port) = bytes.split_first_chunk::<N>()?;
    Some((*ip, u16::from_be_bytes(port.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_addresses_of_every_length() {
        let text = |bytes: &[u8]| {
            let mut out = String::new();
            push_compact(&mut out, bytes).then_some(out)
        };
        assert_eq!(text(&[1, 2, 3, 4]).as_deref(), Some("1.2.3.4"));
        assert_eq!(
            text(&[1, 2, 3, 4, 0x1a, 0xe1]).as_deref(),
            Some("1.2.3.4:6881")
        );
        let mut v6 = [0; 18];
        (v6[15], v6[17]) = (1, 80);
        assert_eq!(text(&v6).as_deref(), Some("[::1]:80"));
        assert_eq!(text(&v6[..16]).as_deref(), Some("::1"));
        let odd = (0..40).filter(|n| ![4, 6, 16, 18].contains(n));
        for length in odd {
            assert_eq!(text(&vec![0; length]), None);
        }
    }

    #[test]
    fn fractions_keep_their_zeros() {
        let mut out = String::new();
        push_fraction(&mut out, 15_501_007, 9);
        push_fraction(&mut out, 15_501_007, 6);
        assert_eq!(out, ".015501007.015501");
    }
}
