//! Azureus style, BEP 20: `-XXnnnn-`, two letters for the client and four
//! version characters.

use super::claim::{Client, PeerIdBytes};
use super::version::{Version, base62};

/// How a client writes its version in the characters 3 to 6 (and sometimes on).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// `a.b.c.d`
    Four,
    /// `a.b.c`; a last digit other than 0 belongs to `c`.
    Three,
    /// `a.b.c`, and `.d` unless it is 0.
    ThreeOrFour,
    /// `ab.cd`
    TwoTwo,
    /// See [`webtorrent`].
    WebTorrent,
    /// `a.bcd`
    OneThree,
    /// `a.b.cd`
    OneOneTwo,
    /// `a.bc.d`
    OneTwoOne,
    /// `a.b`
    OneOne,
    /// `a.b (cd)`
    Build,
    /// `a.x`
    Major,
    /// `a.b.c` in hexadecimal digits and a letter; see [`mutorrent`].
    MuTorrent,
    /// See [`transmission`].
    Transmission,
    /// `a.b`, `a.b.c`, `a.b Dev d`, `a.b RC d`.
    KTorrent,
    /// `a.b.c-nnn`, over the closing dash.
    BitLord,
    /// `a.b`, and `.c` unless raw bytes follow.
    FreeDownload,
    /// None that is known.
    Unknown,
}

use Format::{
    BitLord, Build, Four, FreeDownload, KTorrent, Major, MuTorrent, OneOne, OneOneTwo, OneThree,
    OneTwoOne, Three, ThreeOrFour, Transmission, TwoTwo, Unknown, WebTorrent,
};

/// The known codes, sorted by their bytes.
#[rustfmt::skip]
static CODES: &[(&[u8; 2], &str, Format)] = &[
    (b"7T", "aTorrent", Four), (b"AB", "AnyEvent::BitTorrent", Four),
    (b"AD", "Advanced Download Manager", Three), (b"AG", "Ares", Four),
    (b"AR", "Arctic Torrent", Four), (b"AT", "Artemis", Four),
    (b"AV", "Avicora", Four), (b"AX", "BitPump", TwoTwo),
    (b"AZ", "Vuze", Four), (b"A~", "Ares", Three),
    (b"BB", "BitBuddy", OneThree), (b"BC", "BitComet", TwoTwo),
    (b"BE", "BitTorrent SDK", Four), (b"BF", "Bitflu", Unknown),
    (b"BG", "BTG", Four), (b"BH", "BitZilla", Four),
    (b"BI", "BiglyBT", Four), (b"BL", "BitLord", BitLord),
    (b"BM", "BitMagnet", Four), (b"BN", "Baidu Netdisk", Unknown),
    (b"BP", "BitTorrent Pro", Four), (b"BR", "BitRocket", Build),
    (b"BS", "BTSlave", Four), (b"BT", "BitTorrent", MuTorrent),
    (b"BU", "BigUp", Four), (b"BW", "BitTorrent Web", MuTorrent),
    (b"BX", "BittorrentX", Four), (b"CD", "Enhanced CTorrent", TwoTwo),
    (b"CT", "CTorrent", OneOneTwo), (b"DE", "Deluge", Four),
    (b"DP", "Propagate Data Client", Four), (b"EB", "EBit", Four),
    (b"ES", "Electric Sheep", Three), (b"FC", "FileCroc", Four),
    (b"FD", "Free Download Manager", FreeDownload), (b"FG", "FlashGet", TwoTwo),
    (b"FL", "Folx", Major), (b"FT", "FoxTorrent", Four),
    (b"FW", "FrostWire", Three), (b"FX", "Freebox", Four),
    (b"GR", "GetRight", Four), (b"GS", "GSTorrent", Four),
    (b"GT", "anacrolix/torrent", Four), (b"HK", "Hekate", Four),
    (b"HL", "Halite", Three), (b"HN", "Hydranode", Four),
    (b"IL", "iLivid", Four), (b"KC", "Koinonein", Four),
    (b"KG", "KGet", Four), (b"KT", "KTorrent", KTorrent),
    (b"LC", "LeechCraft", Four), (b"LH", "LH-ABC", Four),
    (b"LK", "Linkage", Four), (b"LP", "lphant", TwoTwo),
    (b"LR", "LibreTorrent", Three), (b"LT", "libtorrent", ThreeOrFour),
    (b"LW", "LimeWire", Unknown), (b"Lr", "LibreTorrent", Three),
    (b"MG", "MediaGet", OneOne), (b"MK", "Meerkat", Four),
    (b"ML", "MLDonkey", Unknown), (b"MO", "MonoTorrent", Four),
    (b"MP", "MooPolice", Three), (b"MR", "Miro", Four),
    (b"MT", "Moonlight", Four), (b"NE", "BT Next Evolution", Four),
    (b"NX", "Net Transport", Four), (b"OS", "OneSwarm", Four),
    (b"OT", "OmegaTorrent", Four), (b"PD", "Pando", Four),
    (b"PI", "PicoTorrent", OneTwoOne), (b"PS", "peerscope", Three),
    (b"QD", "QQDownload", Four),
    (b"QT", "Qt 4 example", Four), (b"RS", "Rufus", Four),
    (b"RT", "Retriever", Four), (b"RZ", "RezTorrent", Four),
    (b"SB", "Swiftbit", Four), (b"SD", "Xunlei", Four),
    (b"SK", "spark", Four), (b"SM", "SoMud", Four),
    (b"SN", "ShareNet", Four), (b"SP", "BitSpirit", Three),
    (b"SS", "SwarmScope", Four), (b"ST", "SymTorrent", Four),
    (b"SZ", "Shareaza", Four), (b"S~", "Shareaza beta", Four),
    (b"TB", "Torch", Unknown), (b"TL", "Tribler", Four),
    (b"TN", "Torrent.NET", Four), (b"TR", "Transmission", Transmission),
    (b"TS", "TorrentStorm", Four), (b"TT", "TuoTu", Four),
    (b"UE", "µTorrent Embedded", MuTorrent), (b"UL", "uLeecher!", Four),
    (b"UM", "µTorrent Mac", MuTorrent), (b"UT", "µTorrent", MuTorrent),
    (b"UW", "µTorrent Web", MuTorrent), (b"VG", "Vagaa", Four),
    (b"WD", "WebTorrent Desktop", WebTorrent), (b"WS", "HTTP seed", Unknown),
    (b"WT", "BitLet", Four), (b"WW", "WebTorrent", WebTorrent),
    (b"WY", "FireTorrent", Four), (b"XC", "Xtorrent", Build),
    (b"XF", "Xfplay", Three), (b"XL", "Xunlei", Four),
    (b"XS", "XSwifter", Four), (b"XT", "XanTorrent", Four),
    (b"XX", "Xtorrent", Build), (b"ZO", "Zona", Four),
    (b"ZT", "ZipTorrent", Four), (b"bk", "BitKitten", Four),
    (b"lt", "libTorrent (rTorrent)", Three), (b"pX", "pHoeniX", Four),
    (b"pb", "pbTorrent", Three), (b"qB", "qBittorrent", Three),
    (b"rQ", "rqbit", Four), (b"st", "SharkTorrent", Four),
];

