//! A message of the extension protocol: its id, and the body that the id stands for.

use std::fmt;

use nom::number::complete::be_u8;

use super::anomalies;
use super::handshake::{self, EXTENDED_HANDSHAKE, ExtendedHandshake};
use super::head::{EXTENDED_ID, HEAD, message};
use super::i2p::{self, I2pDht, I2pPex};
use super::infer::infer;
use super::input::{self, Input};
use super::lt_donthave::{self, LT_DONTHAVE, LtDonthave};
use super::lt_metadata::{self, LtMetadata};
use super::lt_tex::{self, LT_TEX, LtTex};
use super::map::ExtensionMap;
use super::mode::{self, Mode, ModeKind};
use super::name::{ExtendedId, Extension, ExtensionName};
use super::tr_hashpiece::{self, TrHashpiece};
use super::ut_comment::{self, UT_COMMENT, UtComment};
use super::ut_holepunch::{self, UT_HOLEPUNCH, UtHolepunch};
use super::ut_metadata::{
    self, MetadataType, UT_METADATA_DATA, UT_METADATA_REJECT, UT_METADATA_REQUEST, UtMetadata,
};
use super::ut_pex::{self, UT_PEX, UtPex};
use crate::wire::bencode::{Document, Table};
use crate::wire::words::Size;
use crate::wire::{
    Fact, Field, Kind, Malformed, Member, MessageType, Problem, Reader, Sink, Topic,
};

static PAYLOAD: Field = Field::new(
    "payload",
    Kind::Bytes,
    "Body of an extended message whose layout is not known.",
);

static TAIL: Field = Field::new(
    "tail",
    Kind::Bytes,
    "Bytes after the dictionary of an extended message whose layout is not known.",
);

static EXTENSION: Field = Field::new(
    "extension",
    Kind::Text,
    "Name of the extension, where that is known and the name of the message does not say it.",
);

/// Fields that an extended message can have whatever it is.
pub(in crate::wire) static ANYWHERE: &[Member] = &[
    Member::Field(&PAYLOAD),
    Member::Field(&TAIL),
    Member::Shared(input::ANYWHERE),
    Member::Shared(tr_hashpiece::ANYWHERE),
];

/// An extended message without a name of its own: of an extension that is not
/// known or seldom, or one that breaks its layout.
pub static EXTENDED: MessageType = message("extended", Topic::Discovery).bep(10).members(&[
    Member::Shared(HEAD),
    Member::Shared(lt_metadata::MEMBERS),
    Member::Shared(tr_hashpiece::MEMBERS),
    Member::Shared(i2p::MEMBERS),
    Member::Field(&PAYLOAD),
    Member::Fact(&EXTENSION),
]);

/// The dictionary of an extension that is not decoded.
static OTHER: Table = Table::EMPTY.under(&anomalies::BENCODE);

/// An extended message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extended<'a> {
    /// Its id.
    pub id: ExtendedId,
    /// The extension it belongs to; `None` for the handshake, and where neither
    /// the receiver's map nor the content tells.
    pub name: Option<ExtensionName>,
    /// Whether `name` is a guess by the content.
    pub inferred: bool,
    /// What it says.
    pub body: Body<'a>,
    /// Where it breaks its layout first.
    pub malformed: Option<Malformed>,
}

