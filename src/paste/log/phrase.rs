//! Parts of the sentences in which logs tell of messages.

/// Removes a word, which ends where letters and digits end.
pub fn strip<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(word)?;
    let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    (!(word.ends_with(goes_on) && rest.starts_with(goes_on))).then_some(rest)
}

/// The first number of a text, which begins with it.
pub fn number(text: &str) -> Option<(u32, &str)> {
    radix(text, 10)
}

/// The same in a base.
pub fn radix(text: &str, radix: u32) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_digit(radix));
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    Some((u32::from_str_radix(digits, radix).ok()?, rest))
}

/// The number behind a key such as `index=` or `piece: `.
pub fn value(text: &str, key: &str) -> Option<u32> {
    value_in(text, key, 10)
}

/// The same in a base.
pub fn value_in(text: &str, key: &str, base: u32) -> Option<u32> {
    let digits = behind(text, key)?;
    let (number, rest) = radix(digits, base)?;
    let goes_on = |c: char| c.is_alphanumeric() || c == '.';
    (!rest.starts_with(goes_on)).then_some(number)
}

/// What stands behind a key that begins a word.
pub fn behind<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let mut found = text.match_indices(key);
    found.find_map(|(at, _)| {
        let before = text[..at].chars().next_back();
        let begins = !before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        begins.then(|| &text[at + key.len()..])
    })
}

/// The hex digits of a run of bits, eight a byte, the last ones filled up.
pub fn of_bits(bits: &str) -> Option<String> {
    let is_bits = !bits.is_empty() && bits.bytes().all(|bit| matches!(bit, b'0' | b'1'));
    let byte = |bits: &[u8]| {
        let set = bits.iter().enumerate().filter(|(_, bit)| **bit == b'1');
        let value: u8 = set.map(|(index, _)| 0x80_u8 >> index).sum();
        format!("{value:02x}")
    };
    is_bits.then(|| bits.as_bytes().chunks(8).map(byte).collect())
}

/// `index=4 begin=0 length=16384`
pub fn block(index: u32, begin: u32, length: u32) -> String {
    format!("index={index} begin={begin} length={length}")
}

/// `4:0->16384`, and what follows it.
pub fn range(text: &str) -> Option<([u32; 3], &str)> {
    let (index, rest) = number(text)?;
    let (begin, rest) = number(rest.strip_prefix(':')?)?;
    let (length, rest) = number(rest.strip_prefix("->")?)?;
    Some(([index, begin, length], rest))
}
