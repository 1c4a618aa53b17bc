//! Finds the offer and the choice behind paddings of unknown length, with keys.

use super::negotiation::HASHES;
use super::{
    Choice, Flaw, KeyLine, Keys, LONGEST_PAD, OFFER, Offer, PUBLIC_KEY, Rc4, VC, req1, torrent,
};
use crate::wire::reader::{Problem, Reader};

/// The longest negotiation.
const MAX_LENGTH: usize = OFFER + LONGEST_PAD;

/// An offer or a choice, and where it is.
#[derive(Debug)]
pub struct Found<T> {
    /// Stream offset of its first byte.
    pub at: usize,
    /// What it says.
    pub message: T,
    /// Its bytes, decrypted.
    pub plain: Vec<u8>,
    /// The keystream, at the first byte after it.
    pub cipher: Rc4,
}

impl<T> Found<T> {
    /// Stream offset after its last byte.
    pub fn end(&self) -> usize {
        self.at + self.plain.len()
    }
}

/// Why a negotiation was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFound {
    /// More bytes may show it.
    Unfinished,
    /// It is not there: the key is not that of the stream.
    Absent,
    /// It is there, by the key, and cannot be read for this.
    Broken(Flaw),
}

/// Looks for the offer in the first bytes of the initiator's stream, by
/// H("req1", S). That it is about the torrent of `key` is checked.
pub fn find_offer(stream: &[u8], key: &KeyLine) -> Result<Found<Offer>, NotFound> {
    let torrent = torrent(&key.secret, &key.skey);
    let at = match position(stream, &req1(&key.secret)) {
        Ok(at) => at,
        Err(why) => {
            // What follows it proves the offer as well.
            let other = position(stream, &torrent);
            return Err(other.map_or(why, |_| NotFound::Broken(Flaw::OtherReq1)));
        }
    };
    let name = stream.get(at + 20..at + HASHES);
    if name.ok_or(NotFound::Unfinished)? != torrent {
        return Err(NotFound::Absent);
    }
    let cipher = Keys::new(&key.secret, &key.skey).cipher_a();
    decrypt(stream, at, HASHES, cipher, Offer::dissect)
}

/// Looks for the choice in the first bytes of the acceptor's stream, by the
/// encrypted verification constant.
pub fn find_choice(stream: &[u8], key: &KeyLine) -> Result<Found<Choice>, NotFound> {
    let cipher = Keys::new(&key.secret, &key.skey).cipher_b();
    find_choice_by(stream, &cipher)
}

/// Looks for the offer by the keystream alone, `cipher` being at its VC. The two
/// hashes before it are not checked: they tell nothing without S.
pub fn find_offer_by(stream: &[u8], cipher: &Rc4) -> Result<Found<Offer>, NotFound> {
    let vc = position_of_vc(stream, cipher)?;
    let at = vc.checked_sub(HASHES).filter(|at| *at >= PUBLIC_KEY);
    let at = at.ok_or(NotFound::Absent)?;
    decrypt(stream, at, HASHES, cipher.clone(), Offer::dissect)
}

/// Looks for the choice by the keystream alone, `cipher` being at its VC.
pub fn find_choice_by(stream: &[u8], cipher: &Rc4) -> Result<Found<Choice>, NotFound> {
    let at = position_of_vc(stream, cipher)?;
    decrypt(stream, at, 0, cipher.clone(), Choice::dissect)
}

/// Where the verification constant is, encrypted.
fn position_of_vc(stream: &[u8], cipher: &Rc4) -> Result<usize, NotFound> {
    let mut vc = VC;
    cipher.clone().apply(&mut vc);
    position(stream, &vc)
}

/// Where `mark` is in a stream, behind the public key, its padding and maybe the
/// hashes of an offer.
fn position(stream: &[u8], mark: &[u8]) -> Result<usize, NotFound> {
    let end = PUBLIC_KEY + LONGEST_PAD + HASHES + mark.len();
    let window = stream.get(PUBLIC_KEY..stream.len().min(end));
    let at = window.and_then(|window| {
        let mut places = window.windows(mark.len());
        places.position(|place| place == mark)
    });
    match at {
        Some(at) => Ok(PUBLIC_KEY + at),
        None if stream.len() < end => Err(NotFound::Unfinished),
        None => Err(NotFound::Absent),
    }
}

