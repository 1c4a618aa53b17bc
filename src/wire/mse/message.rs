//! The stretches of a stream under MSE, as an observer tells of them.

use std::fmt;

use super::{Choice, Flaw, MAX_PAD, Offer, PUBLIC_KEY, anomalies, negotiation};
use crate::wire::field::{Field, Kind};
use crate::wire::message_type::{Lengths, Member, MessageType, Topic};
use crate::wire::protocol::Protocol;
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::{Note, Sink};
use crate::wire::words::Count;

static Y: Field = Field::new(
    "public_key",
    Kind::Hash,
    "Public key of the Diffie-Hellman exchange.",
);
static PAD: Field = Field::new("pad", Kind::Bytes, "Random padding, up to 512 bytes.");
static NEGOTIATION_BYTES: Field = Field::new("negotiation", Kind::Data, "Encrypted negotiation.");
static UNCLAIMED: Field = Field::new(
    "trailing_bytes",
    Kind::Unclaimed,
    "Bytes after the negotiation.",
);
static ENCRYPTED_BYTES: Field = Field::new("encrypted", Kind::Data, "Encrypted bytes.");

/// A public key and its padding.
pub static PUBLIC_KEY_TYPE: MessageType =
    MessageType::new(Protocol::Mse, "public_key", Topic::Setup)
        .lengths(Lengths::AtLeast(PUBLIC_KEY as u32))
        .members(&[Member::Field(&Y), Member::Field(&PAD)]);

/// The offer or the choice of a method.
pub static NEGOTIATION: MessageType = MessageType::new(Protocol::Mse, "negotiation", Topic::Setup)
    .members(&[
        Member::Field(&NEGOTIATION_BYTES),
        Member::Shared(negotiation::MEMBERS),
    ]);

/// A run of encrypted bytes.
pub static ENCRYPTED: MessageType = MessageType::new(Protocol::Mse, "encrypted", Topic::Setup)
    .members(&[Member::Field(&ENCRYPTED_BYTES)]);

/// What is left over of a stretch.
pub(in crate::wire) static ANYWHERE: &[Member] = &[Member::Field(&UNCLAIMED)];

/// A stretch of an MSE stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// Diffie-Hellman public key (96 bytes) and up to 512 bytes of padding.
    PublicKey {
        /// Bytes of padding.
        pad: u64,
    },
    /// Hashes, crypto_provide or crypto_select, padding and initial payload:
    /// encrypted.
    Negotiation {
        /// Bytes.
        bytes: u64,
        /// What is wrong with it, by the key of the connection.
        flaw: Option<Flaw>,
    },
    /// The initiator's negotiation, decrypted, without its initial payload.
    Offer(Offer),
    /// The acceptor's negotiation, decrypted.
    Choice(Choice),
    /// The encrypted stream.
    Encrypted {
        /// Bytes.
        bytes: u64,
        /// Packets that brought them.
        packets: u64,
        /// The keys are known, but after a gap it is not known where in the
        /// keystream the bytes belong.
        astray: bool,
    },
}

impl Message {
    /// A public key with its padding, `bytes` in all.
    pub fn public_key(bytes: u64) -> Self {
        Self::PublicKey {
            pad: bytes.saturating_sub(PUBLIC_KEY as u64),
        }
    }

    /// The name, as JSON has it.
    pub fn name(&self) -> &'static str {
        self.message_type().name
    }

    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match self {
            Self::PublicKey { .. } => &PUBLIC_KEY_TYPE,
            Self::Negotiation { .. } | Self::Offer(_) | Self::Choice(_) => &NEGOTIATION,
            Self::Encrypted { .. } => &ENCRYPTED,
        }
    }

    /// Reports the fields. An offer or a choice is given decrypted.
    pub fn dissect<S: Sink>(&self, bytes: &[u8], declared: usize, sink: &mut S) {
        let mut reader = Reader::new(bytes, declared, sink);
        match self {
            Self::PublicKey { .. } => {
                reader.bulk(&Y, PUBLIC_KEY);
                if reader.left() > 0 {
                    let is_long = reader.left() > MAX_PAD;
                    reader.remainder(&PAD);
                    if is_long {
                        reader.anomaly(&anomalies::LONG_PADDING);
                    }
                }
            }
            Self::Negotiation { flaw, .. } => {
                reader.remainder(&NEGOTIATION_BYTES);
                if let Some(flaw) = flaw {
                    reader.anomaly(flaw.anomaly());
                }
            }
            Self::Offer(_) => finish(reader, Offer::dissect),
            Self::Choice(_) => finish(reader, Choice::dissect),
            Self::Encrypted { .. } => {
                reader.remainder(&ENCRYPTED_BYTES);
            }
        }
    }
}

