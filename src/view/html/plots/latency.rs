//! How long requests waited for their pieces.

use super::{Drawn, Scene};
use crate::flow::Side;
use crate::view::html::format::{count, seconds, span};
use crate::view::html::peers::OTHERS;
use crate::view::html::plot::{Axis, Chart, Marks, Measure, Numbers, Series};

/// What is shorter is drawn as if it were so long: 10 µs.
const SHORTEST: f64 = 1e-5;

/// Piece by piece: when it came, and how long it took.
pub fn scatter(scene: &Scene<'_>) -> Drawn {
    let mut by_style: Vec<Vec<(f64, f64)>> = vec![Vec::new(); OTHERS + 1];
    let mut given = 0;
    for card in &scene.digest.cards {
        for (course, asker) in card
            .course
            .iter()
            .flat_map(|course| Side::BOTH.map(|side| (course, side)))
        {
            let by = card.past.connection.address(asker.other()).ip();
            let latencies = &course.sides[asker.index()].latencies;
            given += latencies.given();
            let points = latencies.kept().iter().map(|latency| {
                let at = scene.times.seconds(latency.at);
                (at, seconds(latency.nanos).max(SHORTEST))
            });
            by_style[scene.peers.style(by)].extend(points);
        }
    }
    let kept: usize = by_style.iter().map(Vec::len).sum();
    if kept == 0 {
        return Err("No request was answered in the clear: there are no latencies to plot.");
    }
    let longest = by_style
        .iter()
        .flatten()
        .map(|(_, nanos)| *nanos)
        .fold(0.0, f64::max);
    let shortest = by_style
        .iter()
        .flatten()
        .map(|(_, nanos)| *nanos)
        .fold(longest, f64::min);
    let (series, drawn) = scene.points("by", &by_style);
    let active = scene.active();
    let thinning = if (drawn as u64) < given {
        format!(
            " Of {} answers {drawn} are drawn, evenly chosen.",
            count(given)
        )
    } else {
        String::new()
    };
    Ok(Chart {
        id: scene.id("latency"),
        title: "Request latency".to_owned(),
        description: format!(
            "Each mark is a piece: when it came, and how long after its request, by who gave it.{thinning}"
        ),
        x: Axis::new("time since the first packet", Measure::Seconds, *active.start(), *active.end()),
        y: Axis::new("from request to piece", Measure::Seconds, shortest * 0.8, longest * 1.2).logarithmic(),
        series,
        numbers: figures(scene),
    }
    .draw())
}

/// The figures of every connection's requests.
fn figures(scene: &Scene<'_>) -> Numbers {
    let mut rows = Vec::new();
    for card in &scene.digest.cards {
        for asker in Side::BOTH {
            let Some(latency) = card.past.end(asker).requests.latency else {
                continue;
            };
            let time = |nanos: Option<i64>| nanos.map_or("-".to_owned(), span);
            let address = |side: Side| scene.names.address(card.past.connection.address(side));
            rows.push(vec![
                format!("#{}", card.past.stream()),
                address(asker),
                address(asker.other()),
                count(card.past.end(asker).requests.fates.answered),
                span(latency.min),
                time(latency.median),
                time(latency.p95),
                span(latency.max),
            ]);
        }
    }
    Numbers {
        head: [
            "#", "asked by", "given by", "answers", "shortest", "median", "95 %", "longest",
        ]
        .map(str::to_owned)
        .into(),
        rows,
        note: "Of all answers, not only of those drawn; medians and 95 % to within 3 %.".to_owned(),
    }
}

/// How many took how long.
pub fn histogram(scene: &Scene<'_>) -> Drawn {
    let buckets: Vec<(i64, u64)> = scene.digest.latencies.buckets().collect();
    let (Some((first, _)), Some((last, _))) = (buckets.first(), buckets.last()) else {
        return Err("No request was answered in the clear: there is no histogram of latencies.");
    };
    // A bucket begins where the one before ends, the first one somewhere below.
    let lowest = seconds(*first / 2).max(SHORTEST / 10.0);
    let highest = seconds(*last).min(1e5);
    let mut from = lowest;
    let mut bars = Vec::new();
    let mut rows = Vec::new();
    for (end, count_of) in &buckets {
        let to = seconds(*end).min(1e5);
        bars.push((from, to, *count_of as f64));
        rows.push(vec![span(*end), count(*count_of)]);
        from = to;
    }
    let most = buckets.iter().map(|(_, count)| *count).max().unwrap_or(0);
    Ok(Chart {
        id: scene.id("latency-histogram"),
        title: "How long requests waited".to_owned(),
        description: format!(
            "How many of {} answered requests took how long, on all connections.",
            count(scene.digest.latencies.total())
        ),
        x: Axis::new("from request to piece", Measure::Seconds, lowest, highest).logarithmic(),
        y: Axis::new("requests", Measure::Count, 0.0, most as f64 * 1.05),
        series: vec![Series {
            name: String::new(),
            style: 0,
            marks: Marks::Bars(bars),
        }],
        numbers: Numbers {
            head: ["up to", "requests"].map(str::to_owned).into(),
            rows,
            note: String::new(),
        },
    }
    .draw())
}
