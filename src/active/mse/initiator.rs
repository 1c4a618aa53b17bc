//! The initiator's side of the encrypted handshake.

use super::handshake::{Finished, Secrets, Step};
use super::keys;
use crate::active::machine::Close;
use crate::wire::mse::{self, KeyLine, Keys, MAX_PAD, PLAINTEXT, PUBLIC_KEY as KEY, RC4, Rc4, VC};

/// The longest initial payload that every client accepts, in bytes: the BitTorrent
/// handshake.
pub(super) const MAX_INITIAL_PAYLOAD: usize = 68;

#[derive(Debug)]
enum State {
    /// The acceptor's public key must come.
    Key,
    /// Its verification constant must be found.
    Verify { expected: [u8; 8] },
    /// Its choice and padding must come.
    Choice,
    /// Its padding must be skipped.
    Pad { left: usize, choice: u32 },
}

/// The machine of the initiator.
#[derive(Debug)]
pub(super) struct Initiator {
    state: State,
    exponent: [u8; 20],
    public: [u8; KEY],
    skey: [u8; 20],
    provide: u32,
    /// What has come and is not consumed yet.
    input: Vec<u8>,
    /// The initial payload: it is sent within the handshake.
    pub(super) initial: Vec<u8>,
    ciphers: Option<(Rc4, Rc4)>,
    pub(super) keys: Option<KeyLine>,
}

impl Initiator {
    /// Begins: writes our public key to `out`.
    pub(super) fn new(skey: [u8; 20], provide: u32, secrets: &Secrets, out: &mut Vec<u8>) -> Self {
        let public = keys::public_key(&secrets.exponent);
        out.extend_from_slice(&public);
        out.extend_from_slice(&secrets.pad[..secrets.pad.len().min(MAX_PAD)]);
        Self {
            state: State::Key,
            exponent: secrets.exponent,
            public,
            skey,
            provide,
            input: Vec::new(),
            initial: Vec::new(),
            ciphers: None,
            keys: None,
        }
    }

    /// Whether the initial payload can still grow.
    pub(super) fn takes_initial(&self) -> bool {
        matches!(self.state, State::Key)
    }

    /// Bytes have come; what is to be sent is written to `out`.
    pub(super) fn receive(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<Step, Close> {
        self.input.extend_from_slice(bytes);
        loop {
            match self.state {
                State::Key => {
                    let Some(other) = self.input.first_chunk::<KEY>().copied() else {
                        return Ok(Step::More);
                    };
                    self.input.drain(..KEY);
                    self.negotiate(&other, out)?;
                }
                State::Verify { expected } => {
                    let window = &self.input[..self.input.len().min(MAX_PAD + VC.len())];
                    match window.windows(VC.len()).position(|w| w == expected) {
                        Some(at) => {
                            self.input.drain(..at + VC.len());
                            self.state = State::Choice;
                        }
                        None if self.input.len() >= MAX_PAD + VC.len() => {
                            return Err(Close::Encryption("no verification constant"));
                        }
                        None => return Ok(Step::More),
                    }
                }
                State::Choice => {
                    let Some(choice) = self.input.first_chunk::<6>().copied() else {
                        return Ok(Step::More);
                    };
                    self.input.drain(..6);
                    self.choose(choice)?;
                }
                State::Pad { left, choice } => {
                    if self.input.len() < left {
                        return Ok(Step::More);
                    }
                    return Ok(Step::Finished(Box::new(self.finish(left, choice))));
                }
            }
        }
    }

    /// The acceptor's key has come: we name the torrent and what we offer.
    fn negotiate(&mut self, other: &[u8; KEY], out: &mut Vec<u8>) -> Result<(), Close> {
        let secret = keys::shared_secret(&self.exponent, other)
            .ok_or(Close::Encryption("a degenerate public key"))?;
        self.keys = Some(KeyLine {
            public_key: self.public,
            secret,
            skey: self.skey,
        });
        out.extend_from_slice(&mse::req1(&secret));
        out.extend_from_slice(&mse::torrent(&secret, &self.skey));
        let keys = Keys::new(&secret, &self.skey);
        let (mut ours, mut theirs) = (keys.cipher_a(), keys.cipher_b());
        let start = out.len();
        out.extend_from_slice(&VC);
        out.extend_from_slice(&self.provide.to_be_bytes());
        // No padding: Transmission and aria2 send none either.
        out.extend_from_slice(&0_u16.to_be_bytes());
        out.extend_from_slice(&(self.initial.len() as u16).to_be_bytes());
        out.append(&mut self.initial);
        ours.apply(&mut out[start..]);
        let mut expected = VC;
        theirs.apply(&mut expected);
        self.ciphers = Some((ours, theirs));
        self.state = State::Verify { expected };
        Ok(())
    }

    fn choose(&mut self, mut choice: [u8; 6]) -> Result<(), Close> {
        if let Some((_, theirs)) = &mut self.ciphers {
            theirs.apply(&mut choice);
        }
        let [a, b, c, d, high, low] = choice;
        let choice = u32::from_be_bytes([a, b, c, d]);
        let left = usize::from(u16::from_be_bytes([high, low]));
        if choice & self.provide == 0 || !matches!(choice, PLAINTEXT | RC4) {
            return Err(Close::Encryption("it chose what was not offered"));
        }
        if left > MAX_PAD {
            return Err(Close::Encryption("too much padding"));
        }
        self.state = State::Pad { left, choice };
        Ok(())
    }

    fn finish(&mut self, pad: usize, choice: u32) -> Finished {
        let mut plain = std::mem::take(&mut self.input);
        let mut ciphers = self.ciphers.take();
        if let Some((_, theirs)) = &mut ciphers {
            let encrypted = if choice == RC4 { plain.len() } else { pad };
            theirs.apply(&mut plain[..encrypted]);
        }
        plain.drain(..pad);
        Finished {
            ciphers: ciphers.filter(|_| choice == RC4),
            plain,
        }
    }
}
