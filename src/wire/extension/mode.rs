//! `upload_only` and `share_mode` (libtorrent, µTorrent): one byte, 0 or 1, that
//! updates the handshake's key of the same name.

use std::fmt;

use super::anomalies;
use super::head::{HEAD, message};
use super::input::Input;
use super::name::Extension;
use crate::wire::{Field, Kind, Lengths, Member, MessageType, Problem, Sink, Topic};

static UPLOAD_ONLY_BYTE: Field = Field::new(
    "upload_only",
    Kind::Bool,
    "1 if the sender downloads nothing from now on, 0 if it does again.",
);
static SHARE_MODE_BYTE: Field = Field::new(
    "share_mode",
    Kind::Bool,
    "1 if the sender downloads from now on only to raise its share ratio.",
);

const ONE_BYTE: Lengths = Lengths::Exactly(1 + 1 + 1);

/// Whether the sender downloads anything.
pub static UPLOAD_ONLY: MessageType = message("upload_only", Topic::Availability)
    .bep(21)
    .lengths(ONE_BYTE)
    .members(&[Member::Shared(HEAD), Member::Field(&UPLOAD_ONLY_BYTE)]);

/// Whether the sender downloads only to raise its share ratio.
pub static SHARE_MODE: MessageType = message("share_mode", Topic::Availability)
    .lengths(ONE_BYTE)
    .members(&[Member::Shared(HEAD), Member::Field(&SHARE_MODE_BYTE)]);

/// Which mode a [`Mode`] message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModeKind {
    /// The sender will not download any more.
    UploadOnly,
    /// The sender only downloads what it can upload.
    ShareMode,
}

impl ModeKind {
    /// The extension that carries it.
    pub const fn extension(self) -> Extension {
        match self {
            Self::UploadOnly => Extension::UploadOnly,
            Self::ShareMode => Extension::ShareMode,
        }
    }

    /// The message, as the catalogue lists it.
    pub fn message_type(self) -> &'static MessageType {
        match self {
            Self::UploadOnly => &UPLOAD_ONLY,
            Self::ShareMode => &SHARE_MODE,
        }
    }

    fn field(self) -> &'static Field {
        match self {
            Self::UploadOnly => &UPLOAD_ONLY_BYTE,
            Self::ShareMode => &SHARE_MODE_BYTE,
        }
    }
}

/// An `upload_only` or `share_mode` message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// Which of the two.
    pub kind: ModeKind,
    /// 1 when the mode is on from now on, 0 when it is off.
    pub value: u8,
}

pub(super) fn dissect<S: Sink>(
    input: &mut Input<'_, '_, '_, S>,
    kind: ModeKind,
) -> Result<Mode, Problem> {
    let value = input.byte(kind.field())?;
    if value > 1 {
        input.anomaly(&anomalies::NOT_A_BOOL);
    }
    input.end();
    Ok(Mode { kind, value })
}

impl Mode {
    pub(super) fn encode(self, out: &mut Vec<u8>) {
        out.push(self.value);
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.kind.extension().name();
        match self.value {
            0 => write!(f, "{name} off"),
            1 => write!(f, "{name} on"),
            other => write!(f, "{name} {other}"),
        }
    }
}
