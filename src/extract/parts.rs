//! Several ranges in one response: `multipart/byteranges` (RFC 9110, 14.6).

/// The longest head of a part.
const MAX_PART_HEAD: usize = 4 << 10;

/// Reads the heads of the parts as the body passes by.
#[derive(Debug, Default)]
pub struct Parts {
    /// The head under way, with the boundary before it.
    head: Vec<u8>,
    /// Bytes still to come of the part.
    left: u64,
    /// Offset in the body of the next byte.
    next: u64,
    /// A boundary was missed.
    is_lost: bool,
}

impl Parts {
    /// Takes in bytes of the body at `offset`. For each part that begins, `length` is
    /// given its head and the offset in the body of its data, and says how long that is.
    pub fn hear(
        &mut self,
        offset: u64,
        mut bytes: &[u8],
        mut length: impl FnMut(&[u8], u64) -> Option<u64>,
    ) {
        let missed = offset.saturating_sub(self.next);
        match self.left.checked_sub(missed) {
            Some(left) => self.left = left,
            None => self.is_lost = true,
        }
        self.next = offset;
        while !bytes.is_empty() && !self.is_lost {
            let passed = self.left.min(bytes.len() as u64);
            self.left -= passed;
            self.next += passed;
            bytes = &bytes[passed as usize..];
            let Some((first, rest)) = bytes.split_first() else {
                return;
            };
            bytes = rest;
            self.next += 1;
            self.head.push(*first);
            if self.head.ends_with(b"\r\n\r\n") {
                let head = std::mem::take(&mut self.head);
                match length(head.trim_ascii_start(), self.next) {
                    Some(length) => self.left = length,
                    None => self.is_lost = true,
                }
            }
            self.is_lost |= self.head.len() > MAX_PART_HEAD;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"--b\r\nR: 3\r\n\r\nabc\r\n--b\r\nR: 2\r\n\r\nde\r\n--b--\r\n";

    fn found(pieces: &[(u64, &[u8])]) -> Vec<u64> {
        let mut parts = Parts::default();
        let mut found: Vec<u64> = Vec::new();
        for (offset, bytes) in pieces {
            parts.hear(*offset, bytes, |head, at| {
                found.push(at);
                let at = head.windows(3).position(|three| three == b"R: ")?;
                Some(u64::from(head[at + 3] - b'0'))
            });
        }
        found
    }

    #[test]
    fn parts_are_found_in_any_packets_and_behind_holes_in_their_data() {
        let expected = [13, 31];
        assert_eq!(found(&[(0, BODY)]), expected);
        let bytes: Vec<(u64, &[u8])> = (0..).zip(BODY.chunks(1)).collect();
        assert_eq!(found(&bytes), expected);
        assert_eq!(found(&[(0, &BODY[..14]), (16, &BODY[16..])]), expected);
        // A boundary is missing: nothing more is known.
        assert_eq!(found(&[(0, &BODY[..14]), (20, &BODY[20..])]), expected[..1]);
        let long = [b'x'; MAX_PART_HEAD + 10];
        assert!(found(&[(0, &long), (long.len() as u64, BODY)]).is_empty());
    }
}