/// Decodes an id of this style.
pub(super) fn decode(id: &PeerIdBytes) -> Option<Client> {
    let [b'-', first, second, ..] = *id else {
        return None;
    };
    let code = [first, second];
    let digits = digits(id);
    match find(code) {
        Some((name, format)) => Some(Client::known(name, version(id, digits, format))),
        None if id[7] == b'-' && code.iter().all(u8::is_ascii_alphanumeric) => {
            let version = digits.map(|digits| Version::dotted(&digits))?;
            Some(Client::unidentified(code, version))
        }
        None => None,
    }
}

/// The client of a two-letter code.
pub(super) fn name(code: [u8; 2]) -> Option<&'static str> {
    find(code).map(|(name, _)| name)
}

fn find(code: [u8; 2]) -> Option<(&'static str, Format)> {
    let index = CODES.binary_search_by_key(&&code, |(code, ..)| code).ok()?;
    let (_, name, format) = CODES[index];
    Some((name, format))
}

/// The four version characters, if all of them are one.
fn digits(id: &PeerIdBytes) -> Option<[u8; 4]> {
    Some([
        base62(id[3])?,
        base62(id[4])?,
        base62(id[5])?,
        base62(id[6])?,
    ])
}

fn version(id: &PeerIdBytes, digits: Option<[u8; 4]>, format: Format) -> Version {
    match (format, digits) {
        (MuTorrent, _) => mutorrent(id),
        (BitLord, _) => bitlord(id),
        (FreeDownload, None) => leading_pair(id),
        (Unknown, _) | (_, None) => Version::NONE,
        (Transmission, Some(digits)) => transmission(id, digits),
        (KTorrent, Some(digits)) => ktorrent(id, digits),
        (_, Some(digits)) => plain(digits, format, id[6].is_ascii_digit()),
    }
}

