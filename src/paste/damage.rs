//! Strings of bytes that were damaged before they were printed: what consoles print for a
//! byte that is no character, a U+FFFD or a `?`, tells nothing of the byte.

/// What is printed for a byte that was none of UTF-8.
pub const LOST: &str = "\u{fffd}";

/// The same as an escape.
pub const LOST_ESCAPE: &str = "ufffd";

/// What stands for a byte that was lost.
pub const PLACEHOLDER: u8 = b'?';

/// Keys of values that are text, or that tell what a message is: these are shown with what
/// is left of them.
const TEXT: [&[u8]; 18] = [
    b"v",
    b"t",
    b"y",
    b"q",
    b"name",
    b"name.utf-8",
    b"path",
    b"path.utf-8",
    b"comment",
    b"created by",
    b"publisher",
    b"source",
    b"announce",
    b"announce-list",
    b"failure reason",
    b"warning message",
    b"e",
    b"client",
];

/// Keys of values that are bytes and no text: half of all bytes are no ASCII, so that a `?`
/// among nothing but ASCII stands for another one.
const BYTES: [&[u8]; 21] = [
    b"peers",
    b"peers6",
    b"added",
    b"added6",
    b"dropped",
    b"dropped6",
    b"pieces",
    b"pieces root",
    b"nodes",
    b"nodes6",
    b"values",
    b"samples",
    b"id",
    b"target",
    b"info_hash",
    b"token",
    b"yourip",
    b"ipv4",
    b"ipv6",
    b"external ip",
    b"files",
];

/// Bytes of an info-hash as a key, in the answer to a scrape.
const HASH: usize = 20;

/// A string, as it was printed.
#[derive(Debug, Clone, Copy)]
pub struct Printed<'b> {
    pub bytes: &'b [u8],
    /// How many of these stand for others.
    pub lost: usize,
    /// Nothing but its characters was printed: none is an escape.
    pub is_plain: bool,
    /// The key of the dictionary that it is in.
    pub key: &'b [u8],
    /// It is a key itself.
    pub is_key: bool,
}

impl Printed<'_> {
    /// How many of its bytes were lost, if they are not to be shown as what they look like.
    pub fn damage(&self) -> Option<usize> {
        let is_hash = self.is_key && self.bytes.len() == HASH;
        if self.is_key && !is_hash {
            return None;
        }
        if self.lost > 0 {
            return (is_hash || !TEXT.contains(&self.key)).then_some(self.lost);
        }
        let marks = self.bytes.iter().filter(|byte| **byte == PLACEHOLDER);
        let marks = marks.count();
        let is_of_bytes = BYTES.contains(&self.key) && self.bytes.is_ascii() && self.is_plain;
        (is_of_bytes && marks > 0).then_some(marks)
    }
}
