//! The names of extended messages in words.

use crate::wire::extension::{self, Extension, MetadataType};

/// The messages of the extensions: name, extension, and the type that a name of
/// `ut_metadata` stands for.
pub static MESSAGES: [(&str, Extension, Option<MetadataType>); 14] = [
    (
        extension::UT_METADATA_REQUEST.name,
        Extension::UtMetadata,
        Some(MetadataType::REQUEST),
    ),
    (
        extension::UT_METADATA_DATA.name,
        Extension::UtMetadata,
        Some(MetadataType::DATA),
    ),
    (
        extension::UT_METADATA_REJECT.name,
        Extension::UtMetadata,
        Some(MetadataType::REJECT),
    ),
    (extension::UT_PEX.name, Extension::UtPex, None),
    (extension::LT_DONTHAVE.name, Extension::LtDonthave, None),
    (extension::UPLOAD_ONLY.name, Extension::UploadOnly, None),
    (extension::SHARE_MODE.name, Extension::ShareMode, None),
    (extension::UT_HOLEPUNCH.name, Extension::UtHolepunch, None),
    (extension::LT_TEX.name, Extension::LtTex, None),
    (extension::UT_COMMENT.name, Extension::UtComment, None),
    (Extension::LtMetadata.name(), Extension::LtMetadata, None),
    (Extension::TrHashpiece.name(), Extension::TrHashpiece, None),
    (Extension::I2pPex.name(), Extension::I2pPex, None),
    (Extension::I2pDht.name(), Extension::I2pDht, None),
];

/// Whether there is an extended message of this name.
pub fn is_name(name: &str) -> bool {
    let is_known = MESSAGES.iter().any(|(known, ..)| *known == name);
    is_known || name == extension::EXTENDED_HANDSHAKE.name || name == extension::EXTENDED.name
}

/// The names of all extended messages.
pub fn names() -> impl Iterator<Item = &'static str> {
    let known = MESSAGES.iter().map(|(name, ..)| *name);
    known.chain([extension::EXTENDED_HANDSHAKE.name, extension::EXTENDED.name])
}
