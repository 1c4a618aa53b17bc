//! Names of the characters that are not printable.

/// Those of the first 32 bytes, in their order.
const NAMES: [&str; 32] = [
    "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "HT", "LF", "VT", "FF", "CR",
    "SO", "SI", "DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC",
    "FS", "GS", "RS", "US",
];

const SPACE: u8 = 0x20;
const NEWLINE: u8 = 0x0a;
const FORM_FEED: u8 = 0x0c;
const DELETE: u8 = 0x7f;

/// The byte with this name, which `od` writes in small letters.
pub fn named(name: &str) -> Option<u8> {
    let same = |known: &&str| known.eq_ignore_ascii_case(name);
    if let Some(byte) = NAMES.iter().position(same) {
        return u8::try_from(byte).ok();
    }
    Some(match name {
        "sp" => SPACE,
        "nl" => NEWLINE,
        "np" => FORM_FEED,
        "del" | "DEL" => DELETE,
        _ => return None,
    })
}

/// The longest name in capitals that a text begins with, as Haskell reads it.
pub fn haskell(text: &str) -> Option<(u8, usize)> {
    [3, 2].into_iter().find_map(|length| {
        let name = text.get(..length)?;
        let is_capital = name.bytes().all(|byte| !byte.is_ascii_lowercase());
        Some((named(name).filter(|_| is_capital)?, length))
    })
}
