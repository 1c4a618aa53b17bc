//! What a file is that is no capture that we read: named, with what to do.

use std::path::Path;

/// Bytes that it takes to tell.
pub(super) const ENOUGH: usize = 128;

/// What converts captures of other analyzers.
const EDITCAP: &str = "convert it first (editcap -F pcapng FILE FILE.pcapng, of Wireshark)";

/// Files by how they begin. The captures are those that editcap knows.
const BEGINNINGS: [(&[u8], &str, &str); 25] = [
    (b"\xfd7zXZ", "an xz file", "decompress it first"),
    (b"BZh", "a bzip2 file", "decompress it first"),
    (b"\x04\x22\x4d\x18", "an lz4 file", "decompress it first"),
    (b"PK\x03\x04", "a zip archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"\x1f\x9d", "a file of compress(1)", "decompress it first"),
    (b"snoop\0", "a capture of snoop", EDITCAP),
    (b"RTSS", "a capture of Microsoft Network Monitor 1", EDITCAP),
    (b"GMBU", "a capture of Microsoft Network Monitor", EDITCAP),
    (b"TRSNIFF data    \x1a", "a capture of the Sniffer", EDITCAP),
    (b"XCP\0", "a capture of NetXray or the Sniffer", EDITCAP),
    (b"\x7fver", "a capture of Omnipeek", EDITCAP),
    (
        b"ObserverPktBufferVersion=",
        "a capture of Observer",
        EDITCAP,
    ),
    (b"\x05VNF", "a capture of Visual Networks", EDITCAP),
    (b"iptrace 1.0", "a capture of iptrace", EDITCAP),
    (b"iptrace 2.0", "a capture of iptrace", EDITCAP),
    (b"\x54\x52\x00\x64\x00", "a capture of nettl", EDITCAP),
    (b"\xaa\xaa\xaa\xaa", "a capture of 5View", EDITCAP),
    (b"cpse", "a capture of Capsa", EDITCAP),
    (b"NetS", "a capture of NetScaler", EDITCAP),
    (
        b"btsnoop\0",
        "a capture of Bluetooth",
        "there is no BitTorrent in it",
    ),
    (
        b"{\"time\":\"",
        "what peerscope has printed as JSON",
        "name the capture that it was made of",
    ),
    (b"d8:announce", "a .torrent file, not a capture", TORRENT),
    (
        b"d13:announce-list",
        "a .torrent file, not a capture",
        TORRENT,
    ),
    (b"d4:infod", "a .torrent file, not a capture", TORRENT),
];

const TORRENT: &str = "give it with --torrent, beside a capture";

/// Says what a file is that begins with `bytes` and is no capture that we read.
pub(super) fn describe(path: &Path, bytes: &[u8]) -> String {
    let known = BEGINNINGS.iter();
    let known = known.map(|(magic, what, hint)| (bytes.starts_with(magic), *what, *hint));
    let known = known.chain([
        (
            is_event_trace(path, bytes),
            "an event trace of Windows (ETL)",
            "convert it first (etl2pcapng FILE FILE.pcapng)",
        ),
        (
            is_erf(bytes),
            "a capture of Endace (ERF), by its first record",
            EDITCAP,
        ),
    ]);
    for (is_it, what, hint) in known {
        if is_it {
            return format!("{what}: {hint}");
        }
    }
    let head: Vec<String> = bytes.iter().take(4).map(|b| format!("{b:02x}")).collect();
    format!("not a capture file: begins with {}", head.join(" "))
}

/// The header of a trace buffer (72 bytes), which then holds the header of a log
/// file: version 2 or so, of a system with pointers of 4 or 8 bytes.
fn is_event_trace(path: &Path, bytes: &[u8]) -> bool {
    let is_named_so = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("etl"));
    let Some(&[a, b, c, d]) = bytes.first_chunk::<4>() else {
        return false;
    };
    let buffer = u32::from_le_bytes([a, b, c, d]);
    let is_a_size = buffer >= 1024 && buffer.is_multiple_of(1024) && buffer <= 16 << 20;
    let is_log_header = matches!(bytes.get(72..76), Some([_, 0, 1 | 2, 0xc0]));
    is_a_size && (is_named_so || is_log_header)
}

/// ERF has no magic number. A record: 8 bytes of time, little-endian; type, flags;
/// then, big-endian, the length of the record, losses, and the length on the wire.
fn is_erf(bytes: &[u8]) -> bool {
    /// Types of records that carry packets of a network: HDLC to IPv6.
    const TYPES: std::ops::RangeInclusive<u8> = 1..=25;
    /// Bytes of the header of a record.
    const HEADER: u16 = 16;
    let Some(
        &[
            _,
            _,
            _,
            _,
            s0,
            s1,
            s2,
            s3,
            kind,
            flags,
            r0,
            r1,
            _,
            _,
            w0,
            w1,
        ],
    ) = bytes.first_chunk::<16>()
    else {
        return false;
    };
    let seconds = u32::from_le_bytes([s0, s1, s2, s3]);
    let (record, wire) = (u16::from_be_bytes([r0, r1]), u16::from_be_bytes([w0, w1]));
    // After 1995, without reserved flags; a record of whole words that holds no
    // more than its packet, padding and a word before it.
    seconds > 788_918_400
        && TYPES.contains(&(kind & 0x7f))
        && flags & 0xc0 == 0
        && record > HEADER
        && record.is_multiple_of(8)
        && wire > 0
        && u32::from(record) <= u32::from(wire) + u32::from(HEADER) + 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> String {
        describe(Path::new("x.etl"), bytes)
    }

    #[test]
    fn captures_of_others_are_named_with_what_converts_them() {
        let mut erf = vec![
            0, 0, 0, 0x80, 0x40, 0x8e, 0x21, 0x66, 2, 4, 0, 88, 0, 0, 0, 70,
        ];
        erf.extend([0; 72]);
        let mut etl = vec![0; 80];
        etl[1] = 0x40;
        etl[72..76].copy_from_slice(&[2, 0, 2, 0xc0]);
        let cases = [
            (&b"snoop\0\0\0\0\0\0\x02"[..], "snoop", "editcap"),
            (b"GMBU\0\x02", "Network Monitor", "editcap"),
            (b"\x7fver\0", "Omnipeek", "editcap"),
            (&erf, "ERF", "editcap"),
            (&etl, "ETL", "etl2pcapng"),
            (b"d8:announce3:abc", ".torrent", "--torrent"),
            (b"BZh9", "bzip2", "decompress"),
        ];
        for (bytes, what, hint) in cases {
            let said = said(bytes);
            assert!(said.contains(what) && said.contains(hint), "{said}");
        }
    }

    #[test]
    fn what_is_not_known_shows_how_it_begins() {
        let texts = [
            &b"[package]\nname = \"peerscope\"\nversion = \"0.1.0\""[..],
            &[0; 200],
            b"ab",
        ];
        for text in texts {
            assert!(said(text).starts_with("not a capture file: begins with "));
        }
    }
}
