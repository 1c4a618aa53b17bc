//! What is wrong with a negotiation that cannot be read for it.

use super::anomalies;
use crate::wire::anomaly::Anomaly;
use crate::wire::reader::Malformed;

/// Why a negotiation cannot be read, though its key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The verification constant of the offer is another.
    Verification,
    /// The padding of the offer or the choice is too long.
    Padding,
    /// The hash by which the acceptor finds the offer is another.
    OtherReq1,
    /// The acceptor chooses, and the initiator has made no offer.
    NoOffer,
    /// No verification constant is where the acceptor's has to be.
    NoVerification,
    /// Nor in the fewer bytes that are there.
    NoVerificationYet,
}

impl Flaw {
    /// All there are. A flaw is known by its place here where bytes stand for it.
    pub const ALL: [Self; 6] = [
        Self::Verification,
        Self::Padding,
        Self::OtherReq1,
        Self::NoOffer,
        Self::NoVerification,
        Self::NoVerificationYet,
    ];

    /// What breaks the layout of an offer or a choice.
    pub(super) fn of(malformed: &Malformed) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|flaw| flaw.anomaly() == malformed.anomaly)
    }

    /// The same as an anomaly.
    pub fn anomaly(self) -> &'static Anomaly {
        match self {
            Self::Verification => &anomalies::VERIFICATION,
            Self::Padding => &anomalies::LONG_PADDING,
            Self::OtherReq1 => &anomalies::OTHER_REQ1,
            Self::NoOffer => &anomalies::NO_OFFER,
            Self::NoVerification => &anomalies::NO_VERIFICATION,
            Self::NoVerificationYet => &anomalies::NO_VERIFICATION_YET,
        }
    }
}