/// Reads the fields and claims what they leave.
fn finish<'i, 's, S: Sink, T>(
    mut reader: Reader<'i, 's, S>,
    dissect: impl FnOnce(&mut Reader<'i, 's, S>) -> Result<T, Problem>,
) {
    if let Err(Problem::Malformed(malformed)) = dissect(&mut reader) {
        reader.remainder(&UNCLAIMED);
        let malformed = malformed.short_by(&anomalies::TOO_SHORT);
        reader.note(Note::Malformed(malformed.anomaly));
    } else {
        reader.finish(&UNCLAIMED);
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublicKey { pad } => write!(f, "public key, {pad} bytes of padding"),
            Self::Negotiation { bytes, .. } => {
                write!(f, "negotiation, {}", Count(*bytes, "byte"))
            }
            Self::Offer(offer) => write!(f, "negotiation, {offer}"),
            Self::Choice(choice) => write!(f, "negotiation, {choice}"),
            Self::Encrypted {
                bytes,
                packets,
                astray,
            } => {
                let (bytes, packets) = (Count(*bytes, "byte"), Count(*packets, "packet"));
                write!(f, "encrypted, {bytes} in {packets}")?;
                if *astray {
                    f.write_str(", not decrypted: a gap lost the place in the keystream")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{A, C};
    use super::super::{find_choice, find_offer};
    use super::*;
    use crate::wire::Tree;
    use crate::wire::testing::assert_partition;
    use proptest::prelude::*;

    fn tree(message: Message, bytes: &[u8]) -> Tree {
        let mut tree = Tree::new();
        message.dissect(bytes, bytes.len(), &mut tree);
        assert_partition(&tree, bytes.len());
        tree
    }

    fn names(tree: &Tree) -> Vec<&'static str> {
        let fields = tree.nodes().iter().filter_map(|node| node.label.field());
        fields.map(|field| field.name).collect()
    }

    #[test]
    fn every_byte_of_a_negotiation_has_a_name() {
        let found = find_offer(&A.stream_a(), &A.key_line()).unwrap();
        let message = Message::Offer(found.message);
        assert_eq!(
            names(&tree(message, &found.plain)),
            [
                "req1",
                "req2_xor_req3",
                "vc",
                "crypto_provide",
                "pad_c_length",
                "initial_payload_length"
            ]
        );
        assert_eq!(
            message.to_string(),
            "negotiation, offers plaintext or RC4, 68 bytes of initial payload"
        );

        let found = find_choice(&C.stream_b(), &C.key_line()).unwrap();
        let message = Message::Choice(found.message);
        assert_eq!(
            names(&tree(message, &found.plain)),
            ["vc", "crypto_select", "pad_d_length", "pad_d"]
        );
        assert_eq!(
            message.to_string(),
            "negotiation, selects RC4, 265 bytes of padding"
        );
    }

    proptest! {
        #[test]
        fn leaves_partition_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..700), kind in 0..5) {
            let offer = find_offer(&A.stream_a(), &A.key_line()).unwrap().message;
            let choice = find_choice(&A.stream_b(), &A.key_line()).unwrap().message;
            let length = bytes.len() as u64;
            let message = match kind {
                0 => Message::public_key(length),
                1 => Message::Negotiation { bytes: length, flaw: Some(Flaw::Padding) },
                2 => Message::Offer(offer),
                3 => Message::Choice(choice),
                _ => Message::Encrypted { bytes: length, packets: 1, astray: false },
            };
            tree(message, &bytes);
        }

        #[test]
        fn leaves_partition_prefixes_and_long_paddings(pad in 0..600_u16, cut in 0..700_usize) {
            let mut bytes = vec![0; 40 + 8];
            bytes.extend([0, 0, 0, 1]);
            bytes.extend(pad.to_be_bytes());
            bytes.extend(vec![0; usize::from(pad) + 2]);
            bytes.truncate(bytes.len().saturating_sub(cut));
            let offer = find_offer(&A.stream_a(), &A.key_line()).unwrap().message;
            tree(Message::Offer(offer), &bytes);
        }
    }
}
