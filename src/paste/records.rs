//! Records of bytes with an address and a checksum, as programmers of chips write them:
//! Intel HEX (`:1000000013426974...A5`) and those of Motorola (`S113000013426974...`). The
//! checksums tell them from anything else.

use super::cells;
use super::form::Form;
use super::found::Found;
use super::margin::margin;
use super::text::Text;

/// What a record says.
enum Record {
    /// Bytes for an address.
    Data {
        address: usize,
        /// Where the digits of its bytes begin, and those bytes.
        start: usize,
        bytes: Vec<u8>,
    },
    /// Something about the others.
    Other,
    /// There are no more.
    End,
}

/// Fewer digits are no record.
const MIN_DIGITS: usize = 8;

/// More are none either: 255 bytes, and what says so.
const MAX_DIGITS: usize = 2 * (255 + 8);

/// Records from line `first` on, as long as each goes on where the last one ended.
pub fn block(text: &Text<'_>, first: usize) -> Option<Found> {
    let mut found = Found::new(Form::Records, text.line(first)?.start);
    if text.records.covers(found.span.start) {
        return None;
    }
    let mut due = None;
    for line in first.. {
        let Some(record) = record(text, line) else {
            break;
        };
        let is_end = matches!(record, Record::End);
        if let Record::Data {
            address,
            start,
            bytes,
        } = record
        {
            if due.is_some_and(|due| due != address) {
                break;
            }
            // The upper half of the address is in a record of its own.
            due = Some((address + bytes.len()) & 0xffff);
            for (index, byte) in bytes.into_iter().enumerate() {
                found.push(byte, start + 2 * index);
            }
        }
        found.span.end = text.line(line)?.end;
        if is_end {
            break;
        }
    }
    if found.bytes.is_empty() {
        text.records.reach(found.span.end);
    }
    (!found.bytes.is_empty()).then_some(found)
}

fn record(text: &Text<'_>, line: usize) -> Option<Record> {
    let span = text.line(line)?;
    let row = &text.text[span.clone()];
    let start = span.start + margin(row);
    let row = text.text[start..span.end].trim_end();
    if let Some(digits) = row.strip_prefix(':') {
        return intel(&bytes(digits)?, start + 1);
    }
    let inner = row.strip_prefix('S')?;
    let kind = inner.chars().next()?.to_digit(10)?;
    motorola(kind, &bytes(&inner[1..])?, start + 2)
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let is_record = (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()) && cells::is_group(digits);
    let pairs = digits.as_bytes().chunks_exact(2);
    is_record.then(|| pairs.map(cells::byte).collect())
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// A length, an address, what it is, the bytes, and what makes all of them zero.
fn intel(bytes: &[u8], start: usize) -> Option<Record> {
    const DATA: u8 = 0;
    const END: u8 = 1;
    let [length, high, low, kind, data @ .., _] = bytes else {
        return None;
    };
    if usize::from(*length) != data.len() || sum(bytes) != 0 {
        return None;
    }
    match *kind {
        DATA => Some(Record::Data {
            address: usize::from(*high) << 8 | usize::from(*low),
            start: start + 8,
            bytes: data.to_vec(),
        }),
        END => Some(Record::End),
        // Upper halves of addresses, and where a program starts.
        2..=5 => Some(Record::Other),
        _ => None,
    }
}

/// How much follows, an address of two to four bytes, the bytes, and what makes all of them
/// 255.
fn motorola(kind: u32, bytes: &[u8], start: usize) -> Option<Record> {
    let (length, rest) = bytes.split_first()?;
    if usize::from(*length) != rest.len() || sum(bytes) != u8::MAX {
        return None;
    }
    let width = match kind {
        1..=3 => kind as usize + 1,
        0 | 5 | 6 => return Some(Record::Other),
        7..=9 => return Some(Record::End),
        _ => return None,
    };
    let data = rest.get(width..rest.len() - 1)?;
    let address = rest[..width].iter();
    let address = address.fold(0_usize, |address, byte| address << 8 | usize::from(*byte));
    Some(Record::Data {
        address: address & 0xffff,
        start: start + 2 * (1 + width),
        bytes: data.to_vec(),
    })
}
