//! Lines in which clients log their messages: what was said in words, the time
//! and the direction, as far as the line has them. A file a client.
//!
//! A line becomes the message that it names, with those fields that it prints;
//! everything else that clients log is words.

mod anacrolix;
mod aria2;
mod libtorrent;
mod logged;
mod phrase;
mod rqbit;
mod rust;
mod stamp;
mod transmission;
mod webtorrent;

pub use logged::{Direction, Logged, Rest, Said};

use logged::Line;

use super::text::Text;

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
