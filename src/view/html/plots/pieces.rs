//! Which pieces came when, and from whom.

use std::fmt::Write as _;

use super::{Drawn, Scene, together};
use crate::flow::Side;
use crate::view::html::format::count;
use crate::view::html::peers::OTHERS;
use crate::view::html::plot::{Axis, Chart, Measure, Numbers};

/// The plot: that of the torrent with the most data.
pub fn draw(scene: &Scene<'_>) -> Drawn {
    let torrent = scene
        .digest
        .torrents
        .first()
        .map(|torrent| torrent.info_hash);
    let cards = scene.digest.cards.iter();
    let cards = cards.filter(|card| torrent.is_none() || card.past.info_hash == torrent);
    let mut by_style: Vec<Vec<(f64, f64)>> = vec![Vec::new(); OTHERS + 1];
    let mut given = 0;
    for card in cards {
        for (course, giver) in card
            .course
            .iter()
            .flat_map(|course| Side::BOTH.map(|side| (course, side)))
        {
            let style = scene.peers.style(card.past.connection.address(giver).ip());
            let pieces = &course.sides[giver.index()].pieces;
            given += pieces.given();
            let points = pieces.kept().iter();
            let points =
                points.map(|piece| (scene.times.seconds(piece.at), f64::from(piece.index)));
            by_style[style].extend(points);
        }
    }
    let kept: usize = by_style.iter().map(Vec::len).sum();
    if kept == 0 {
        return Err("No piece came in the clear: there is no plot of pieces.");
    }
    let highest = by_style
        .iter()
        .flatten()
        .map(|(_, index)| *index)
        .fold(0.0, f64::max);
    let pieces = scene
        .digest
        .torrents
        .first()
        .and_then(|torrent| torrent.pieces);
    let top = pieces.map_or(highest, |pieces| f64::from(pieces - 1).max(highest));
    let numbers = numbers(scene, &by_style);
    let (series, drawn) = scene.points("from", &by_style);
    let mut description =
        "Each mark is a piece of which data came: when, which, and from whom.".to_owned();
    if (drawn as u64) < given {
        let _ = write!(
            description,
            " Of {} changes from one piece to another {drawn} are drawn, evenly chosen.",
            count(given)
        );
    }
    if scene.digest.torrents.len() > 1 {
        description.push_str(" Only of the torrent with the most data.");
    }
    let active = scene.active();
    Ok(Chart {
        id: scene.id("pieces"),
        title: "Pieces over time".to_owned(),
        description,
        x: Axis::new(
            "time since the first packet",
            Measure::Seconds,
            *active.start(),
            *active.end(),
        ),
        y: Axis::new("index of the piece", Measure::Count, 0.0, top),
        series,
        numbers,
    }
    .draw())
}

fn numbers(scene: &Scene<'_>, by_style: &[Vec<(f64, f64)>]) -> Numbers {
    let mut all: Vec<(f64, usize, f64)> = Vec::new();
    for (style, points) in by_style.iter().enumerate() {
        all.extend(points.iter().map(|(at, index)| (*at, style, *index)));
    }
    all.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    let rows = all.chunks(together(all.len())).map(|some| {
        let pieces = some.iter().map(|(_, _, index)| *index);
        let mut styles: Vec<usize> = some.iter().map(|(_, style, _)| *style).collect();
        styles.sort_unstable();
        styles.dedup();
        let from: Vec<_> = styles
            .iter()
            .map(|style| scene.peers.label(*style))
            .collect();
        vec![
            format!("{:.3}", some[0].0),
            some.len().to_string(),
            format!("{:.0}", pieces.clone().fold(f64::MAX, f64::min)),
            format!("{:.0}", pieces.fold(0.0, f64::max)),
            from.join(", "),
        ]
    });
    Numbers {
        head: [
            "from (s)",
            "marks",
            "lowest piece",
            "highest piece",
            "from whom",
        ]
        .map(str::to_owned)
        .into(),
        rows: rows.collect(),
        note: String::new(),
    }
}
