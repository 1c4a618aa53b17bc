//! Open requests over time, beside how many the other side accepts.

use maud::Markup;

use super::{Drawn, Scene, together};
use crate::flow::Side;
use crate::report::{Bins, Card, Queue};
use crate::session::Past;
use crate::view::html::plot::{Axis, Chart, Marks, Measure, Numbers, Series};
use crate::view::sessions::LETTERS;
use crate::wire::words::Count;

/// Askers whose queues are in the plot of all.
const MAX_ASKERS: usize = 4;

/// One side's queue.
struct Asker<'a> {
    name: String,
    style: usize,
    queue: &'a Bins<Queue>,
    /// When its series begins, in seconds since the first packet.
    begin: f64,
    /// Requests that the other side accepts, where it says so.
    reqq: Option<i64>,
}

impl Asker<'_> {
    /// From when on how many were open at most.
    fn steps(&self) -> Vec<(f64, f64)> {
        let mut open = 0;
        let mut steps = Vec::new();
        for (span, bin) in self.queue.all() {
            let most = bin.most.map_or(open, |most| most.max(open));
            steps.push((self.begin + span.start as f64 / 1e9, f64::from(most)));
            open = if bin.most.is_some() { bin.last } else { open };
        }
        steps.push((
            self.begin + self.queue.end_nanos() as f64 / 1e9,
            f64::from(open),
        ));
        steps
    }
}

fn asker<'a>(scene: &Scene<'_>, card: &'a Card, side: Side, style: usize) -> Option<Asker<'a>> {
    let course = card.course.as_ref()?;
    let queue = &course.sides[side.index()].queue;
    let answers = &card.profiles[side.other().index()];
    let name = scene.names.client(card.past.end(side));
    let name = name.unwrap_or_else(|| scene.names.address(card.past.connection.address(side)));
    (!queue.is_empty()).then(|| Asker {
        name: format!("#{} {}: {name}", card.past.stream(), LETTERS[side.index()]),
        style,
        queue,
        begin: scene.times.seconds(queue.begin()),
        reqq: answers.limits.reqq.filter(|reqq| *reqq > 0),
    })
}

/// The plot of those who asked most.
pub fn draw(scene: &Scene<'_>) -> Drawn {
    let cards = scene.digest.cards.iter();
    let asked = |past: &Past| {
        let sides = past.ends.iter();
        sides.filter(|end| end.requests.fates.asked > 0).count() as u64
    };
    let pasts = cards
        .clone()
        .map(|card| &card.past)
        .chain(&scene.digest.rows);
    let all: u64 = pasts.map(asked).sum();
    let mut sides: Vec<_> = cards
        .flat_map(|card| Side::BOTH.map(|side| (card, side)))
        .filter(|(card, side)| card.past.end(*side).requests.fates.asked > 0)
        .collect();
    sides.sort_by_key(|(card, side)| std::cmp::Reverse(card.past.end(*side).requests.fates.asked));
    let askers: Vec<_> = sides
        .into_iter()
        .filter_map(|(card, side)| asker(scene, card, side, 0))
        .take(MAX_ASKERS)
        .enumerate()
        .map(|(style, asker)| Asker { style, ..asker })
        .collect();
    let (drawn, asked) = (askers.len(), Count(all, "side"));
    let (has_more, more) = match scene.digest.rest.requests.asked {
        0 => (all > drawn as u64, ""),
        _ => (true, "more than "),
    };
    let scope = if has_more {
        format!(
            " Drawn are the {drawn} that asked for most, of {more}{asked} of connections that asked."
        )
    } else {
        String::new()
    };
    let chart = chart(
        &scene.id("queue"),
        "Request queues over time",
        &scope,
        &askers,
    );
    chart
        .map(|chart| chart.draw())
        .ok_or("Nobody asked for pieces in the clear: there are no request queues to plot.")
}

/// The plot of one connection.
pub fn of_card(scene: &Scene<'_>, card: &Card) -> Option<Markup> {
    let askers: Vec<_> = Side::BOTH
        .into_iter()
        .filter_map(|side| asker(scene, card, side, side.index()))
        .collect();
    let id = format!("{}-{}", scene.id("queue"), card.past.stream());
    chart(&id, "Its request queue", "", &askers).map(|chart| chart.draw_in_card())
}

fn chart(id: &str, title: &str, scope: &str, askers: &[Asker<'_>]) -> Option<Chart> {
    let steps: Vec<_> = askers.iter().map(Asker::steps).collect();
    let times = || steps.iter().flatten().map(|(at, _)| *at);
    let (from, to) = (times().reduce(f64::min)?, times().reduce(f64::max)?);
    let deepest = steps
        .iter()
        .flatten()
        .map(|(_, most)| *most)
        .fold(1.0, f64::max);
    let limits = askers.iter().filter_map(|asker| asker.reqq);
    // A limit far above what was asked would leave no room for what was.
    let is_near = |reqq: i64| reqq as f64 <= deepest * 4.0;
    let near = limits
        .clone()
        .filter(|reqq| is_near(*reqq))
        .max()
        .unwrap_or(0) as f64;
    let mut series = Vec::new();
    let mut far = Vec::new();
    for (asker, steps) in askers.iter().zip(&steps) {
        series.push(Series {
            name: asker.name.clone(),
            style: asker.style,
            marks: Marks::Steps(steps.clone()),
        });
        match asker.reqq {
            Some(reqq) if is_near(reqq) => series.push(Series {
                name: format!("reqq {reqq}: what the other side accepts of {}", asker.name),
                style: asker.style,
                marks: Marks::Level(reqq as f64),
            }),
            Some(reqq) => far.push(format!("of {} up to {reqq}", asker.name)),
            None => {}
        }
    }
    let mut description =
        format!("How many requests were open at most, in each stretch of time.{scope}");
    if !far.is_empty() {
        description.push_str(" The other side accepts far more than the plot shows (reqq): ");
        description.push_str(&far.join(", "));
        description.push('.');
    } else if limits.clone().count() == 0 {
        description.push_str(" The other side does not say how many it accepts (reqq).");
    }
    Some(Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        description,
        x: Axis::new("time since the first packet", Measure::Seconds, from, to),
        y: Axis::new(
            "open requests",
            Measure::Count,
            0.0,
            deepest.max(near) * 1.05,
        ),
        series,
        numbers: numbers(askers, &steps),
    })
}

fn numbers(askers: &[Asker<'_>], steps: &[Vec<(f64, f64)>]) -> Numbers {
    let mut rows = Vec::new();
    for (asker, steps) in askers.iter().zip(steps) {
        for some in steps.chunks(together(steps.len() * askers.len())) {
            let most = some.iter().map(|(_, most)| *most).fold(0.0, f64::max);
            let reqq = asker.reqq.map_or("-".to_owned(), |reqq| reqq.to_string());
            let from = some.first().map_or(0.0, |(from, _)| *from);
            rows.push(vec![
                asker.name.clone(),
                format!("{from:.3}"),
                format!("{most:.0}"),
                reqq,
            ]);
        }
    }
    Numbers {
        head: [
            "who asks",
            "from (s)",
            "open at most",
            "reqq of the other side",
        ]
        .map(str::to_owned)
        .into(),
        rows,
        note: String::new(),
    }
}
