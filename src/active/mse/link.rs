//! The link between a socket and a connection: plain text, an encrypted handshake, or a
//! cipher.

use super::acceptor::Acceptor;
use super::encryption::Encryption;
use super::handshake::{Secrets, Step};
use super::initiator::{Initiator, MAX_INITIAL_PAYLOAD};

use crate::active::machine::Close;
use crate::wire::mse::{KeyLine, PLAINTEXT, RC4, Rc4};
use crate::wire::peer::PREFIX;

#[derive(Debug)]
enum State {
    /// Bytes pass unchanged.
    Plain,
    /// We dialled, and the encrypted handshake is under way.
    Initiator(Box<Initiator>),
    /// We were dialled; the first bytes tell whether it is encrypted.
    Undecided {
        acceptor: Box<Acceptor>,
        encryption: Encryption,
        first: Vec<u8>,
    },
    /// We were dialled, and the encrypted handshake is under way.
    Acceptor(Box<Acceptor>),
    /// Ciphers: ours, theirs.
    Rc4(Box<(Rc4, Rc4)>),
    /// The handshake failed.
    Failed(Close),
}

/// Encrypts and decrypts what passes between a socket and a connection.
#[derive(Debug)]
pub struct Link {
    state: State,
    out: Vec<u8>,
    sent: usize,
    plain: Vec<u8>,
    keys: Option<KeyLine>,
}

impl Link {
    fn new(state: State) -> Self {
        Self {
            state,
            out: Vec::new(),
            sent: 0,
            plain: Vec::new(),
            keys: None,
        }
    }

    /// Plain text only.
    pub fn plain() -> Self {
        Self::new(State::Plain)
    }

    /// For a connection that we dial about the torrent `skey`.
    pub fn dial(skey: [u8; 20], encryption: Encryption, secrets: &Secrets) -> Self {
        let provide = match encryption {
            Encryption::Off => return Self::plain(),
            Encryption::Prefer => PLAINTEXT | RC4,
            Encryption::Require => RC4,
        };
        let mut out = Vec::new();
        let initiator = Initiator::new(skey, provide, secrets, &mut out);
        let mut link = Self::new(State::Initiator(Box::new(initiator)));
        link.out = out;
        link
    }

    /// For a connection that a peer has dialled; it may be about any of our
    /// torrents.
    pub fn accept(info_hashes: Vec<[u8; 20]>, encryption: Encryption, secrets: Secrets) -> Self {
        let allowed = match encryption {
            Encryption::Off | Encryption::Prefer => PLAINTEXT | RC4,
            Encryption::Require => RC4,
        };
        Self::new(State::Undecided {
            acceptor: Box::new(Acceptor::new(info_hashes, allowed, secrets)),
            encryption,
            first: Vec::new(),
        })
    }

    /// Whether bytes pass unchanged in both directions.
    pub fn is_transparent(&self) -> bool {
        matches!(self.state, State::Plain) && self.is_idle() && self.plain.is_empty()
    }

    /// Whether the encrypted handshake is under way.
    pub fn is_negotiating(&self) -> bool {
        matches!(
            self.state,
            State::Initiator(_) | State::Acceptor(_) | State::Undecided { .. }
        )
    }

    /// Why the link is broken, if it is.
    pub fn failure(&self) -> Option<Close> {
        match &self.state {
            State::Failed(close) => Some(close.clone()),
            _ => None,
        }
    }

    /// Bytes for the socket.
    pub fn output(&self) -> &[u8] {
        &self.out[self.sent..]
    }

    /// Counts bytes of [`Link::output`] as sent.
    pub fn advance(&mut self, bytes: usize) {
        self.sent += bytes;
        if self.sent >= self.out.len() {
            self.out.clear();
            self.sent = 0;
        }
    }

    /// Whether nothing waits to be written to the socket.
    pub fn is_idle(&self) -> bool {
        self.sent >= self.out.len()
    }

    /// Takes bytes of the connection to be sent; says how many: none while it waits for
    /// the other side.
    pub fn take(&mut self, bytes: &[u8]) -> usize {
        match &mut self.state {
            State::Plain => {
                self.out.extend_from_slice(bytes);
                bytes.len()
            }
            State::Rc4(ciphers) => {
                let start = self.out.len();
                self.out.extend_from_slice(bytes);
                ciphers.0.apply(&mut self.out[start..]);
                bytes.len()
            }
            State::Initiator(initiator) if initiator.takes_initial() => {
                let room = MAX_INITIAL_PAYLOAD - initiator.initial.len();
                let taken = room.min(bytes.len());
                initiator.initial.extend_from_slice(&bytes[..taken]);
                taken
            }
            _ => 0,
        }
    }

    /// Takes bytes of the socket, which may be decrypted in place. Gives those for the
    /// connection, `None` if there are none.
    pub fn receive<'b>(&'b mut self, bytes: &'b mut [u8]) -> Option<&'b [u8]> {
        self.plain.clear();
        match &mut self.state {
            State::Plain => return Some(bytes),
            State::Rc4(ciphers) => {
                ciphers.1.apply(bytes);
                return Some(bytes);
            }
            State::Failed(_) => return None,
            State::Undecided { .. } => self.decide(bytes),
            State::Initiator(_) | State::Acceptor(_) => self.negotiate(bytes),
        }
        (!self.plain.is_empty()).then_some(&self.plain)
    }

    /// Decides by the first bytes of a connection that a peer has dialled whether it is
    /// encrypted.
    fn decide(&mut self, bytes: &[u8]) {
        let State::Undecided {
            first, encryption, ..
        } = &mut self.state
        else {
            return;
        };
        first.extend_from_slice(bytes);
        let encryption = *encryption;
        let known = first.len().min(PREFIX.len());
        let is_plain = first[..known] == PREFIX[..known];
        if is_plain && known < PREFIX.len() {
            return;
        }
        let State::Undecided {
            acceptor, first, ..
        } = std::mem::replace(&mut self.state, State::Plain)
        else {
            return;
        };
        match (is_plain, encryption) {
            (true, Encryption::Require) => {
                self.state = State::Failed(Close::Encryption("the peer speaks plain text"));
            }
            (true, _) => self.plain = first,
            (false, Encryption::Off) => {
                self.state = State::Failed(Close::Malformed("it does not begin with a handshake"));
            }
            (false, _) => {
                self.state = State::Acceptor(acceptor);
                self.negotiate(&first);
            }
        }
    }

    fn negotiate(&mut self, bytes: &[u8]) {
        let (step, keys) = match &mut self.state {
            State::Initiator(initiator) => {
                let step = initiator.receive(bytes, &mut self.out);
                (step, initiator.keys.take())
            }
            State::Acceptor(acceptor) => {
                let step = acceptor.receive(bytes, &mut self.out);
                (step, acceptor.keys.take())
            }
            _ => return,
        };
        self.keys = keys.or(self.keys.take());
        match step {
            Ok(Step::More) => {}
            Ok(Step::Finished(finished)) => {
                self.state = match finished.ciphers {
                    Some(ciphers) => State::Rc4(Box::new(ciphers)),
                    None => State::Plain,
                };
                self.plain = finished.plain;
            }
            Err(close) => self.state = State::Failed(close),
        }
    }

    /// The key-log line, once: as soon as both sides share a secret.
    pub fn take_keys(&mut self) -> Option<KeyLine> {
        self.keys.take()
    }
}
