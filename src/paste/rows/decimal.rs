//! Rows of decimal numbers that look like others: `72 84 80` may be hex, `000 013 006` octal.
//! A row below them has a number that can be neither.

use super::head::Head;
use super::next;
use super::number;
use crate::paste::cells::is_frame;
use crate::paste::text::Text;

/// Rows of numbers that are looked at.
const MAX_LOOK: usize = 64;

/// Whether a number is no byte in hex digits.
pub fn is_no_pair(token: &str) -> bool {
    token.len() > 2
}

/// Whether a number is no byte in octal digits.
pub fn is_not_octal(token: &str) -> bool {
    u8::from_str_radix(token, 8).is_err()
}

/// Whether the rows from `head` on are decimal numbers of a byte each, of which `tells` says
/// that one is nothing else.
pub fn are_numbers(text: &Text<'_>, head: &Head, tells: fn(&str) -> bool) -> bool {
    let mut row = (text.line_of(head.body.start), head.clone());
    let mut is_told = false;
    for _ in 0..MAX_LOOK {
        for (_, token) in number::tokens(text, &row.1.body) {
            let is_number = token.parse::<u8>().is_ok() || token.parse::<i8>().is_ok();
            // The characters of hexyl are behind the line of a frame.
            if token.starts_with(is_frame) {
                break;
            }
            if !is_number || token.starts_with('+') {
                return false;
            }
            is_told |= tells(token);
        }
        let Some(next) = next::next_head(text, row.0, &row.1) else {
            break;
        };
        row = next;
    }
    is_told
}
