//! The acceptor's side of the encrypted handshake.

use super::handshake::{Finished, Secrets, Step};
use super::keys;
use crate::active::machine::Close;
use crate::wire::mse::{self, KeyLine, Keys, MAX_PAD, PLAINTEXT, PUBLIC_KEY as KEY, RC4, Rc4, VC};

/// Bytes of a SHA-1 hash.
const SHA1_BYTES: usize = 20;

#[derive(Debug)]
enum State {
    /// The initiator's public key must come.
    Key,
    /// The hash of the secret must be found behind its padding.
    Secret {
        secret: Box<[u8; KEY]>,
        public: Box<[u8; KEY]>,
    },
    /// The methods that it offers must come.
    Offer,
    /// Its padding and the length of its initial payload must come.
    Pad { left: usize, provide: u32 },
    /// Its initial payload must come.
    Initial { left: usize, choice: u32 },
}

/// The machine of the acceptor.
#[derive(Debug)]
pub(super) struct Acceptor {
    state: State,
    secrets: Secrets,
    /// The torrents that we have.
    info_hashes: Vec<[u8; 20]>,
    /// The methods that we allow.
    allowed: u32,
    input: Vec<u8>,
    /// Ours, theirs.
    ciphers: Option<(Rc4, Rc4)>,
    pub(super) keys: Option<KeyLine>,
}

impl Acceptor {
    pub(super) fn new(info_hashes: Vec<[u8; 20]>, allowed: u32, secrets: Secrets) -> Self {
        Self {
            state: State::Key,
            secrets,
            info_hashes,
            allowed,
            input: Vec::new(),
            ciphers: None,
            keys: None,
        }
    }

    /// Bytes have come; what is to be sent is written to `out`.
    pub(super) fn receive(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<Step, Close> {
        self.input.extend_from_slice(bytes);
        loop {
            let go_on = match &self.state {
                State::Key => self.take_key(out)?,
                State::Secret { secret, public } => {
                    let (secret, public) = (secret.clone(), public.clone());
                    self.take_secret(&secret, &public)?
                }
                State::Offer => self.take_offer()?,
                State::Pad { left, provide } => self.take_pad(*left, *provide, out)?,
                State::Initial { left, choice } => {
                    let (left, choice) = (*left, *choice);
                    if self.input.len() < left {
                        return Ok(Step::More);
                    }
                    return Ok(Step::Finished(Box::new(self.finish(left, choice))));
                }
            };
            if !go_on {
                return Ok(Step::More);
            }
        }
    }

    fn take_key(&mut self, out: &mut Vec<u8>) -> Result<bool, Close> {
        let Some(other) = self.input.first_chunk::<KEY>().copied() else {
            return Ok(false);
        };
        self.input.drain(..KEY);
        let secret = keys::shared_secret(&self.secrets.exponent, &other)
            .ok_or(Close::Encryption("a degenerate public key"))?;
        out.extend_from_slice(&keys::public_key(&self.secrets.exponent));
        let pad = &self.secrets.pad;
        out.extend_from_slice(&pad[..pad.len().min(MAX_PAD)]);
        self.state = State::Secret {
            secret: Box::new(secret),
            public: Box::new(other),
        };
        Ok(true)
    }

    fn take_secret(&mut self, secret: &[u8; KEY], public: &[u8; KEY]) -> Result<bool, Close> {
        let expected = mse::req1(secret);
        let window = &self.input[..self.input.len().min(MAX_PAD + SHA1_BYTES)];
        let Some(at) = window.windows(SHA1_BYTES).position(|w| w == expected) else {
            return if self.input.len() >= MAX_PAD + SHA1_BYTES {
                Err(Close::Encryption("no hash of the secret"))
            } else {
                Ok(false)
            };
        };
        let Some(name) = self.input.get(at + SHA1_BYTES..at + 2 * SHA1_BYTES) else {
            return Ok(false);
        };
        let skey = self
            .info_hashes
            .iter()
            .find(|skey| mse::torrent(secret, skey) == *name)
            .ok_or(Close::OtherTorrent)?;
        self.keys = Some(KeyLine {
            public_key: *public,
            secret: *secret,
            skey: *skey,
        });
        let keys = Keys::new(secret, skey);
        self.ciphers = Some((keys.cipher_b(), keys.cipher_a()));
        self.input.drain(..at + 2 * SHA1_BYTES);
        self.state = State::Offer;
        Ok(true)
    }

    /// Takes `N` bytes and decrypts them.
    fn decrypted<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = self.input.first_chunk::<N>().copied()?;
        self.input.drain(..N);
        self.decrypt(&mut bytes);
        Some(bytes)
    }

    fn decrypt(&mut self, bytes: &mut [u8]) {
        if let Some((_, theirs)) = &mut self.ciphers {
            theirs.apply(bytes);
        }
    }

    fn take_offer(&mut self) -> Result<bool, Close> {
        let Some(offer) = self.decrypted::<14>() else {
            return Ok(false);
        };
        let (vc, rest) = offer.split_at(VC.len());
        if vc != VC {
            return Err(Close::Encryption("a wrong verification constant"));
        }
        let provide = rest[..4]
            .iter()
            .fold(0, |n, byte| n << 8 | u32::from(*byte));
        let left = usize::from(u16::from_be_bytes([rest[4], rest[5]]));
        if left > MAX_PAD {
            return Err(Close::Encryption("too much padding"));
        }
        self.state = State::Pad { left, provide };
        Ok(true)
    }

    fn take_pad(&mut self, pad: usize, provide: u32, out: &mut Vec<u8>) -> Result<bool, Close> {
        if self.input.len() < pad + 2 {
            return Ok(false);
        }
        let mut bytes: Vec<u8> = self.input.drain(..pad + 2).collect();
        self.decrypt(&mut bytes);
        let left = usize::from(u16::from_be_bytes([bytes[pad], bytes[pad + 1]]));
        let choice = match provide & self.allowed {
            both if both & RC4 != 0 => RC4,
            both if both & PLAINTEXT != 0 => PLAINTEXT,
            _ => return Err(Close::Encryption("it offers nothing that we take")),
        };
        let start = out.len();
        out.extend_from_slice(&VC);
        out.extend_from_slice(&choice.to_be_bytes());
        out.extend_from_slice(&0_u16.to_be_bytes());
        if let Some((ours, _)) = &mut self.ciphers {
            ours.apply(&mut out[start..]);
        }
        self.state = State::Initial { left, choice };
        Ok(true)
    }

    fn finish(&mut self, initial: usize, choice: u32) -> Finished {
        let mut plain = std::mem::take(&mut self.input);
        // The initial payload is encrypted whatever was chosen.
        let encrypted = if choice == RC4 { plain.len() } else { initial };
        self.decrypt(&mut plain[..encrypted]);
        Finished {
            ciphers: self.ciphers.take().filter(|_| choice == RC4),
            plain,
        }
    }
}
