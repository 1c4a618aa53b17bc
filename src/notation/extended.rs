//! Extended messages in words. The name is that of the extension where JSON has
//! none of its own (`LT_metadata`).

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::arguments::Arguments;
use super::bencoded::{self, Hint};
use super::encoded::Ids;
use super::extension_names::{MESSAGES, is_name};
use super::fault::{Fault, Result};
use super::value::Value;
use super::write::{push_field, quote, sound};
use crate::wire::bencode::{self, Dict};
use crate::wire::extension::{
    self, Body, Extended, ExtendedId, Extension, ExtensionName, HolepunchError, HolepunchType,
    LtDonthave, LtMetadata, MetadataType, Mode, ModeKind, TrHashpiece, UtHolepunch,
};
use crate::wire::peer::{self, Message};

/// Bytes of an extended message before its payload.
const HEADER: usize = 6;

/// Makes a message.
pub fn encode(name: &str, fields: &mut Arguments<'_>, ids: Ids<'_>) -> Result<Vec<u8>> {
    let known = MESSAGES.iter().find(|(known, ..)| *known == name);
    let (id, payload) = if let Some((_, extension, kind)) = known {
        let id = id(name, fields, *extension, ids)?;
        (id, payload(*extension, *kind, fields)?)
    } else if name == extension::EXTENDED_HANDSHAKE.name {
        let _ = fields.take("extended_id");
        (ExtendedId::HANDSHAKE, dictionary(fields, Vec::new())?)
    } else {
        let id = fields.number("extended_id")?;
        (ExtendedId(id), fields.bytes("payload")?)
    };
    Ok(framed(id, &payload))
}

fn framed(id: ExtendedId, payload: &[u8]) -> Vec<u8> {
    let message = Extended {
        id,
        name: None,
        inferred: false,
        body: Body::Opaque {
            bytes: payload,
            length: payload.len(),
        },
        malformed: None,
    };
    let mut out = Vec::new();
    peer::encode(&Message::Extended(Box::new(message)), &[], &mut out);
    out
}

fn id(
    name: &str,
    fields: &mut Arguments<'_>,
    extension: Extension,
    ids: Ids<'_>,
) -> Result<ExtendedId> {
    if let Some(id) = fields.take("extended_id") {
        return id.number().map(ExtendedId);
    }
    let known = ids(&ExtensionName::Known(extension));
    known.ok_or_else(|| {
        let extension = extension.name();
        Fault::new(
            0,
            format!("{name} needs `extended_id`, or --map {extension}=ID"),
        )
    })
}

/// The dictionary of what is left of the fields, and of `more` integers.
fn dictionary(fields: &mut Arguments<'_>, more: Vec<(&str, i64)>) -> Result<Vec<u8>> {
    let mut dict = Dict::new();
    let mut names = Dict::new();
    let mut has_names = false;
    for (key, value) in fields.rest() {
        // `m.ut_pex=1` is short for `m={ut_pex=1}`.
        if let Some(name) = key.strip_prefix(b"m.") {
            names = names.raw(name, bencoded::value(&value, &Hint::of_value)?);
            has_names = true;
        } else {
            let hint = Hint::of_extension(&[&key]);
            dict = dict.raw(
                &key,
                bencoded::value(&value, &|path| match path {
                    [] => hint,
                    _ => Hint::Any,
                })?,
            );
        }
    }
    if has_names {
        dict = dict.dict("m", &names);
    }
    for (key, number) in more {
        dict = dict.int(key, number);
    }
    Ok(dict.encode())
}

fn payload(
    extension: Extension,
    kind: Option<MetadataType>,
    fields: &mut Arguments<'_>,
) -> Result<Vec<u8>> {
    // What messages borrow.
    let bytes;
    let body = match extension {
        Extension::LtDonthave => {
            let piece = fields.number("piece")?;
            Body::LtDonthave(LtDonthave { piece })
        }
        Extension::UploadOnly | Extension::ShareMode => {
            let (kind, name) = match extension {
                Extension::UploadOnly => (ModeKind::UploadOnly, "upload_only"),
                _ => (ModeKind::ShareMode, "share_mode"),
            };
            let value = fields.need(name)?.truth()?;
            Body::Mode(Mode { kind, value })
        }
        Extension::UtHolepunch => Body::UtHolepunch(holepunch(fields)?),
        Extension::LtMetadata => {
            let kind: u8 = fields.number("msg_type")?;
            bytes = fields.bytes("data")?;
            Body::LtMetadata(lt_metadata(kind, fields, &bytes)?)
        }
        Extension::TrHashpiece => {
            bytes = fields.bytes("block")?;
            Body::TrHashpiece(TrHashpiece {
                index: fields.number("index")?,
                begin: fields.number_or("begin", 0)?,
                hashes: hashes(fields)?,
                block: &bytes,
                block_length: bytes.len(),
            })
        }
        _ => {
            let kind = kind.map(|kind| ("msg_type", kind.0)).into_iter().collect();
            // The names of JSON have it already.
            let data = fields.bytes("data")?;
            let _ = if extension == Extension::UtMetadata {
                fields.take("msg_type")
            } else {
                None
            };
            return Ok([dictionary(fields, kind)?, data].concat());
        }
    };
    let message = Extended {
        id: ExtendedId::HANDSHAKE,
        name: None,
        inferred: false,
        body,
        malformed: None,
    };
    // Without the id, which is written elsewhere.
    Ok(message.encode().split_off(1))
}

