//! Bytes of which each was printed as one character, whatever it is.

/// The pictures of the control characters, in their order; that of a blank and that
/// of the last one follow.
const PICTURES: std::ops::RangeInclusive<u32> = 0x2400..=0x2420;
const DELETE_PICTURE: char = '\u{2421}';
const DELETE: u8 = 0x7f;

/// Bytes 0x80 to 0x9f as Windows-1252 shows them; those with a blank have no
/// character there.
const WINDOWS: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";
const WINDOWS_START: u8 = 0x80;

/// The byte that a character stands for; `None` for one of which that is not known.
pub fn byte(character: char) -> Option<u8> {
    let code = u32::from(character);
    if let Ok(byte) = u8::try_from(code) {
        return Some(byte);
    }
    if PICTURES.contains(&code) {
        return u8::try_from(code - PICTURES.start()).ok();
    }
    if character == DELETE_PICTURE {
        return Some(DELETE);
    }
    let index = WINDOWS.chars().position(|shown| shown == character)?;
    Some(WINDOWS_START + u8::try_from(index).ok()?)
}
