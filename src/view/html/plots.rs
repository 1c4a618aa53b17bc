//! Which plots a page has: how the data of a capture went over time.

mod latency;
mod pieces;
mod queue;
mod served;
mod throughput;
mod utp;

use std::ops::RangeInclusive;

use maud::{Markup, html};

pub use queue::of_card;

use super::format::Times;
use super::names::Names;
use super::peers::Peers;
use super::plot::{Marks, Series};
use super::scope::Scope;
use crate::report::Digest;

/// What all plots of a capture share.
pub struct Scene<'a> {
    /// The capture.
    pub digest: &'a Digest,
    /// Its times.
    pub times: Times,
    /// How things are called.
    pub names: &'a Names,
    /// Its hosts.
    pub peers: Peers<'a>,
    /// What its ids begin with: a page can have two captures.
    pub prefix: &'a str,
    /// What of the capture it is; `None` is all.
    pub scope: Option<&'a Scope>,
    /// Between how many parts the page is divided, of which this is one.
    pub parts: usize,
}

impl<'a> Scene<'a> {
    /// That of a capture.
    pub fn new(digest: &'a Digest, names: &'a Names, prefix: &'a str, parts: usize) -> Self {
        Self {
            digest,
            times: Times {
                first: digest.first,
            },
            names,
            peers: Peers::of(digest, names),
            prefix,
            scope: None,
            parts,
        }
    }

    fn id(&self, name: &str) -> String {
        format!("{}plot-{name}", self.prefix)
    }

    /// From when to when data was given, in seconds since the first packet.
    fn active(&self) -> RangeInclusive<f64> {
        let from = self.times.seconds(self.digest.data.begin());
        from..=from + self.digest.data.end_nanos() as f64 / 1e9
    }

    /// A series of points for each style, [`MAX_POINTS`] in all, evenly chosen, and how
    /// many are drawn. A label says from whom they are, behind `relation`.
    fn points(&self, relation: &str, by_style: &[Vec<(f64, f64)>]) -> (Vec<Series>, usize) {
        let kept: usize = by_style.iter().map(Vec::len).sum();
        let mut drawn = 0;
        let series = (0..)
            .zip(by_style)
            .filter(|(_, points)| !points.is_empty())
            .map(|(style, points)| {
                // Who has few is seen all the same.
                let share = (MAX_POINTS.min(kept) * points.len() / kept).max(1);
                let points: Vec<_> = thinned(points, share).collect();
                drawn += points.len();
                Series {
                    name: format!("{relation} {}", self.peers.label(style)),
                    style,
                    marks: Marks::Points(points),
                }
            })
            .collect();
        (series, drawn)
    }

    /// All plots.
    pub fn draw(&self) -> Markup {
        let plots = [
            throughput::draw(self),
            queue::draw(self),
            latency::scatter(self),
            latency::histogram(self),
            pieces::draw(self),
            served::draw(self),
        ];
        let utp = utp::draw(self);
        let missing: Vec<&str> = plots
            .iter()
            .filter_map(|plot| plot.as_ref().err().copied())
            .collect();
        html! {
            @for plot in plots.iter().flatten() { (plot) }
            @match &utp {
                Ok(plots) => { (plots) }
                Err(_) => {}
            }
            @if !missing.is_empty() || utp.is_err() {
                ul.missing {
                    @for why in missing.into_iter().chain(utp.as_ref().err().copied()) {
                        li { (why) }
                    }
                }
            }
        }
    }
}

/// A plot, or why there is none.
type Drawn = Result<Markup, &'static str>;

/// Points of a plot at most.
const MAX_POINTS: usize = 1500;

/// `most` of some, evenly chosen, or all of them.
fn thinned<T: Copy>(all: &[T], most: usize) -> impl Iterator<Item = T> {
    let drawn = all.len().min(most);
    (0..drawn).map(move |index| all[index * all.len() / drawn])
}

/// How many rows of a table are put together to one, so that few are left.
fn together(rows: usize) -> usize {
    const MAX_ROWS: usize = 40;
    rows.div_ceil(MAX_ROWS).max(1)
}
