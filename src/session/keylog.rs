//! The keys of encrypted connections, by the initiator's public key.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use crate::wire::mse::{KeyLine, NotAKey, PUBLIC_KEY};

/// Keys kept of a capture: anyone can have written it.
const MAX_OF_CAPTURE: usize = 1 << 16;

/// Different keys that are kept for one public key. A peer makes a new one for
/// every connection; only recordings repeat them.
const MAX_OF_ONE: usize = 4;

/// The keys that are known.
#[derive(Debug, Default)]
pub struct KeyLog {
    keys: HashMap<[u8; PUBLIC_KEY], Vec<KeyLine>, RandomState>,
    of_capture: usize,
}

impl KeyLog {
    /// Takes the keys of a file. Lines that do not begin with `MSE` are for
    /// others; a last line without its end may still be being written.
    ///
    /// # Errors
    ///
    /// The number of the first line (from 1) that should be a key and is none.
    pub fn add_file(&mut self, text: &str) -> Result<(), (usize, NotAKey)> {
        for (index, line) in text.split_inclusive('\n').enumerate() {
            match line.parse() {
                Ok(key) => {
                    self.insert(key);
                }
                Err(NotAKey::Label) => {}
                Err(_) if !line.ends_with('\n') => {}
                Err(error) => return Err((index + 1, error)),
            }
        }
        Ok(())
    }

    /// Takes the keys that a capture holds, up to a bound; lines that are none
    /// are passed over.
    pub fn add_of_capture(&mut self, text: &[u8]) {
        for line in text.split(|byte| *byte == b'\n') {
            if self.of_capture == MAX_OF_CAPTURE {
                return;
            }
            let line = std::str::from_utf8(line).ok();
            if let Some(key) = line.and_then(|line| line.parse().ok())
                && self.insert(key)
            {
                self.of_capture += 1;
            }
        }
    }

    fn insert(&mut self, key: KeyLine) -> bool {
        let keys = self.keys.entry(key.public_key).or_default();
        let is_new = keys.len() < MAX_OF_ONE && !keys.contains(&key);
        if is_new {
            keys.push(key);
        }
        is_new
    }

    /// Whether no key is known.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that may fit a connection whose initiator's stream begins like
    /// this.
    pub fn of_stream(&self, initiator: &[u8]) -> &[KeyLine] {
        let public_key = initiator.first_chunk::<PUBLIC_KEY>();
        let keys = public_key.and_then(|public_key| self.keys.get(public_key));
        keys.map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::mse::vectors::{A, B, C};

    fn lines() -> String {
        format!("{}\n{}\n{}\n", A.key_line(), B.key_line(), C.key_line())
    }

    #[test]
    fn finds_keys_by_the_first_bytes_of_a_stream() {
        let mut keys = KeyLog::default();
        assert!(keys.is_empty());
        keys.add_file(&format!("# keys\n\nCLIENT_RANDOM 1 2\n{}", lines()))
            .unwrap();
        keys.add_file(&lines()).unwrap();
        assert_eq!(keys.of_stream(&A.stream_a()), [A.key_line()]);
        assert_eq!(keys.of_stream(&B.stream_a()), [B.key_line(), C.key_line()]);
        assert!(keys.of_stream(&A.stream_b()).is_empty());
        assert!(keys.of_stream(&A.stream_a()[..95]).is_empty());
    }

    #[test]
    fn names_the_line_that_is_no_key() {
        let mut keys = KeyLog::default();
        let text = format!("{}MSE 00 00 00\n", lines());
        let (line, error) = keys.add_file(&text).unwrap_err();
        assert_eq!(line, 4);
        assert_eq!(error.to_string(), "Ya is not 192 hexadecimal digits");
        assert_eq!(keys.add_file("MSE 00 00"), Ok(()));
    }

    #[test]
    fn keeps_few_keys_of_one_connection_and_bounds_those_of_a_capture() {
        let mut keys = KeyLog::default();
        let mut key = A.key_line();
        for number in 0..=MAX_OF_CAPTURE as u32 {
            key.public_key[..4].copy_from_slice(&number.to_be_bytes());
            keys.add_of_capture(format!("{key}\r\n").as_bytes());
        }
        assert!(keys.of_stream(&key.public_key).is_empty());
        keys.add_file(&format!("{key}\n")).unwrap();
        for torrent in 0..9 {
            key.skey = [torrent; 20];
            keys.add_file(&format!("{key}\n")).unwrap();
        }
        assert_eq!(keys.of_stream(&key.public_key).len(), MAX_OF_ONE);
        keys.add_of_capture(b"\xff\xfe\nMSE");
    }
}
