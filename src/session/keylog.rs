//! The keys of encrypted connections: by the initiator's public key, or, where a
//! state of RC4 opened a direction, by its first bytes.

use std::collections::HashMap;
use std::str::FromStr;

use foldhash::quality::RandomState;

use crate::wire::mse::{Anchor, KeyLine, NotAKey, PUBLIC_KEY, Rc4, StateLine};

/// Keys kept of a capture: anyone can have written it.
const MAX_OF_CAPTURE: usize = 1 << 16;

/// Keys kept of the user's files: more connections than that no analysis knows, and
/// a file that grows for years has more.
const MAX_OF_FILES: usize = 1 << 18;

/// Different keys that are kept for one public key. A peer makes a new one for
/// every connection; only recordings repeat them.
const MAX_OF_ONE: usize = 4;

/// States of RC4 that are kept: a process has two for each connection.
const MAX_STATES: usize = 1 << 14;

/// One line of a key log.
enum Line {
    Key(KeyLine),
    State(StateLine),
}

impl FromStr for Line {
    type Err = NotAKey;

    fn from_str(line: &str) -> Result<Self, NotAKey> {
        match line.parse() {
            Err(NotAKey::Label) => line.parse().map(Self::State),
            key => key.map(Self::Key),
        }
    }
}

/// The keys that are known.
#[derive(Debug, Default)]
pub struct KeyLog {
    keys: HashMap<[u8; PUBLIC_KEY], Vec<KeyLine>, RandomState>,
    of_capture: usize,
    of_files: usize,
    /// Keys of files beyond what is kept.
    keys_left_out: usize,
    /// States that wait to be tried on directions.
    states: Vec<StateLine>,
    /// Those of them there were in all, and those beyond what is kept.
    taken: usize,
    left_out: usize,
    /// Keystreams at the VC of directions that begin with this public key.
    beginnings: HashMap<[u8; PUBLIC_KEY], Rc4, RandomState>,
    /// Keystreams at the first byte of directions that begin like this, in
    /// mid-connection.
    middles: HashMap<Anchor, Rc4, RandomState>,
}

/// What a state has opened of a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened<'k> {
    /// More bytes may show it.
    Unknown,
    /// Nothing.
    Not,
    /// All of it: the keystream is at the VC.
    By(&'k Rc4),
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
            self.add_line(line).map_err(|error| (index + 1, error))?;
        }
        Ok(())
    }

    /// Takes one line of a file, with its end.
    ///
    /// # Errors
    ///
    /// If it should be a key and is none.
    pub fn add_line(&mut self, line: &str) -> Result<(), NotAKey> {
        match line.parse() {
            Ok(Line::Key(_)) if self.of_files == MAX_OF_FILES => self.keys_left_out += 1,
            Ok(line @ Line::Key(_)) => {
                self.of_files += usize::from(self.insert(line));
            }
            Ok(line @ Line::State(_)) => {
                self.insert(line);
            }
            Err(NotAKey::Label) => {}
            Err(_) if !line.ends_with('\n') => {}
            Err(error) => return Err(error),
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
            if let Some(line) = line.and_then(|line| line.parse().ok())
                && self.insert(line)
            {
                self.of_capture += 1;
            }
        }
    }

    fn insert(&mut self, line: Line) -> bool {
        match line {
            Line::Key(key) => self.insert_key(key),
            Line::State(state) => self.add_state(state),
        }
    }

    fn insert_key(&mut self, key: KeyLine) -> bool {
        let keys = self.keys.entry(key.public_key).or_default();
        let is_new = keys.len() < MAX_OF_ONE && !keys.contains(&key);
        if is_new {
            keys.push(key);
        }
        is_new
    }

    /// Takes a state of RC4, up to a bound.
    pub fn add_state(&mut self, state: StateLine) -> bool {
        let is_room = self.taken < MAX_STATES;
        if is_room {
            self.taken += 1;
            self.states.push(state);
        } else {
            self.left_out += 1;
        }
        is_room
    }

    /// The states that nothing was tried with yet.
    pub fn take_states(&mut self) -> Vec<StateLine> {
        std::mem::take(&mut self.states)
    }

    /// Whether there are such.
    pub fn has_states(&self) -> bool {
        !self.states.is_empty()
    }

    /// Keys that there was no room for.
    pub fn keys_left_out(&self) -> usize {
        self.keys_left_out
    }

    /// States that there was no room for.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// A state has opened the direction that begins with this public key: `at_vc`
    /// is its keystream at the verification constant.
    pub fn add_beginning(&mut self, public_key: [u8; PUBLIC_KEY], at_vc: Rc4) {
        self.beginnings.insert(public_key, at_vc);
    }

    /// A state has opened a direction in mid-connection: its first captured bytes
    /// are `first`, and `cipher` is the keystream there.
    pub fn add_middle(&mut self, first: Anchor, cipher: Rc4) {
        self.middles.insert(first, cipher);
    }

    /// What opens a direction that begins like this.
    pub fn opens(&self, stream: &[u8]) -> Opened<'_> {
        match stream.first_chunk::<PUBLIC_KEY>() {
            None => Opened::Unknown,
            Some(key) => self.beginnings.get(key).map_or(Opened::Not, Opened::By),
        }
    }

    /// The same of one in mid-connection; the keystream is at its first byte.
    pub fn opens_middle(&self, stream: &[u8]) -> Opened<'_> {
        match stream.first_chunk() {
            _ if self.middles.is_empty() => Opened::Not,
            None => Opened::Unknown,
            Some(first) => self.middles.get(first).map_or(Opened::Not, Opened::By),
        }
    }

    /// Whether no key is known.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.beginnings.is_empty()
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
    fn keys_of_files_are_bounded_and_told() {
        let mut keys = KeyLog {
            of_files: MAX_OF_FILES - 1,
            ..KeyLog::default()
        };
        keys.add_file(&lines()).unwrap();
        assert_eq!(keys.of_stream(&A.stream_a()), [A.key_line()]);
        assert_eq!(keys.keys_left_out(), 2);
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
    fn states_are_taken_up_to_a_bound() {
        let mut keys = KeyLog::default();
        let mut cipher = Rc4::new(b"key");
        cipher.skip(7);
        let state = StateLine {
            anchor: None,
            cipher,
        };
        let text = format!("{state}\n{}\n", A.key_line());
        keys.add_file(&text).unwrap();
        assert_eq!(keys.take_states(), std::slice::from_ref(&state));
        assert!(!keys.has_states() && !keys.is_empty());
        let (line, error) = keys.add_file(&text.replace("RC4 -", "RC4 x")).unwrap_err();
        assert_eq!(line, 1);
        assert!(error.to_string().starts_with("the anchor is not 32"));
        for _ in 0..MAX_STATES + 4 {
            keys.add_state(state.clone());
        }
        assert_eq!(
            (keys.take_states().len(), keys.left_out()),
            (MAX_STATES - 1, 5)
        );
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
