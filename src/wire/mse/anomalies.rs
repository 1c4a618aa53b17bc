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

/// All of them.
pub(in crate::wire) static ALL: &[&Anomaly] =
    &[&TOO_SHORT, &NOT_ONE_METHOD, &VERIFICATION, &LONG_PADDING];
