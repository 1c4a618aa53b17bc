//! Base32 (RFC 4648), in either case and without padding, as info-hashes are written.

/// Bits of a digit.
const BITS: u32 = 5;

/// The bytes that digits spell; what is left over of the last one is dropped.
pub fn decode(digits: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut held, mut count) = (Vec::new(), 0_u32, 0);
    for digit in digits.bytes() {
        held = held << BITS | u32::from(value(digit)?);
        count += BITS;
        if count >= u8::BITS {
            count -= u8::BITS;
            bytes.push((held >> count) as u8);
        }
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    match digit.to_ascii_uppercase() {
        letter @ b'A'..=b'Z' => Some(letter - b'A'),
        number @ b'2'..=b'7' => Some(number - b'2' + 26),
        _ => None,
    }
}
