//! Data of pieces over time, by who gave it.

use std::collections::BTreeMap;

use super::{Drawn, Scene, together};
use crate::flow::Side;
use crate::report::Bins;
use crate::view::html::format::count;
use crate::view::html::peers::OTHERS;
use crate::view::html::plot::{Axis, Chart, Marks, Measure, Numbers, Series};
use crate::view::quantity::Bytes;

/// Bytes of each bin by the style of their giver, that of the others last.
struct Rates {
    width_nanos: u64,
    /// When the first bin begins, in seconds since the first packet.
    from: f64,
    by_style: BTreeMap<usize, Vec<u64>>,
}

fn rates(scene: &Scene<'_>) -> Rates {
    let total = &scene.digest.data;
    let width_nanos = total.width_nanos();
    let mut by_style: BTreeMap<usize, Bins<u64>> = BTreeMap::new();
    for card in &scene.digest.cards {
        let course = card.course.iter().filter(|course| !course.is_partial);
        for (course, side) in course.flat_map(|course| Side::BOTH.map(|side| (course, side))) {
            let style = scene.peers.style(card.past.connection.address(side).ip());
            let data = &course.sides[side.index()].data;
            if style != OTHERS && !data.is_empty() {
                let bins = by_style.entry(style);
                bins.or_insert_with(|| Bins::new(total.begin())).add(data);
            }
        }
    }
    let all: Vec<u64> = total.all().map(|(_, bytes)| *bytes).collect();
    let mut others = all.clone();
    let mut told: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for (style, bins) in by_style {
        let bins = bins.widened(width_nanos);
        let mut values: Vec<u64> = bins.all().map(|(_, bytes)| *bytes).collect();
        values.resize(all.len(), 0);
        for (rest, bytes) in others.iter_mut().zip(&values) {
            *rest = rest.saturating_sub(*bytes);
        }
        told.insert(style, values);
    }
    if others.iter().any(|bytes| *bytes > 0) {
        told.insert(OTHERS, others);
    }
    Rates {
        width_nanos,
        from: scene.times.seconds(total.begin()),
        by_style: told,
    }
}

/// The plot.
pub fn draw(scene: &Scene<'_>) -> Drawn {
    if scene.digest.data.is_empty() {
        return Err("No piece data went by: there is no throughput to plot.");
    }
    let rates = rates(scene);
    let width = rates.width_nanos as f64 / 1e9;
    let from = rates.from;
    let rate = |bytes: u64| bytes as f64 / width;
    let series: Vec<Series> = rates
        .by_style
        .iter()
        .map(|(style, values)| {
            let steps = values.iter().enumerate();
            let steps = steps.map(|(index, bytes)| (from + index as f64 * width, rate(*bytes)));
            let mut steps: Vec<_> = steps.collect();
            // The last bin ends somewhere, too.
            if let Some((at, height)) = steps.last().copied() {
                steps.push((at + width, height));
            }
            Series {
                name: scene.peers.label(*style),
                style: *style,
                marks: Marks::Steps(steps),
            }
        })
        .collect();
    let most = rates
        .by_style
        .values()
        .flatten()
        .copied()
        .max()
        .unwrap_or(0);
    let active = scene.active();
    let description = format!(
        "How much piece data each host gave, in steps of {}. All together gave {}.",
        crate::view::html::format::span(rates.width_nanos.cast_signed()),
        Bytes(scene.digest.totals.payload_bytes),
    );
    Ok(Chart {
        id: scene.id("throughput"),
        title: "Throughput over time".to_owned(),
        description,
        x: Axis::new(
            "time since the first packet",
            Measure::Seconds,
            *active.start(),
            *active.end(),
        ),
        y: Axis::new(
            "piece data a second, by who gave it",
            Measure::BytesPerSecond,
            0.0,
            rate(most) * 1.05,
        ),
        series,
        numbers: numbers(scene, &rates),
    }
    .draw())
}

fn numbers(scene: &Scene<'_>, rates: &Rates) -> Numbers {
    let labels = rates.by_style.keys().map(|style| scene.peers.label(*style));
    let rows = rates.by_style.values().map(Vec::len).max().unwrap_or(0);
    let together = together(rows);
    let row = |index: usize| {
        let after = (index * together) as u64 * rates.width_nanos;
        let from = rates.from + after as f64 / 1e9;
        let bytes = rates.by_style.values().map(|values| {
            let values = values.iter().skip(index * together).take(together);
            count(values.sum())
        });
        std::iter::once(format!("{from:.3}")).chain(bytes).collect()
    };
    let width = (rates.width_nanos * together as u64).cast_signed();
    Numbers {
        head: std::iter::once("from (s)".to_owned())
            .chain(labels.map(|label| format!("{label} (bytes)")))
            .collect(),
        rows: (0..rows.div_ceil(together)).map(row).collect(),
        note: format!("Bytes in each {}.", crate::view::html::format::span(width)),
    }
}
