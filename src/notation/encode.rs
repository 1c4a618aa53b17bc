//! From words to bytes.

use super::arguments::Arguments;
use super::encoded::{Encoded, Ids, Protocol};
use super::fault::{Fault, Result, TextError};
use super::lexer::Lexer;
use super::{bencoded, dht, extended, http_tracker, lsd, peer, spelling, udp_tracker, utp};
use crate::wire::catalogue;
use crate::wire::peer::types;

/// Makes the bytes of the message that `text` describes.
pub fn encode(text: &str, ids: Ids<'_>) -> Result<Encoded, TextError> {
    read(text, ids).map_err(|fault| fault.in_text(text))
}

const PROTOCOLS: [(&str, Protocol); 6] = [
    ("peer", Protocol::Peer),
    ("dht", Protocol::Dht),
    ("utp", Protocol::Utp),
    ("udp_tracker", Protocol::UdpTracker),
    ("http_tracker", Protocol::HttpTracker),
    ("lsd", Protocol::Lsd),
];

fn read(text: &str, ids: Ids<'_>) -> Result<Encoded> {
    let mut lexer = Lexer::new(text);
    let (mut at, mut name) = lexer.name()?;
    let named = PROTOCOLS.iter().find(|(known, _)| *known == name);
    let protocol = if let Some((_, protocol)) = named {
        (at, name) = lexer.name()?;
        *protocol
    } else {
        protocol_of(name).ok_or_else(|| unknown(at, name))?
    };
    let bytes = match protocol {
        Protocol::Bytes => lexer.only()?.bytes()?,
        Protocol::Bencode => bencoded::value(&lexer.only()?, &bencoded::Hint::of_value)?,
        _ => {
            let mut arguments = Arguments::read(lexer, name)?;
            let encoded = match protocol {
                Protocol::Dht => dht::encode(name, &mut arguments),
                Protocol::Utp => utp::encode(name, &mut arguments),
                Protocol::UdpTracker => udp_tracker::encode(name, &mut arguments),
                Protocol::HttpTracker => http_tracker::encode(name, &mut arguments),
                Protocol::Lsd => lsd::encode(name, &mut arguments),
                _ => peer::encode(name, &mut arguments, ids),
            }?;
            let bytes = encoded.ok_or_else(|| unknown(at, name))?;
            arguments.finish()?;
            bytes
        }
    };
    let is_handshake = protocol == Protocol::Peer && name == "handshake";
    let protocol = if is_handshake {
        Protocol::Handshake
    } else {
        protocol
    };
    Ok(Encoded { protocol, bytes })
}

/// The protocol of a message whose name no other has.
fn protocol_of(name: &str) -> Option<Protocol> {
    Some(match name {
        "bytes" => Protocol::Bytes,
        "bencode" => Protocol::Bencode,
        "query" | "response" => Protocol::Dht,
        "syn" | "state" | "fin" | "reset" => Protocol::Utp,
        "announce" => Protocol::Lsd,
        _ if udp_tracker::NAMES.contains(&name) => Protocol::UdpTracker,
        _ if peer::is_name(name) => Protocol::Peer,
        _ => return None,
    })
}

fn unknown(at: usize, name: &str) -> Fault {
    let reason = match name {
        "error" => "is it `dht error`, `udp_tracker error` or `http_tracker error`?".to_owned(),
        "data" => "a uTP packet is `utp data`".to_owned(),
        _ => match similar(name) {
            Some(known) => format!("no message has the name `{name}`: is it `{known}`?"),
            None => format!("no message has the name `{name}` (--list shows all)"),
        },
    };
    Fault::new(at, reason)
}

/// Fewer letters are the beginning of anything.
const MIN_BEGINNING: usize = 3;

/// The name that is meant by one with a letter too many, too few or wrong.
fn similar(name: &str) -> Option<&'static str> {
    let distance = |known: &&str| (spelling::distance(name, known), known.len());
    let nearest = names().min_by_key(distance)?;
    // `ut_metadata` is the beginning of three.
    if let Some(longer) =
        names().find(|known| known.starts_with(name) && name.len() > MIN_BEGINNING)
    {
        return Some(longer);
    }
    spelling::is_near(name, nearest).then_some(nearest)
}

/// The names of all messages that can be made.
fn names() -> impl Iterator<Item = &'static str> {
    let listed = catalogue::messages().filter(|message| *message != &types::GAP);
    let listed = listed.map(|message| message.name);
    listed.chain(extended::names()).chain(["bencode", "bytes"])
}
