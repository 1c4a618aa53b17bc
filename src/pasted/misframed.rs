//! A message whose length prefix is not that of what follows: a byte off, or little end first.

use crate::wire::anomaly::Anomaly;
use crate::wire::peer::{MessageId, anomalies};

/// Bytes of the length prefix.
const PREFIX: usize = 4;

/// A prefix is wrong by so many bytes, at most, where it is counted wrongly: it left out the
/// id, or counted itself.
const MAX_OFF: usize = 4;

/// What is wrong with the length prefix of bytes that are one message otherwise, of an id
/// that has one length.
pub fn fault(bytes: &[u8]) -> Option<&'static Anomaly> {
    let (prefix, body) = bytes.split_first_chunk::<PREFIX>()?;
    let id = MessageId(*body.first()?);
    let due = body.len();
    // Of a message without fields any bytes are as good.
    let is_fixed = id.fits(due as u64) && !id.fits(due as u64 + 1) && due > 1;
    let told = u32::from_be_bytes(*prefix) as usize;
    if !is_fixed || told == due {
        return None;
    }
    if u32::from_le_bytes(*prefix) as usize == due {
        return Some(&anomalies::LITTLE_LENGTH);
    }
    let is_near = told.abs_diff(due) <= MAX_OFF && told > 0;
    is_near.then_some(&anomalies::WRONG_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_behind_a_wrong_length() {
        for (hex, fault_due) in [
            (
                "0000000c06000000040000000000004000",
                Some(&anomalies::WRONG_LENGTH),
            ),
            (
                "0000000e06000000040000000000004000",
                Some(&anomalies::WRONG_LENGTH),
            ),
            ("00000004040000004d", Some(&anomalies::WRONG_LENGTH)),
            (
                "0d00000006000000040000000000004000",
                Some(&anomalies::LITTLE_LENGTH),
            ),
            ("05000000040000004d", Some(&anomalies::LITTLE_LENGTH)),
            ("0000000d06000000040000000000004000", None),
            ("0000001f06000000040000000000004000", None),
            ("0000000d0600000004000000000000400000", None),
            ("0000000005040000004d", None),
            ("0100000002", None),
            ("0000000202", None),
            ("00000004050000004d", None),
        ] {
            let bytes = hex::decode(hex).unwrap();
            assert_eq!(fault(&bytes), fault_due, "{hex}");
        }
    }
}