/// The content of an extended message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body<'a> {
    /// The extended handshake.
    Handshake(Box<ExtendedHandshake<'a>>),
    /// `ut_metadata`
    UtMetadata(UtMetadata<'a>),
    /// `ut_pex`
    UtPex(UtPex<'a>),
    /// `lt_donthave`
    LtDonthave(LtDonthave),
    /// `upload_only` or `share_mode`
    Mode(Mode),
    /// `ut_holepunch`
    UtHolepunch(UtHolepunch),
    /// `lt_tex`
    LtTex(LtTex<'a>),
    /// `ut_comment`
    UtComment(UtComment<'a>),
    /// `LT_metadata`
    LtMetadata(LtMetadata<'a>),
    /// `Tr_hashpiece`
    TrHashpiece(TrHashpiece<'a>),
    /// `i2p_pex`
    I2pPex(I2pPex<'a>),
    /// `i2p_dht`
    I2pDht(I2pDht),
    /// A message of an extension that is not decoded here, or one that breaks
    /// its layout: the bytes that were captured, and how many there are by the
    /// message's length.
    Opaque {
        /// The bytes.
        bytes: &'a [u8],
        /// Their number on the wire.
        length: usize,
    },
}

/// Dissects the payload of an extended message; the reader stands at the
/// extended id. `map` is what the receiver of the message announced, `None` when
/// its handshake is not in the capture.
///
/// All bytes up to the declared end are claimed. Only a message without even the
/// id is an error.
pub fn dissect<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    map: Option<&ExtensionMap>,
) -> Result<Extended<'i>, Problem> {
    let id = reader.field(&EXTENDED_ID, be_u8)?;
    let id = ExtendedId(id);
    let mut input = Input {
        reader,
        malformed: None,
    };
    if id == ExtendedId::HANDSHAKE {
        let body = Body::Handshake(Box::new(handshake::dissect(&mut input)));
        return Ok(Extended {
            id,
            name: None,
            inferred: false,
            body,
            malformed: input.malformed,
        });
    }
    let (name, inferred) = resolve(&mut input, id, map);
    let body = body(&mut input, name.as_ref().and_then(ExtensionName::known));
    Ok(Extended {
        id,
        name,
        inferred,
        body,
        malformed: input.malformed,
    })
}

/// Dissects a payload that lost its extended id; `None` stands for the extended
/// handshake. The id of the result is 0.
pub fn dissect_bare<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    extension: Option<Extension>,
) -> Extended<'i> {
    let mut input = Input {
        reader,
        malformed: None,
    };
    let body = match extension {
        Some(extension) => body(&mut input, Some(extension)),
        None => Body::Handshake(Box::new(handshake::dissect(&mut input))),
    };
    Extended {
        id: ExtendedId::HANDSHAKE,
        name: extension.map(ExtensionName::Known),
        inferred: false,
        body,
        malformed: input.malformed,
    }
}

/// Finds the extension that `id` stands for, and whether that is a guess.
fn resolve<S: Sink>(
    input: &mut Input<'_, '_, '_, S>,
    id: ExtendedId,
    map: Option<&ExtensionMap>,
) -> (Option<ExtensionName>, bool) {
    let (body, length) = (input.reader.rest(), input.reader.left());
    let guess = || infer(id, body, length).map(ExtensionName::Known);
    let announced = map.and_then(|map| map.name(id));
    let (name, inferred) = if let (Some(map), Some(first)) = (map, announced) {
        let shared = map.names(id).nth(1).is_some();
        let fits = |name: &ExtensionName| map.names(id).any(|other| other == name);
        let name = match shared.then(guess).flatten().filter(fits) {
            Some(name) => name,
            None => first.clone(),
        };
        if shared {
            input.anomaly(&anomalies::AMBIGUOUS_ID);
        }
        (Some(name), false)
    } else if let Some(retired) = map.and_then(|map| map.retired(id)) {
        input.anomaly(&anomalies::SWITCHED_OFF);
        (Some(retired.clone()), false)
    } else if map.is_some() {
        // What the receiver did announce is known, and this is not in it.
        input.anomaly(&anomalies::NOT_ANNOUNCED);
        (None, false)
    } else {
        (guess(), true)
    };
    if let Some(name) = &name {
        input.reader.fact(|| Fact::Extension {
            name: name.clone(),
            is_guess: inferred,
        });
    }
    let inferred = inferred && name.is_some();
    (name, inferred)
}

fn body<'i, S: Sink>(input: &mut Input<'_, 'i, '_, S>, extension: Option<Extension>) -> Body<'i> {
    let (bytes, length) = (input.reader.rest(), input.reader.left());
    let opaque = Body::Opaque { bytes, length };
    let Some(extension) = extension else {
        generic(input);
        return opaque;
    };
    match known_body(input, extension) {
        Ok(body) => body,
        Err(problem) => {
            let short = match extension {
                Extension::LtDonthave => &anomalies::DONTHAVE_SHORT,
                Extension::UtHolepunch => &anomalies::HOLEPUNCH_SHORT,
                _ => &anomalies::TOO_SHORT,
            };
            input.give_up(problem, short);
            opaque
        }
    }
}

fn known_body<'i, S: Sink>(
    input: &mut Input<'_, 'i, '_, S>,
    extension: Extension,
) -> Result<Body<'i>, Problem> {
    Ok(match extension {
        Extension::UtMetadata => Body::UtMetadata(ut_metadata::dissect(input)),
        Extension::UtPex => Body::UtPex(ut_pex::dissect(input)),
        Extension::LtDonthave => Body::LtDonthave(lt_donthave::dissect(input)?),
        Extension::UploadOnly => Body::Mode(mode::dissect(input, ModeKind::UploadOnly)?),
        Extension::ShareMode => Body::Mode(mode::dissect(input, ModeKind::ShareMode)?),
        Extension::UtHolepunch => Body::UtHolepunch(ut_holepunch::dissect(input)?),
        Extension::LtTex => Body::LtTex(lt_tex::dissect(input)),
        Extension::UtComment => Body::UtComment(ut_comment::dissect(input)),
        Extension::LtMetadata => Body::LtMetadata(lt_metadata::dissect(input)?),
        Extension::TrHashpiece => Body::TrHashpiece(tr_hashpiece::dissect(input)?),
        Extension::I2pPex => Body::I2pPex(i2p::dissect_pex(input)),
        Extension::I2pDht => Body::I2pDht(i2p::dissect_dht(input)),
    })
}

