//! The clients whose logs are read.

use super::anacrolix;
use super::aria2;
use super::libtorrent;
use super::logged::Line;
use super::logged::Logged;
use super::rqbit;
use super::stamp;
use super::transmission;
use super::webtorrent;
use crate::paste::text::Text;

/// Reads a line of one client's log.
type Reader = for<'t> fn(&'t str) -> Option<Line<'t>>;

/// The clients whose logs are read.
const CLIENTS: [(&str, Reader); 6] = [
    ("libtorrent", libtorrent::read),
    ("WebTorrent", webtorrent::read),
    ("Transmission", transmission::read),
    ("rqbit", rqbit::read),
    ("aria2", aria2::read),
    ("anacrolix/torrent", anacrolix::read),
];

/// A longer line is no message in words.
const MAX_LINE: usize = 64 << 10;

/// The message that line `index` tells of.
pub fn read<'t>(text: &Text<'t>, index: usize) -> Option<Logged<'t>> {
    let span = text.line(index)?;
    let row = text.line_text(index);
    if row.len() > MAX_LINE {
        return None;
    }
    let read = |&(client, reader): &(&'static str, Reader)| Some((client, reader(row)?));
    let (client, line) = CLIENTS.iter().find_map(read)?;
    Some(Logged {
        place: text.position(span.start + line.at),
        client,
        time: stamp::time(row),
        direction: line.direction,
        peer: line.peer,
        said: line.said,
    })
}
