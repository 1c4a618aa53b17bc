//! The bytes that a field is about.

/// The part `start..end` of a message, as far as it was kept.
pub fn slice(message: &[u8], start: u32, end: u32) -> &[u8] {
    let end = (end as usize).min(message.len());
    let start = (start as usize).min(end);
    &message[start..end]
}