/// Reports the body of an extension that is not decoded here: as bencode if it
/// begins with a dictionary.
fn generic<S: Sink>(input: &mut Input<'_, '_, '_, S>) {
    let body = input.reader.rest();
    if body.first() == Some(&b'd') && Document::parse(body).error().is_none() {
        input.dictionary(&OTHER);
        if input.reader.left() > 0 {
            input.remainder(&TAIL);
        }
    } else if input.reader.left() > 0 {
        input.remainder(&PAYLOAD);
    }
}

impl Extended<'_> {
    /// Which message it is, as the catalogue lists it: [`EXTENDED`] for what is
    /// not known or breaks its layout.
    pub fn message_type(&self) -> &'static MessageType {
        match &self.body {
            Body::Handshake(_) => &EXTENDED_HANDSHAKE,
            Body::UtMetadata(message) => match message.msg_type {
                Some(MetadataType::REQUEST) => &UT_METADATA_REQUEST,
                Some(MetadataType::DATA) => &UT_METADATA_DATA,
                Some(MetadataType::REJECT) => &UT_METADATA_REJECT,
                _ => &EXTENDED,
            },
            Body::UtPex(_) => &UT_PEX,
            Body::LtDonthave(_) => &LT_DONTHAVE,
            Body::Mode(mode) => mode.kind.message_type(),
            Body::UtHolepunch(_) => &UT_HOLEPUNCH,
            Body::LtTex(_) => &LT_TEX,
            Body::UtComment(_) => &UT_COMMENT,
            Body::LtMetadata(_)
            | Body::TrHashpiece(_)
            | Body::I2pPex(_)
            | Body::I2pDht(_)
            | Body::Opaque { .. } => &EXTENDED,
        }
    }

    /// The name of the message, as JSON has it.
    pub fn message_name(&self) -> &'static str {
        self.message_type().name
    }

    /// The payload as it goes on the wire, from the extended id on (after the
    /// message id 20).
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.id.0];
        match &self.body {
            Body::Handshake(handshake) => out.extend(handshake.encode()),
            Body::UtMetadata(message) => message.encode(&mut out),
            Body::UtPex(message) => message.encode(&mut out),
            Body::LtDonthave(message) => message.encode(&mut out),
            Body::Mode(message) => message.encode(&mut out),
            Body::UtHolepunch(message) => message.encode(&mut out),
            Body::LtTex(message) => message.encode(&mut out),
            Body::UtComment(message) => message.encode(&mut out),
            Body::LtMetadata(message) => message.encode(&mut out),
            Body::TrHashpiece(message) => message.encode(&mut out),
            Body::I2pPex(message) => message.encode(&mut out),
            Body::I2pDht(message) => message.encode(&mut out),
            Body::Opaque { bytes, .. } => out.extend_from_slice(bytes),
        }
        out
    }
}

/// One line. Holds text of the message (client name, extension names) as it is:
/// the view sanitises.
impl fmt::Display for Extended<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::Handshake(handshake) => handshake.fmt(f),
            Body::UtMetadata(message) => message.fmt(f),
            Body::UtPex(message) => message.fmt(f),
            Body::LtDonthave(message) => message.fmt(f),
            Body::Mode(message) => message.fmt(f),
            Body::UtHolepunch(message) => message.fmt(f),
            Body::LtTex(message) => message.fmt(f),
            Body::UtComment(message) => message.fmt(f),
            Body::LtMetadata(message) => message.fmt(f),
            Body::TrHashpiece(message) => message.fmt(f),
            Body::I2pPex(message) => message.fmt(f),
            Body::I2pDht(message) => message.fmt(f),
            Body::Opaque { length, .. } => {
                let size = Size(*length as u64);
                match &self.name {
                    Some(name) => write!(f, "{} (id {}), {size}", name.text(), self.id.0),
                    None => write!(f, "extended id {}, {size}", self.id.0),
                }
            }
        }
    }
}