/// The formats that only arrange the four numbers.
fn plain([a, b, c, d]: [u8; 4], format: Format, last_is_digit: bool) -> Version {
    match format {
        Three | FreeDownload if last_is_digit && d != 0 => {
            Version::format(format_args!("{a}.{b}.{c}{d}"))
        }
        Three | FreeDownload => Version::dotted(&[a, b, c]),
        ThreeOrFour if d == 0 => Version::dotted(&[a, b, c]),
        TwoTwo if a == 0 => Version::format(format_args!("{b}.{c}{d}")),
        TwoTwo => Version::format(format_args!("{a}{b}.{c}{d}")),
        WebTorrent => webtorrent([a, b, c, d]),
        OneThree => Version::format(format_args!("{a}.{b}{c}{d}")),
        OneOneTwo => Version::format(format_args!("{a}.{b}.{c}{d}")),
        OneTwoOne => Version::format(format_args!("{a}.{b}{c}.{d}")),
        OneOne => Version::dotted(&[a, b]),
        Build => Version::format(format_args!("{a}.{b} ({c}{d})")),
        Major => Version::format(format_args!("{a}.x")),
        _ => Version::dotted(&[a, b, c, d]),
    }
}

/// What a letter behind the numbers says of a build.
fn stage(letter: u8) -> &'static str {
    match letter {
        b'b' | b'B' => " beta",
        b'd' => " debug",
        b'x' | b'X' | b'Z' => " dev",
        _ => "",
    }
}

/// Hexadecimal digits: `-UT7a5\0-` is 7.10.5, `-BT791B-` 7.9.1 beta. Without a
/// dash at the end the third number has two decimal digits: `-UW1110Q` is 1.1.10.
fn mutorrent(id: &PeerIdBytes) -> Version {
    let hex = |index: usize| char::from(id[index]).to_digit(16);
    let (Some(a), Some(b), Some(c)) = (hex(3), hex(4), hex(5)) else {
        return Version::NONE;
    };
    if id[7] != b'-' && id[5].is_ascii_digit() && id[6].is_ascii_digit() {
        let c = (id[5] - b'0') * 10 + (id[6] - b'0');
        return Version::format(format_args!("{a}.{b}.{c}"));
    }
    Version::format(format_args!("{a}.{b}.{c}{}", stage(id[6])))
}

/// `0006` is 0.6, `0072` 0.72, `111Z` 1.11 dev, `3000` 3.00, `4Az0` 4.10.61.
fn transmission(id: &PeerIdBytes, [a, b, c, d]: [u8; 4]) -> Version {
    let stage = stage(id[6]);
    match (a, b, c) {
        (0, 0, 0) => Version::format(format_args!("0.{d}")),
        (0, 0, _) => Version::format(format_args!("0.{c}{d}")),
        (0..=3, ..) => Version::format(format_args!("{a}.{b}{c}{stage}")),
        _ => Version::format(format_args!("{a}.{b}.{c}{stage}")),
    }
}

/// Two digits a number (`-WW0208-` is 2.8.5), but `a.b.c.d` before 1.0.
fn webtorrent([a, b, c, d]: [u8; 4]) -> Version {
    if a == 0 && b == 0 {
        return Version::dotted(&[a, b, c, d]);
    }
    let (major, minor) = (
        u32::from(a) * 10 + u32::from(b),
        u32::from(c) * 10 + u32::from(d),
    );
    Version::format(format_args!("{major}.{minor}"))
}

fn ktorrent(id: &PeerIdBytes, [a, b, c, d]: [u8; 4]) -> Version {
    match id[5] {
        b'D' => Version::format(format_args!("{a}.{b} Dev {d}")),
        b'R' => Version::format(format_args!("{a}.{b} RC {d}")),
        b'0' => Version::dotted(&[a, b]),
        _ => Version::dotted(&[a, b, c]),
    }
}

/// `-BL246326` is 2.4.6-326.
fn bitlord(id: &PeerIdBytes) -> Version {
    if !id[3..7].iter().all(u8::is_ascii_digit) {
        return Version::NONE;
    }
    let digit = |index: usize| char::from(id[index]);
    let (a, b, c) = (digit(3), digit(4), digit(5));
    if !id[7..9].iter().all(u8::is_ascii_digit) {
        return Version::format(format_args!("{a}.{b}.{c}"));
    }
    let build = id[6..9].iter().map(|digit| u32::from(digit - b'0'));
    let build = build.fold(0, |build, digit| build * 10 + digit);
    Version::format(format_args!("{a}.{b}.{c}-{build:03}"))
}

/// `a.b`, when what follows is not text.
fn leading_pair(id: &PeerIdBytes) -> Version {
    match (base62(id[3]), base62(id[4])) {
        (Some(a), Some(b)) => Version::dotted(&[a, b]),
        _ => Version::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted() {
        assert!(CODES.is_sorted_by(|one, two| one.0 < two.0));
    }
}
