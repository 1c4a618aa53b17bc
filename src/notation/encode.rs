//! From words to bytes.

use super::arguments::Arguments;
use super::encoded::{Encoded, Ids, Protocol};
use super::fault::{Fault, Result, TextError};
use super::lexer::Lexer;
use super::{bencoded, dht, http_tracker, lsd, peer, similar, udp_tracker, utp};

/// Makes the bytes of the message that `text` describes.
pub fn encode(text: &str, ids: Ids<'_>) -> Result<Encoded, TextError> {
    read(text, ids).map_err(|fault| fault.in_text(text))
}

/// What is wrong with fields alone.
const NAME_FIRST: &str = "the name of a message is due before its fields, such as `request`";

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
    // `not interested`, as a line of `read` has it.
    if let Some(whole) = similar::joined(name, lexer.next_word())
        && lexer.is_word_alone()
    {
        name = whole;
        lexer.name()?;
    }
    let unknown = |at: usize, name: &str, next: &str| Fault::new(at, similar::reason(name, next));
    let protocol = if let Some((_, protocol)) = named {
        (at, name) = lexer.name()?;
        if let Some(whole) = similar::joined(name, lexer.next_word())
            && lexer.is_word_alone()
        {
            name = whole;
            lexer.name()?;
        }
        *protocol
    } else if lexer.is_before_value() {
        return Err(Fault::new(at, NAME_FIRST));
    } else {
        protocol_of(name).ok_or_else(|| unknown(at, name, lexer.next_word()))?
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
            let bytes = encoded.ok_or_else(|| unknown(at, name, ""))?;
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
