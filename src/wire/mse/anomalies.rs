//! What can be wrong with negotiations of MSE.

use crate::wire::anomaly::{Anomaly, NO_BEP};
use crate::wire::reader::SHORT;

/// A negotiation that ends within its layout.
pub static TOO_SHORT: Anomaly = SHORT.under("MS-E2", NO_BEP);
/// None or both.
pub static NOT_ONE_METHOD: Anomaly =
    Anomaly::error("MS-E2", NO_BEP, "exactly one method must be selected").plain();
/// The keys differ.
pub static VERIFICATION: Anomaly =
    Anomaly::error("MS-E2", NO_BEP, "the verification constant is not zero").plain();
/// More padding than the other side looks through.
pub static LONG_PADDING: Anomaly =
    Anomaly::error("MS-E2", NO_BEP, "more than 512 bytes of padding").plain();

/// The acceptor has nothing to choose from.
pub static NOTHING_OFFERED: Anomaly =
    Anomaly::error("MS-E2", NO_BEP, "neither plaintext nor RC4 is offered");
/// The acceptor does not find the offer.
pub static OTHER_REQ1: Anomaly = Anomaly::error(
    "MS-E2",
    NO_BEP,
    "what begins the offer is not the hash of 'req1' and the secret",
);
/// Not where it has to be, by the key of the connection.
pub static NO_OFFER: Anomaly = Anomaly::error(
    "MS-E2",
    NO_BEP,
    "the hash of 'req1' and the secret is not in the first 628 bytes",
);
/// Not where it has to be, by the key of the connection.
pub static NO_VERIFICATION: Anomaly = Anomaly::error(
    "MS-E2",
    NO_BEP,
    "the verification constant is not in the first 616 bytes",
);
/// The same of a stream that ends before: the padding may have gone on.
pub static NO_VERIFICATION_YET: Anomaly = Anomaly::warning(
    "MS-E2",
    NO_BEP,
    "the verification constant is not in what the acceptor has sent",
);

/// All of them.
pub(in crate::wire) static ALL: &[&Anomaly] = &[
    &TOO_SHORT,
    &NOT_ONE_METHOD,
    &VERIFICATION,
    &LONG_PADDING,
    &NOTHING_OFFERED,
    &OTHER_REQ1,
    &NO_OFFER,
    &NO_VERIFICATION,
    &NO_VERIFICATION_YET,
];
