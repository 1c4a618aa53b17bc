//! Options behind an announce request (BEP 41).

use std::borrow::Cow;

use nom::bytes::complete::take;
use nom::number::complete::u8;

use crate::wire::field::{Field, Kind};
use crate::wire::message_type::Member;
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::{Label, Sink};

const END: u8 = 0;
const NOP: u8 = 1;
const URL_DATA: u8 = 2;

static OPTIONS: Field = Field::new("options", Kind::List, "Options (BEP 41).");
static OPTION: Field = Field::new("option", Kind::Group, "An option.");
static TYPE: Field = Field::new(
    "type",
    Kind::Enum(type_name),
    "0 ends the options, 1 does nothing, 2 is a part of the URL.",
);
static LENGTH: Field = Field::new("length", Kind::Framing, "Length of the data.");
static URL: Field = Field::new(
    "url_data",
    Kind::Text,
    "Path and query of the tracker's URL.",
);
static DATA: Field = Field::new("data", Kind::Bytes, "Data of an option that is not known.");

/// The options, as fields of an announce.
pub(super) static MEMBERS: &[Member] = &[Member::Group(
    &OPTIONS,
    &[Member::Group(
        &OPTION,
        &[
            Member::Field(&TYPE),
            Member::Field(&LENGTH),
            Member::Field(&URL),
            Member::Field(&DATA),
        ],
    )],
)];

fn type_name(number: u64) -> Option<&'static str> {
    Some(match u8::try_from(number).ok()? {
        END => "end of options",
        NOP => "no operation",
        URL_DATA => "URL data",
        _ => return None,
    })
}

/// Reads the options up to the end of the message; gives the URL data, its
/// pieces joined.
pub fn dissect<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
) -> Result<Option<Cow<'i, [u8]>>, Problem> {
    let mut url_data: Option<Cow<'i, [u8]>> = None;
    if reader.left() == 0 {
        return Ok(url_data);
    }
    reader.open(Label::Field(&OPTIONS));
    let result = list(reader, &mut url_data);
    reader.close();
    result.map(|()| url_data)
}

fn list<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    url_data: &mut Option<Cow<'i, [u8]>>,
) -> Result<(), Problem> {
    let mut number = 0;
    while reader.left() > 0 {
        reader.open(Label::Item(number, &OPTION));
        let result = option(reader, url_data);
        reader.close();
        if !result? {
            break;
        }
        number += 1;
    }
    Ok(())
}

/// Reads one option; false after the one that ends them.
fn option<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    url_data: &mut Option<Cow<'i, [u8]>>,
) -> Result<bool, Problem> {
    let kind = reader.field(&TYPE, u8)?;
    if matches!(kind, END | NOP) {
        return Ok(kind != END);
    }
    let length = usize::from(reader.field(&LENGTH, u8)?);
    let field = if kind == URL_DATA { &URL } else { &DATA };
    let data: &'i [u8] = reader.field(field, take(length))?;
    if kind == URL_DATA {
        match url_data {
            Some(url) => url.to_mut().extend_from_slice(data),
            None => *url_data = Some(Cow::Borrowed(data)),
        }
    }
    Ok(true)
}

/// Writes URL data, in pieces of 255 bytes.
pub fn encode(url_data: &[u8], out: &mut Vec<u8>) {
    let pieces = url_data.chunks(255);
    let empty = url_data.is_empty().then_some(&[][..]);
    for piece in pieces.chain(empty) {
        out.extend_from_slice(&[URL_DATA, piece.len() as u8]);
        out.extend_from_slice(piece);
    }
}
