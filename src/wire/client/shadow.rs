//! Shadow's style: a letter, up to five version characters padded with dashes,
//! then three dashes; or, older, a letter and three raw numbers.

use super::claim::{Client, PeerIdBytes};
use super::version::{Version, base62};

fn name(letter: u8) -> Option<&'static str> {
    match letter {
        b'A' => Some("ABC"),
        b'O' => Some("Osprey Permaseed"),
        b'Q' => Some("BTQueue"),
        b'R' => Some("Tribler"),
        b'S' => Some("Shadow's"),
        b'T' => Some("BitTornado"),
        b'U' => Some("UPnP NAT BT"),
        _ => None,
    }
}

/// Decodes an id of this style.
pub(super) fn decode(id: &PeerIdBytes) -> Option<Client> {
    let name = name(id[0])?;
    let version = if id[6..9] == *b"---" {
        characters(&id[1..6])?
    } else if id[8] == 0 && id[1..4].iter().all(|&number| number < 100) {
        Version::dotted(&id[1..4])
    } else {
        return None;
    };
    Some(Client::known(name, version))
}

/// `58B--` is 5.8.11.
fn characters(padded: &[u8]) -> Option<Version> {
    let used = padded
        .iter()
        .rposition(|&character| character != b'-')
        .map_or(0, |last| last + 1);
    let mut numbers = [0; 5];
    for (number, &character) in numbers.iter_mut().zip(&padded[..used]) {
        *number = match character {
            b'.' => 62,
            b'-' => 63,
            _ => base62(character)?,
        };
    }
    (used > 0).then(|| Version::dotted(&numbers[..used]))
}
