//! The time that a line of a log begins with.

/// Parts of a time: a date, a time of day, a zone.
const MAX_PARTS: usize = 3;

/// The time at the beginning of a line, as it stands there.
pub fn time(row: &str) -> Option<&str> {
    let row = row.trim_start_matches([' ', '\t', '>', '[']);
    let mut end = 0;
    let mut is_time = false;
    for part in row.split_inclusive(' ').take(MAX_PARTS) {
        let word = part.trim_end_matches([' ', ']']);
        let is_digit = |c: char| c.is_ascii_digit() || ":.-+/TZ,".contains(c);
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if digits < 2 || !word.chars().all(is_digit) {
            break;
        }
        // A date alone is none; `12.3` is seconds since the start.
        is_time |= word.contains(':') || word.contains('.');
        let begun = end;
        end += part.len();
        if part.contains(']') || part.len() == word.len() {
            return is_time.then(|| &row[..begun + word.len()]);
        }
    }
    is_time.then(|| row[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_logs() {
        for (row, expected) in [
            ("1795368391.732061 peer_log x", Some("1795368391.732061")),
            (
                "[2026-11-28 14:27:38.353] sample.bin - x",
                Some("2026-11-28 14:27:38.353"),
            ),
            (
                "2026-11-28T14:27:37.547Z bittorrent-protocol [ab]",
                Some("2026-11-28T14:27:37.547Z"),
            ),
            (
                "2026-11-28 14:27:38.332119 [INFO] [x.cc:56] CUID#12",
                Some("2026-11-28 14:27:38.332119"),
            ),
            ("> [14:27:38] got", Some("14:27:38")),
            ("0.107 wire", Some("0.107")),
            ("  bittorrent-protocol [ab] got choke +0ms", None),
            ("10.98.0.1:6881 <== CHOKE", Some("10.98.0.1:6881")),
            ("", None),
        ] {
            // An address is told apart by who reads the line.
            assert_eq!(time(row), expected, "{row}");
        }
    }
}
