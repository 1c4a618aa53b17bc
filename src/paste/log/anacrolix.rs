//! The debug lines of anacrolix/torrent, which tell of a few messages:
//! `requesting metadata piece 0`, `peer allowed fast: 3`.

use super::logged::{Direction, Line, Said};
use super::phrase::{behind, number};

/// What the lines say, which way the message went, and its name and field; without
/// a field the line has not all that the message needs.
const PHRASES: [(&str, Direction, &str); 5] = [
    (
        "requesting metadata piece ",
        Direction::Sent,
        "ut_metadata_request",
    ),
    (
        "rejecting metadata piece ",
        Direction::Sent,
        "ut_metadata_reject",
    ),
    (
        "sending metadata piece ",
        Direction::Sent,
        "ut_metadata_data",
    ),
    (
        "peer suggested piece ",
        Direction::Received,
        "suggest_piece",
    ),
    ("peer allowed fast: ", Direction::Received, "allowed_fast"),
];

/// Reads a line.
pub fn read(row: &str) -> Option<Line<'_>> {
    PHRASES.iter().find_map(|&(phrase, direction, name)| {
        let words = behind(row, phrase)?;
        let (piece, _) = number(words)?;
        let at = row.len() - words.len() - phrase.len();
        let said = if name == "ut_metadata_data" {
            Said::named(name, words)
        } else {
            Said::whole(name, format!("piece={piece}"), words)
        };
        Some(Line {
            direction,
            peer: None,
            said,
            at,
        })
    })
}
