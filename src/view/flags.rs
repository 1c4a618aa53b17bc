//! Bit flags: which are set, and which of those have a name.

use crate::wire::span::slice;
use crate::wire::{Flag, Node, Value};

/// One set flag.
pub enum Set {
    /// It has a name.
    Known(&'static Flag),
    /// These bits of a byte have none.
    Unknown {
        /// Index of the byte.
        byte: usize,
        /// The bits.
        mask: u8,
    },
}

/// Calls `each` with every flag that is set in `field`, in the order of the
/// table, then with what is set beside them.
pub fn for_each(flags: &'static [Flag], field: &[u8], mut each: impl FnMut(Set)) {
    for flag in flags {
        if is_set(flag, field) {
            each(Set::Known(flag));
        }
    }
    for (byte, bits) in field.iter().enumerate() {
        let known = flags
            .iter()
            .filter(|flag| flag.byte == byte && is_set(flag, field))
            .fold(0, |mask, flag| mask | flag.mask);
        let mask = bits & !known;
        if mask != 0 {
            each(Set::Unknown { byte, mask });
        }
    }
}

fn is_set(flag: &Flag, field: &[u8]) -> bool {
    field
        .get(flag.byte)
        .is_some_and(|bits| bits & flag.mask == flag.mask)
}

/// The bytes of a flags field, whether its value is given as bytes or as a
/// number.
pub fn bytes_of<'b>(node: &Node, message: &'b [u8], number: &'b mut [u8; 8]) -> &'b [u8] {
    match node.value {
        Value::Bytes { start, end } => slice(message, start, end),
        Value::Uint(value) => {
            *number = value.to_be_bytes();
            let length = (node.end.saturating_sub(node.start) as usize).clamp(1, 8);
            &number[8 - length..]
        }
        Value::Int(_) | Value::Group(_) => &[],
    }
}