/// Decrypts and reads what begins at `at`, of which the first `clear` bytes are
/// not encrypted.
fn decrypt<T>(
    stream: &[u8],
    at: usize,
    clear: usize,
    mut cipher: Rc4,
    dissect: impl FnOnce(&mut Reader<'_, '_, ()>) -> Result<T, Problem>,
) -> Result<Found<T>, NotFound> {
    let rest = &stream[at..];
    let mut plain = rest[..rest.len().min(MAX_LENGTH)].to_vec();
    cipher.clone().apply(&mut plain[clear..]);
    let mut sink = ();
    let mut reader = Reader::new(&plain, MAX_LENGTH, &mut sink);
    let message = dissect(&mut reader).map_err(|problem| match problem {
        Problem::Cut => NotFound::Unfinished,
        Problem::Malformed(malformed) => {
            Flaw::of(&malformed).map_or(NotFound::Absent, NotFound::Broken)
        }
    })?;
    let length = reader.at();
    plain.truncate(length);
    cipher.skip((length - clear) as u64);
    Ok(Found {
        at,
        message,
        plain,
        cipher,
    })
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{A, B, C, Exchange};
    use super::super::{Method, Methods};
    use super::*;
    use proptest::prelude::*;

    fn after(stream: &[u8], at: usize, cipher: &mut Rc4) -> Vec<u8> {
        let mut rest = stream[at..].to_vec();
        cipher.apply(&mut rest);
        rest
    }

    #[test]
    fn finds_the_offers_of_the_vectors() {
        for (vector, at, provide) in [(A, 96, 3), (B, 106, 2)] {
            let stream = vector.stream_a();
            let mut found = find_offer(&stream, &vector.key_line()).unwrap();
            assert_eq!(found.at, at);
            let offer = Offer {
                provide: Methods(provide),
                pad: 0,
                initial: 68,
            };
            assert_eq!(found.message, offer);
            assert_eq!(found.plain.len(), OFFER);
            let rest = after(&stream, found.end(), &mut found.cipher);
            assert!(rest.starts_with(b"\x13BitTorrent protocol"));
        }
    }

    #[test]
    fn finds_the_choices_of_the_vectors() {
        for (vector, at, pad) in [(A, 96, 0), (C, 96 + 130, 265)] {
            let stream = vector.stream_b();
            let mut found = find_choice(&stream, &vector.key_line()).unwrap();
            assert_eq!(found.at, at);
            assert_eq!(found.message.select.only(), Some(Method::Rc4));
            assert_eq!(found.message.pad, pad);
            let rest = after(&stream, found.end(), &mut found.cipher);
            assert!(rest.starts_with(b"\x13BitTorrent protocol"));
        }
    }

    #[test]
    fn waits_for_every_byte() {
        let found = |vector: &Exchange, stream: &[u8]| find_offer(stream, &vector.key_line());
        for (vector, whole) in [(A, 96 + OFFER), (B, 106 + OFFER)] {
            let stream = vector.stream_a();
            for length in 0..whole {
                let unfinished = found(&vector, &stream[..length]).unwrap_err();
                assert_eq!(unfinished, NotFound::Unfinished);
            }
            assert!(found(&vector, &stream[..whole]).is_ok());
        }
        let stream = C.stream_b();
        for length in 0..stream.len() {
            let found = find_choice(&stream[..length], &C.key_line());
            assert_eq!(found.is_ok(), length >= 96 + 130 + 14 + 265);
        }
    }

    #[test]
    fn another_key_finds_nothing() {
        let mut torrent = A.key_line();
        torrent.skey[0] ^= 1;
        let found = find_offer(&A.stream_a(), &torrent).unwrap_err();
        assert_eq!(found, NotFound::Absent);

        let long = [A.stream_a(), vec![7; 1000]].concat();
        let found = find_offer(&long, &B.key_line()).unwrap_err();
        assert_eq!(found, NotFound::Absent);
        let found = find_choice(&long, &B.key_line()).unwrap_err();
        assert_eq!(found, NotFound::Absent);
    }

    #[test]
    fn the_keystream_alone_finds_both() {
        let keys = Keys::new(&B.secret(), &B.skey());
        let found = find_offer_by(&B.stream_a(), &keys.cipher_a()).unwrap();
        assert_eq!((found.at, found.message.initial), (106, 68));
        let keys = Keys::new(&C.secret(), &C.skey());
        let found = find_choice_by(&C.stream_b(), &keys.cipher_b()).unwrap();
        assert_eq!((found.at, found.message.pad), (96 + 130, 265));
        let long = [C.stream_b(), vec![7; 1000]].concat();
        let found = find_offer_by(&long, &keys.cipher_a()).unwrap_err();
        assert_eq!(found, NotFound::Absent);
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(noise in prop::collection::vec(any::<u8>(), 0..1400)) {
            prop_assert!(find_offer(&noise, &A.key_line()).is_err());
            prop_assert!(find_choice(&noise, &A.key_line()).is_err());
        }
    }
}
