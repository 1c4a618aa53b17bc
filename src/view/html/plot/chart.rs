//! A plot with its axes, its legend, and the table of what it shows.

use maud::{Markup, html};

use super::axis::Axis;
use super::series::Series;

/// The drawing's own coordinates; on the page it is as wide as there is room.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;

/// Room around the plot for what is written at its axes; at the left it is as much as
/// the labels there need.
const RIGHT: f64 = 14.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 58.0;

/// Between a label and what it is beside.
const APART: f64 = 8.0;

/// The largest size of what is written (`style.css`, narrow pages).
const LARGEST_FONT: f64 = 21.0;

/// Values that are named at an axis.
const TICKS: usize = 5;

/// A table of numbers.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// The names of the columns.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// What there is to say of it.
    pub note: String,
}

/// A plot.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Its id in the page.
    pub id: String,
    /// What it is, a heading.
    pub title: String,
    /// What it shows, in a sentence or two: also for those who do not see it.
    pub description: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// What is drawn.
    pub series: Vec<Series>,
    /// The same in numbers.
    pub numbers: Numbers,
}

impl Chart {
    /// The figure, in a part of the page.
    pub fn draw(&self) -> Markup {
        self.figure(&html! { h3 { (self.title) } })
    }

    /// The figure, in a card.
    pub fn draw_in_card(&self) -> Markup {
        self.figure(&html! { h4 { (self.title) } })
    }

    fn figure(&self, heading: &Markup) -> Markup {
        html! {
            figure.plot id=(self.id) {
                figcaption {
                    (heading)
                    p { (self.description) }
                }
                (self.svg())
                @if self.series.len() > 1 || !self.series.iter().all(|one| one.name.is_empty()) {
                    ul.legend {
                        @for (index, series) in self.series.iter().enumerate() {
                            li data-series=(index) { (series.swatch()) " " (series.name) }
                        }
                    }
                }
                (self.numbers.draw(&self.title))
            }
        }
    }

    /// The room at the left, for the widest label there at the largest size.
    fn left(&self) -> f64 {
        let names = self.y.ticks(TICKS).into_iter();
        let widths = names.map(|(_, name)| width(&name));
        (widths.fold(0.0, f64::max) + APART + 4.0).ceil()
    }

    fn place(&self, left: f64, x: f64, y: f64) -> (f64, f64) {
        let across = left + self.x.place(x) * (WIDTH - left - RIGHT);
        let down = HEIGHT - BOTTOM - self.y.place(y) * (HEIGHT - TOP - BOTTOM);
        (across, down)
    }

    fn svg(&self) -> Markup {
        let (title, description) = (format!("{}-t", self.id), format!("{}-d", self.id));
        let floor = HEIGHT - BOTTOM;
        let right = WIDTH - RIGHT;
        let left = self.left();
        html! {
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                aria-labelledby={ (title) " " (description) } {
                title id=(title) { (self.title) }
                desc id=(description) { (self.description) }
                @for (tick, name) in self.y.ticks(TICKS) {
                    @let (_, y) = self.place(left, self.x.range.0, tick);
                    path.grid d={ "M" (left) " " (one(y)) "H" (right) } {}
                    text.tick x=(left - APART) y=(one(y + 4.0)) text-anchor="end" { (name) }
                }
                @for (tick, name) in self.x.ticks(TICKS) {
                    @let (x, _) = self.place(left, tick, self.y.range.0);
                    // One at the edge is moved so that all of it is seen.
                    @let half = width(&name) / 2.0;
                    @let at = x.min(WIDTH - half).max(half);
                    path.grid d={ "M" (one(x)) " " (TOP) "V" (floor + 5.0) } {}
                    text.tick x=(one(at)) y=(floor + 25.0) text-anchor="middle" { (name) }
                }
                path.axis d={ "M" (left) " " (TOP) "V" (floor) "H" (right) } {}
                @for (index, series) in self.series.iter().enumerate() {
                    path class=(series.class()) data-series=(index)
                        d=(series.path(|x, y| self.place(left, x, y), floor, (left, right))) {}
                }
                text.label x=(f64::midpoint(left, right)) y=(HEIGHT - 6.0) text-anchor="middle" { (self.x.title) }
                text.label x="4" y="18" { (self.y.title) }
            }
        }
    }
}

/// A coordinate with one digit behind the point.
fn one(value: f64) -> String {
    format!("{value:.1}")
}

/// About how wide a text is at the largest size, in the font that is widest of those
/// that are asked for: more rather than less.
fn width(text: &str) -> f64 {
    let ems = text.chars().map(|char| match char {
        '.' | ' ' | '/' | 'i' => 0.36,
        'M' | 'm' => 0.98,
        _ => 0.66,
    });
    ems.sum::<f64>() * LARGEST_FONT
}

impl Numbers {
    /// The table, folded; `title` is that of the plot.
    pub fn draw(&self, title: &str) -> Markup {
        html! {
            details.numbers {
                summary { "The same in numbers" }
                @if !self.note.is_empty() { p { (self.note) } }
                div.scroll tabindex="0" role="region" aria-label={ (title) ", in numbers" } {
                    table {
                        thead { tr { @for name in &self.head { th scope="col" { (name) } } } }
                        tbody {
                            @for row in &self.rows {
                                tr { @for cell in row { td { (cell) } } }
                            }
                        }
                    }
                }
            }
        }
    }
}
