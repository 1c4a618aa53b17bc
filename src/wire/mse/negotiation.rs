//! What the peers negotiate once they share a secret: the initiator's offer and
//! the acceptor's choice.
//!
//! `H("req1", S)`, `H("req2", SKEY) xor H("req3", S)`, then encrypted: VC,
//! crypto_provide, the length of PadC, PadC, the length of the initial payload;
//! which follows. Back: VC, crypto_select, the length of PadD, PadD. The initial
//! payload is not part of the offer here: it is the beginning of the stream.

use std::fmt;

use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u32};

use super::{LONGEST_PAD, MAX_PAD, PLAINTEXT, RC4, VC, anomalies};
use crate::wire::field::{Field, Flag, Kind, Unit};
use crate::wire::message_type::Member;
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::Sink;
use crate::wire::words::Count;

/// Bytes of an offer without PadC, the two hashes among them.
pub const OFFER: usize = HASHES + 8 + 4 + 2 + 2;

/// Bytes of a choice without PadD.
pub const CHOICE: usize = 8 + 4 + 2;

/// The two hashes of an offer, which are not encrypted.
pub const HASHES: usize = 20 + 20;

static METHODS: [Flag; 2] = [
    Flag {
        byte: 3,
        mask: PLAINTEXT as u8,
        name: "plaintext",
        title: "plaintext",
    },
    Flag {
        byte: 3,
        mask: RC4 as u8,
        name: "rc4",
        title: "RC4",
    },
];

static REQ1: Field = Field::new(
    "req1",
    Kind::Hash,
    "Hash of 'req1' and the secret: the initiator proves that it knows it.",
);
static TORRENT: Field = Field::new(
    "req2_xor_req3",
    Kind::Hash,
    "Hash of 'req2' and the info-hash, xor the hash of 'req3' and the secret.",
);
static VERIFICATION: Field = Field::new(
    "vc",
    Kind::Bytes,
    "Verification constant: eight bytes of 0.",
);
static PROVIDE: Field = Field::new(
    "crypto_provide",
    Kind::Flags(&METHODS),
    "The methods that the initiator offers.",
);
static SELECT: Field = Field::new(
    "crypto_select",
    Kind::Flags(&METHODS),
    "The method that the acceptor chose.",
);
static PAD_C_LENGTH: Field = Field::new(
    "pad_c_length",
    Kind::Uint(Unit::Bytes),
    "Length of the padding.",
);
static PAD_C: Field = Field::new("pad_c", Kind::Bytes, "Padding of the initiator.");
static PAD_D_LENGTH: Field = Field::new(
    "pad_d_length",
    Kind::Uint(Unit::Bytes),
    "Length of the padding.",
);
static PAD_D: Field = Field::new("pad_d", Kind::Bytes, "Padding of the acceptor.");
static INITIAL_LENGTH: Field = Field::new(
    "initial_payload_length",
    Kind::Uint(Unit::Bytes),
    "Length of the initiator's first payload.",
);

/// The fields of offer and choice.
pub(super) static MEMBERS: &[Member] = &[
    Member::Field(&REQ1),
    Member::Field(&TORRENT),
    Member::Field(&VERIFICATION),
    Member::Field(&PROVIDE),
    Member::Field(&PAD_C_LENGTH),
    Member::Field(&PAD_C),
    Member::Field(&INITIAL_LENGTH),
    Member::Field(&SELECT),
    Member::Field(&PAD_D_LENGTH),
    Member::Field(&PAD_D),
];

/// Bits of crypto_provide and crypto_select: ways in which the streams go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Methods(pub u32);

impl Methods {
    /// Whether all of `bits` are set.
    pub fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }

    /// The one that is meant, if only one of those that are known is set. (Old
    /// WebTorrent sets a bit that means nothing.)
    pub fn only(self) -> Option<Method> {
        match (self.has(PLAINTEXT), self.has(RC4)) {
            (true, false) => Some(Method::Plaintext),
            (false, true) => Some(Method::Rc4),
            _ => None,
        }
    }
}

/// How the streams go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// In the clear.
    Plaintext,
    /// In the keystreams of the negotiation, which go on.
    Rc4,
}

impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for (bit, name) in [(PLAINTEXT, "plaintext"), (RC4, "RC4")] {
            if self.has(bit) {
                write!(f, "{before}{name}")?;
                before = " or ";
            }
        }
        let unknown = self.0 & !(PLAINTEXT | RC4);
        match (unknown, self.0) {
            (_, 0) => f.write_str("nothing"),
            (0, _) => Ok(()),
            _ => write!(f, "{before}{unknown:#x}"),
        }
    }
}

/// The initiator's second flight, decrypted, up to its initial payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// crypto_provide.
    pub provide: Methods,
    /// Bytes of PadC.
    pub pad: u16,
    /// Bytes of the initial payload (IA), which is encrypted in any case.
    pub initial: u16,
}

impl Offer {
    /// Reads one, decrypted.
    pub fn dissect<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Result<Self, Problem> {
        reader.field(&REQ1, take(20_usize))?;
        reader.field(&TORRENT, take(20_usize))?;
        verify(reader)?;
        let provide = Methods(reader.field(&PROVIDE, be_u32)?);
        if !provide.has(PLAINTEXT) && !provide.has(RC4) {
            reader.anomaly(&anomalies::NOTHING_OFFERED);
        }
        let pad = padding(reader, &PAD_C_LENGTH, &PAD_C)?;
        Ok(Self {
            provide,
            pad,
            initial: reader.field(&INITIAL_LENGTH, be_u16)?,
        })
    }
}

impl fmt::Display for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "offers {}", self.provide)?;
        write_padding(f, self.pad)?;
        let initial = Count(u64::from(self.initial), "byte");
        write!(f, ", {initial} of initial payload")
    }
}

/// The acceptor's second flight, decrypted, up to its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// crypto_select.
    pub select: Methods,
    /// Bytes of PadD.
    pub pad: u16,
}

impl Choice {
    /// Reads one, decrypted.
    pub fn dissect<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Result<Self, Problem> {
        verify(reader)?;
        let select = Methods(reader.field(&SELECT, be_u32)?);
        if select.0.count_ones() != 1 {
            reader.anomaly(&anomalies::NOT_ONE_METHOD);
        }
        Ok(Self {
            select,
            pad: padding(reader, &PAD_D_LENGTH, &PAD_D)?,
        })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "selects {}", self.select)?;
        write_padding(f, self.pad)
    }
}

fn write_padding(f: &mut fmt::Formatter<'_>, pad: u16) -> fmt::Result {
    match pad {
        0 => Ok(()),
        _ => write!(f, ", {} of padding", Count(u64::from(pad), "byte")),
    }
}

fn verify<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Result<(), Problem> {
    let parser = take(VC.len());
    let vc: &[u8] = reader.field(&VERIFICATION, parser)?;
    if vc == VC {
        Ok(())
    } else {
        Err(reader.malformed(&anomalies::VERIFICATION))
    }
}

/// The length of a padding, and the padding.
fn padding<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    length: &'static Field,
    pad: &'static Field,
) -> Result<u16, Problem> {
    let bytes = reader.field(length, be_u16)?;
    if usize::from(bytes) > LONGEST_PAD {
        return Err(reader.malformed(&anomalies::LONG_PADDING));
    }
    if usize::from(bytes) > MAX_PAD {
        reader.anomaly(&anomalies::LONG_PADDING);
    }
    if bytes > 0 {
        reader.field(pad, take(bytes))?;
    }
    Ok(bytes)
}
