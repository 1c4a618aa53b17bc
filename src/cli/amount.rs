//! Amounts that users type: `100MB`, `10x100MB`, `1h30m`.

use std::time::Duration;

use jiff::SignedDuration;

use crate::capture::Ring;

/// The longest that a run can be told to last: a hundred years.
const MAX_SECONDS: u64 = 100 * 366 * 86_400;

/// Bytes: a number with a unit (kB, MB, GB, TB of thousands; KiB, MiB, GiB, TiB
/// of 1024) or none.
fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(unit_at.unwrap_or(text.len()));
    let number: u64 = number
        .parse()
        .map_err(|_| "not a size such as 100MB or 64MiB".to_owned())?;
    let unit = unit.trim().to_ascii_lowercase();
    let unit = match unit.as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        other => return Err(format!("unknown unit {other}: MB, MiB, GB, GiB and so on")),
    };
    number
        .checked_mul(unit)
        .ok_or_else(|| "too large".to_owned())
}

/// The size of the kernel's buffer: at least 256 KiB (less cannot hold a packet)
/// and below 2 GiB (which is all that libpcap can ask for).
pub fn buffer(text: &str) -> Result<u32, String> {
    const LEAST: u64 = 256 << 10;
    let size = bytes(text)?;
    if size < LEAST {
        return Err("less than 256KiB, which cannot hold a packet".to_owned());
    }
    let size = i32::try_from(size).map_err(|_| "2GiB or more".to_owned())?;
    Ok(size.unsigned_abs())
}

/// A ring of files.
pub fn ring(text: &str) -> Result<Ring, String> {
    let parts = text.split_once(['x', 'X', '*']);
    let (files, size) = parts.ok_or("not COUNTxSIZE, such as 10x100MB")?;
    let files = files.trim().parse().ok().filter(|&files| files > 0);
    let files = files.ok_or("the count of files is no number from 1 on")?;
    match bytes(size)? {
        0 => Err("files of no size".to_owned()),
        bytes => Ok(Ring { files, bytes }),
    }
}

/// A time: `30s`, `1h30m`, `250 ms`; a bare number counts seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let parsed = match text.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => text
            .parse::<SignedDuration>()
            .ok()
            .and_then(|time| Duration::try_from(time).ok()),
    };
    parsed
        .filter(|time| time.as_secs() <= MAX_SECONDS)
        .ok_or_else(|| "not a time such as 30s, 10min or 1h30m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let cases = [
            ("4096", 4096),
            ("1k", 1000),
            ("100MB", 100_000_000),
            (" 64 MiB ", 64 << 20),
            ("2GiB", 2 << 30),
            ("1tb", 1_000_000_000_000),
        ];
        for (text, expected) in cases {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for wrong in ["", "MB", "1.5MB", "-1", "10 parsec", "99999999999TB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_buffer_fits_libpcap() {
        assert_eq!(buffer("64MiB"), Ok(64 << 20));
        assert!(buffer("64k").is_err());
        assert!(buffer("2GiB").is_err());
    }

    #[test]
    fn a_ring_has_a_count_and_a_size() {
        let expected = Ring {
            files: 10,
            bytes: 100_000_000,
        };
        assert_eq!(ring("10x100MB"), Ok(expected));
        for wrong in ["100MB", "0x1MB", "2x0", "x", "ax1MB", "-1x1MB"] {
            assert!(ring(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_units_or_are_seconds() {
        let cases = [
            ("30", 30_000),
            ("30s", 30_000),
            ("250ms", 250),
            ("1h30m", 5_400_000),
            ("10 min", 600_000),
        ];
        for (text, millis) in cases {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for wrong in ["", "soon", "-5s", "18446744073709551615"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