fn holepunch(fields: &mut Arguments<'_>) -> Result<UtHolepunch> {
    const TYPES: [HolepunchType; 3] = [
        HolepunchType::RENDEZVOUS,
        HolepunchType::CONNECT,
        HolepunchType::ERROR,
    ];
    let kind = fields.need("msg_type")?;
    let named = TYPES.into_iter().find(|known| known.name() == kind.word());
    let msg_type = match named {
        Some(known) => known,
        None => HolepunchType(kind.number()?),
    };
    let _ = fields.take("addr_type");
    let addr = fields.need("addr")?.ip()?;
    let port = fields.number("port")?;
    let err_code = fields.take("err_code").map(|code| code.number());
    Ok(UtHolepunch {
        msg_type,
        addr: SocketAddr::new(addr, port),
        err_code: err_code.transpose()?.map(HolepunchError),
    })
}

fn lt_metadata<'d>(kind: u8, fields: &mut Arguments<'_>, data: &'d [u8]) -> Result<LtMetadata<'d>> {
    Ok(match kind {
        0 => LtMetadata::Request {
            start: fields.number("start")?,
            size: fields.number("size")?,
        },
        1 => LtMetadata::Data {
            total_size: fields.number("total_size")?,
            offset: fields.number("offset")?,
            data,
            data_length: data.len(),
        },
        2 => LtMetadata::DontHave,
        _ => return Err(Fault::new(0, "`msg_type` of LT_metadata is 0, 1 or 2")),
    })
}

/// `hashes=[[node, hash], ..]`
fn hashes(fields: &mut Arguments<'_>) -> Result<Vec<(i64, [u8; 20])>> {
    let Some(list) = fields.take("hashes") else {
        return Ok(Vec::new());
    };
    let pair = |pair: &Value| match pair.items() {
        [node, hash] => Ok((node.number()?, hash.array()?)),
        _ => Err(Fault::new(pair.at, "`[node, hash]` is due")),
    };
    list.items().iter().map(pair).collect()
}

/// A message in words; `None` if it is not of an extension that has names for
/// its fields.
pub fn words(extended: &Extended<'_>, bytes: &[u8]) -> Option<String> {
    let payload = bytes.get(HEADER..)?;
    let name = match (&extended.name, extended.message_name()) {
        (Some(ExtensionName::Known(known)), name) if name == extension::EXTENDED.name => {
            known.name()
        }
        (_, name) => name,
    };
    if !is_name(name) || name == extension::EXTENDED.name {
        return None;
    }
    let mut out = name.to_owned();
    if extended.id != ExtendedId::HANDSHAKE {
        let _ = write!(out, " extended_id={}", extended.id.0);
    }
    write_body(&mut out, &extended.body, payload)?;
    Some(out)
}

/// Any extended message by its id.
pub fn words_by_id(extended: &Extended<'_>, bytes: &[u8]) -> Option<String> {
    let mut out = format!("extended extended_id={}", extended.id.0);
    push_field(&mut out, "payload", bytes.get(HEADER..)?);
    Some(out)
}

fn write_body(out: &mut String, body: &Body<'_>, payload: &[u8]) -> Option<()> {
    let _ = match body {
        Body::LtDonthave(message) => write!(out, " piece={}", message.piece),
        Body::Mode(mode) => {
            let name = mode.kind.extension().name();
            write!(out, " {name}={}", mode.value)
        }
        Body::UtHolepunch(message) => {
            let kind = message.msg_type;
            let kind = kind.name().map_or(kind.0.to_string(), str::to_owned);
            let (addr, port) = (message.addr.ip(), message.addr.port());
            let _ = write!(out, " msg_type={kind} addr={addr} port={port}");
            match message.err_code {
                Some(code) => write!(out, " err_code={}", code.0),
                None => Ok(()),
            }
        }
        Body::LtMetadata(message) => {
            write_lt_metadata(out, message);
            Ok(())
        }
        Body::TrHashpiece(message) => {
            let _ = write!(out, " index={} begin={}", message.index, message.begin);
            let pair = |(node, hash): &(i64, [u8; 20])| format!("[{node}, {}]", hex::encode(hash));
            let pairs: Vec<_> = message.hashes.iter().map(pair).collect();
            let _ = write!(out, " hashes=[{}]", pairs.join(", "));
            push_field(out, "block", message.block);
            Ok(())
        }
        Body::Opaque { .. } => return None,
        _ => {
            let document = sound(payload)?;
            let root = document.root()?;
            if root.kind() != bencode::TokenKind::Dict {
                return None;
            }
            bencoded::push_fields(out, root, &Hint::of_extension);
            let data = document.trailing();
            if !data.is_empty() {
                push_field(out, "data", data);
            }
            Ok(())
        }
    };
    Some(())
}

fn write_lt_metadata(out: &mut String, message: &LtMetadata<'_>) {
    match *message {
        LtMetadata::Request { start, size } => {
            let _ = write!(out, " msg_type=0 start={start} size={size}");
        }
        LtMetadata::Data {
            total_size,
            offset,
            data,
            ..
        } => {
            let _ = write!(
                out,
                " msg_type=1 total_size={total_size} offset={offset} data="
            );
            quote(out, data);
        }
        LtMetadata::DontHave => out.push_str(" msg_type=2"),
    }
}
