//! Quantities in words, as summaries and views show them.

use std::fmt;

/// A count of bytes: exact, in the largest binary unit that divides it
/// (`16 KiB`, `215 B`, `1 MiB`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        for (unit, name) in UNITS {
            if self.0 >= unit && self.0.is_multiple_of(unit) {
                return write!(f, "{} {name}", self.0 / unit);
            }
        }
        write!(f, "{} B", self.0)
    }
}

/// The name of a message in words.
pub fn spoken(name: &str) -> String {
    match name {
        // The one with a hyphen.
        "keep_alive" => "keep-alive".to_owned(),
        _ => name.replace('_', " "),
    }
}

/// A number with its noun, which takes an s unless the number is 1.
#[derive(Debug, Clone, Copy)]
pub struct Count(pub u64, pub &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.0, self.1)
    }
}

/// A hash or other identifier in hex: its first four bytes and its last two
/// (`294150cb…0d82`), all of it when it is short.
#[derive(Debug, Clone, Copy)]
pub struct ShortId<'a>(pub &'a [u8]);

impl fmt::Display for ShortId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [first @ .., a, b] if self.0.len() > 8 => {
                let tail = [*a, *b];
                write!(f, "{}…{}", hex::encode(&first[..4]), hex::encode(tail))
            }
            short => f.write_str(&hex::encode(short)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_exact() {
        assert_eq!(Size(0).to_string(), "0 B");
        assert_eq!(Size(215).to_string(), "215 B");
        assert_eq!(Size(16384).to_string(), "16 KiB");
        assert_eq!(Size(16385).to_string(), "16385 B");
        assert_eq!(Size(1 << 20).to_string(), "1 MiB");
        assert_eq!(Count(1, "byte").to_string(), "1 byte");
        assert_eq!(Count(2, "byte").to_string(), "2 bytes");
    }

    #[test]
    fn ids_are_short() {
        let id = [0x29, 0x41, 0x50, 0xcb, 9, 9, 9, 9, 0x0d, 0x82];
        assert_eq!(ShortId(&id).to_string(), "294150cb…0d82");
        assert_eq!(ShortId(&id[..8]).to_string(), "294150cb09090909");
        assert_eq!(ShortId(&[]).to_string(), "");
    }
}
