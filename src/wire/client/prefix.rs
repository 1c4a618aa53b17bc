//! Ids with a fixed text of their own, most of them older than the Azureus style.

use super::claim::{Client, PeerIdBytes};
use super::version::{Version, base62};

/// What follows the fixed text.
#[derive(Debug, Clone, Copy)]
enum Tail {
    /// No version that is known.
    Nothing,
    /// This version.
    Fixed(&'static str),
    /// Letters, digits and dots up to a dash.
    Text,
    /// The same, without which the fixed text is too short to tell anything.
    NeededText,
    /// The name of the user.
    User,
    /// Numbers with dashes between them: `1-18-8-`.
    Dashed,
    /// Four digits, `ab.cd`.
    TwoTwo,
    /// Four digits.
    Build,
    /// Two raw bytes, `x.yy`.
    BitComet,
    /// Three digits, then `d` for a debug build.
    Xbt,
    /// Two raw numbers before the text.
    Rufus,
}

use Tail::{BitComet, Build, Dashed, Fixed, NeededText, Nothing, Rufus, Text, TwoTwo, User, Xbt};

/// Offset, fixed text, client, and where its version is. The first match counts.
#[rustfmt::skip]
static PREFIXES: &[(usize, &[u8], &str, Tail)] = &[
    (6, b"LORD", "BitLord", BitComet),
    (0, b"exbc", "BitComet", BitComet),
    (0, b"FUTB", "BitComet (Solidox mod)", BitComet),
    (0, b"xUTB", "BitComet (mod 2)", BitComet),
    (0, b"XBT", "XBT Client", Xbt),
    (0, b"OP", "Opera", Build),
    (0, b"-ML", "MLDonkey", Text),
    (0, b"-BOWA0B", "Bits on Wheels", Fixed("1.0.5")),
    (0, b"-BOWA0C", "Bits on Wheels", Fixed("1.0.6")),
    (0, b"-BOW", "Bits on Wheels", Nothing),
    (0, b"-G3", "G3 Torrent", Nothing),
    (0, b"AZ2500BT", "BitTyrant", Nothing),
    (0, b"TIX", "Tixati", TwoTwo),
    (0, b"FD6", "Free Download Manager", Fixed("6")),
    (0, b"A2-", "aria2", Dashed),
    (0, b"aria2-", "aria2", Nothing),
    (0, b"346-", "TorrenTopia", Nothing),
    (0, b"10-------", "JVtorrent", Nothing),
    (0, b"DNA", "BitTorrent DNA", Nothing),
    (0, b"BLZ", "Blizzard Downloader", Nothing),
    (0, b"S3-", "Amazon S3", Dashed),
    (0, b"QVOD", "QVOD", Nothing),
    (0, b"btpd/", "BT Protocol Daemon", Nothing),
    (0, b"Mbrst", "burst!", Dashed),
    (0, b"Plus", "Plus!", Nothing),
    (0, b"LIME", "LimeWire", Nothing),
    (0, b"Pando", "Pando", Nothing),
    (0, b"martini", "Martini Man", Nothing),
    (0, b"eX", "eXeem", User),
    (0, b"PEERAPP", "PEERAPP", Nothing),
    (0, b"turbobt", "TurboBT", Text),
    (0, b"btuga", "BTugaXP", Nothing),
    (0, b"oernu", "BTugaXP", Nothing),
    (0, b"a00---0", "Swarmy", Nothing),
    (0, b"a02---0", "Swarmy", Nothing),
    (0, b"T00---0", "Teeweety", Nothing),
    (0, b"BTDWV-", "Deadman Walking", Nothing),
    (0, b"Deadman Walking-", "Deadman Walking", Nothing),
    (0, b"\0\x01BS", "BitSpirit", Fixed("1.x")),
    (0, b"\0\x02BS", "BitSpirit", Fixed("2.x")),
    (0, b"\0\x03BS", "BitSpirit", Fixed("3.x")),
    (4, b"btfans", "SimpleBT", Nothing),
    (5, b"Azureus", "Azureus", Fixed("2.0.3.2")),
    (0, b"AP", "AllPeers", NeededText),
    (0, b"\0\0\0\0\0\0\0\0\0\0\0\0\x97", "BitTorrent (experimental)", Fixed("3.x")),
    (0, b"\0\0\0\0\0\0\0\0\0\0\0\0\0", "BitTorrent (experimental)", Fixed("3.x")),
    (2, b"RS", "Rufus", Rufus),
];

/// Decodes an id that begins with (or holds) a known text.
pub(super) fn decode(id: &PeerIdBytes) -> Option<Client> {
    PREFIXES.iter().find_map(|&(offset, fixed, name, tail)| {
        if !id[offset..].starts_with(fixed) {
            return None;
        }
        let version = version(id, offset + fixed.len(), tail)?;
        Some(Client::known(name, version))
    })
}

/// The version behind a fixed text that ends at `at`; `None` when what is there
/// shows that the text was a chance.
fn version(id: &PeerIdBytes, at: usize, tail: Tail) -> Option<Version> {
    let rest = &id[at..];
    match tail {
        Nothing => Some(Version::NONE),
        Fixed(version) => Some(Version::format(format_args!("{version}"))),
        Text => Some(text(rest).unwrap_or(Version::NONE)),
        NeededText => text(rest),
        User => {
            let is_text = rest
                .iter()
                .all(|&byte| byte == 0 || byte.is_ascii_graphic());
            is_text.then_some(Version::NONE)
        }
        Dashed => dashed(rest),
        TwoTwo => {
            let [a, b, c, d] = four_digits(rest)?;
            let major = a * 10 + b;
            Some(Version::format(format_args!("{major}.{c}{d}")))
        }
        Build => {
            let [a, b, c, d] = four_digits(rest)?;
            Some(Version::format(format_args!("build {a}{b}{c}{d}")))
        }
        BitComet => {
            let (major, minor) = (id[4], id[5]);
            Some(Version::format(format_args!("{major}.{minor:02}")))
        }
        Xbt => xbt(rest),
        Rufus => {
            let numbers = &id[..2];
            let raw = numbers.iter().all(u8::is_ascii_control);
            raw.then(|| Version::dotted(numbers))
        }
    }
}

fn four_digits(rest: &[u8]) -> Option<[u8; 4]> {
    let digits: [u8; 4] = rest.get(..4)?.try_into().ok()?;
    digits
        .iter()
        .all(u8::is_ascii_digit)
        .then(|| digits.map(|digit| digit - b'0'))
}

/// `361-` is 3.6.1, `361d-` its debug build.
fn xbt(rest: &[u8]) -> Option<Version> {
    let (a, b, c) = (base62(rest[0])?, base62(rest[1])?, base62(rest[2])?);
    let debug = if rest[3] == b'd' { " debug" } else { "" };
    Some(Version::format(format_args!("{a}.{b}.{c}{debug}")))
}

/// Up to three numbers of at most three digits, each with a dash behind it.
pub(super) fn dashed(rest: &[u8]) -> Option<Version> {
    let mut numbers = [0_u16; 3];
    let mut count = 0;
    let mut parts = rest.split(|&byte| byte == b'-');
    while count < numbers.len() {
        let part = parts.next().unwrap_or_default();
        if part.is_empty() || part.len() > 3 || !part.iter().all(u8::is_ascii_digit) {
            break;
        }
        numbers[count] = part
            .iter()
            .fold(0, |number, digit| number * 10 + u16::from(digit - b'0'));
        count += 1;
    }
    match numbers[..count] {
        [a, b, c] => Some(Version::format(format_args!("{a}.{b}.{c}"))),
        [a, b] => Some(Version::format(format_args!("{a}.{b}"))),
        _ => None,
    }
}

/// Letters, digits and dots up to a dash.
fn text(rest: &[u8]) -> Option<Version> {
    let end = rest.iter().position(|&byte| byte == b'-')?;
    let text = std::str::from_utf8(&rest[..end]).ok()?;
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    (plain && !text.is_empty()).then(|| Version::format(format_args!("{text}")))
}
