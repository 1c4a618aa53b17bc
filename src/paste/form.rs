//! The forms of dumps.

use std::fmt;

/// The forms of dumps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `<Buffer 13 42 69 ... >` of Node.js.
    NodeBuffer,
    /// `<0000000d 06>` and `{length = 5, bytes = 0x0000000d 06}` of Apple's `NSData`.
    NsData,
    /// Eight digits of 0 and 1 a byte.
    Bits,
    /// Digits in any spacing, with `:` or `-` between, or in one stream.
    Hex,
    /// `0x13 0x42`, `0x1342`.
    Prefixed,
    /// `\x13\x42`, `\023\102`, `%13%42`, `\u0013`, `&#19;`, `^S`.
    Escaped,
    /// `[19, 66]`, `{0x13, 0x42}`, `19, 66` and the like, `[13][42]`.
    Array,
    /// A string literal with escapes.
    String,
    /// Base64, of either alphabet.
    Base64,
    /// Rows of hex with an offset before each: `xxd`, `hexdump -C`, tcpdump,
    /// Wireshark and debuggers.
    Rows,
    /// `od` and `hexdump` in 16-bit words, little end first.
    Words,
    /// The same, big end first.
    BigWords,
    /// `od` in characters (`-c`) or by their names (`-a`).
    Characters,
    /// Octal numbers of a byte each: `od -b`, `x/8ob` of gdb.
    Octal,
    /// Decimal ones: `od -t u1`, `od -t d1`.
    Decimal,
    /// Records of Intel HEX or Motorola, each with its checksum.
    Records,
    /// A message of which a program prints the id and the payload as fields.
    Structure,
    /// A dictionary as a language prints it; the bytes are its bencoding.
    Object,
    /// Bencode as it is.
    Bencode,
    /// A message of HTTP, or its first line.
    Http,
    /// A URL of a tracker, as the request that it stands for.
    Url,
    /// A magnet link.
    Magnet,
    /// Base32 that is named as a hash.
    Base32,
    /// No text at all: the bytes themselves.
    Raw,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NodeBuffer => "Node buffer",
            Self::NsData => "NSData",
            Self::Bits => "bits",
            Self::Hex => "hex",
            Self::Prefixed => "0x hex",
            Self::Escaped => "escapes",
            Self::Array => "array",
            Self::String => "string literal",
            Self::Base64 => "base64",
            Self::Rows => "hex dump",
            Self::Words => "words, little end first",
            Self::BigWords => "words, big end first",
            Self::Characters => "characters",
            Self::Octal => "octal numbers",
            Self::Decimal => "decimal numbers",
            Self::Records => "records",
            Self::Structure => "structure",
            Self::Object => "object",
            Self::Bencode => "bencode",
            Self::Http => "HTTP",
            Self::Url => "URL",
            Self::Magnet => "magnet link",
            Self::Base32 => "base32",
            Self::Raw => "raw bytes",
        })
    }
}
