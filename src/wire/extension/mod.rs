//! The extension protocol (BEP 10): extended messages, id 20 of the peer wire.
//!
//! The first byte of the payload is the extended id. 0 is the extended
//! handshake; any other id means what the **receiver** of the message announced
//! for it, so [`dissect`] takes the receiver's [`ExtensionMap`]. Where that is
//! missing, the content decides and the result is marked as inferred.

pub mod anomalies;
mod extended;
mod handshake;
mod head;
mod i2p;
mod infer;
mod input;
mod lt_donthave;
mod lt_metadata;
mod lt_tex;
mod map;
mod mode;
mod name;
mod pex_contacts;
#[cfg(test)]
mod tests;
mod tr_hashpiece;
mod ut_comment;
mod ut_holepunch;
mod ut_metadata;
mod ut_pex;

pub(super) use extended::ANYWHERE;
pub use extended::{Body, EXTENDED, Extended, dissect, dissect_bare};
pub use handshake::{EXTENDED_HANDSHAKE, ExtendedHandshake};
pub use i2p::{I2pDht, I2pPex};
pub use infer::infer;
pub use lt_donthave::{LT_DONTHAVE, LtDonthave};
pub use lt_metadata::LtMetadata;
pub use lt_tex::{LT_TEX, LtTex};
pub use map::ExtensionMap;
pub use mode::{Mode, ModeKind, SHARE_MODE, UPLOAD_ONLY};
pub use name::{ExtendedId, Extension, ExtensionName};
pub use tr_hashpiece::TrHashpiece;
pub use ut_comment::{Comment, UT_COMMENT, UtComment};
pub use ut_holepunch::{HolepunchError, HolepunchType, UT_HOLEPUNCH, UtHolepunch};
pub use ut_metadata::{
    METADATA_PIECE, MetadataType, UT_METADATA_DATA, UT_METADATA_REJECT, UT_METADATA_REQUEST,
    UtMetadata,
};
pub use ut_pex::{PexFlags, UT_PEX, UtPex};
