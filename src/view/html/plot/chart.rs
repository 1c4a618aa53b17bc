//! A plot with its axes, its legend, and the table of what it shows.

use maud::{Markup, html};

use super::axis::Axis;
use super::series::Series;

/// The drawing's own coordinates; on the page it is as wide as there is room.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 280.0;

/// Room around the plot for what is written at its axes.
const LEFT: f64 = 86.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 28.0;
const BOTTOM: f64 = 46.0;

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
    /// The figure.
    pub fn draw(&self) -> Markup {
        html! {
            figure.plot id=(self.id) {
                figcaption {
                    h4 { (self.title) }
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
                (self.numbers.draw())
            }
        }
    }

    fn place(&self, x: f64, y: f64) -> (f64, f64) {
        let across = LEFT + self.x.place(x) * (WIDTH - LEFT - RIGHT);
        let down = HEIGHT - BOTTOM - self.y.place(y) * (HEIGHT - TOP - BOTTOM);
        (across, down)
    }

    fn svg(&self) -> Markup {
        let (title, description) = (format!("{}-t", self.id), format!("{}-d", self.id));
        let floor = HEIGHT - BOTTOM;
        let right = WIDTH - RIGHT;
        html! {
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                aria-labelledby={ (title) " " (description) } {
                title id=(title) { (self.title) }
                desc id=(description) { (self.description) }
                @for (tick, name) in self.y.ticks(TICKS) {
                    @let (_, y) = self.place(self.x.range.0, tick);
                    path.grid d={ "M" (LEFT) " " (one(y)) "H" (right) } {}
                    text.tick x=(LEFT - 8.0) y=(one(y + 4.0)) text-anchor="end" { (name) }
                }
                @for (tick, name) in self.x.ticks(TICKS) {
                    @let (x, _) = self.place(tick, self.y.range.0);
                    path.grid d={ "M" (one(x)) " " (TOP) "V" (floor + 5.0) } {}
                    text.tick x=(one(x)) y=(floor + 18.0) text-anchor="middle" { (name) }
                }
                path.axis d={ "M" (LEFT) " " (TOP) "V" (floor) "H" (right) } {}
                @for (index, series) in self.series.iter().enumerate() {
                    path class=(series.class()) data-series=(index)
                        d=(series.path(|x, y| self.place(x, y), floor, (LEFT, right))) {}
                }
                text.label x=(f64::midpoint(LEFT, right)) y=(HEIGHT - 6.0) text-anchor="middle" { (self.x.title) }
                text.label x="4" y="14" { (self.y.title) }
            }
        }
    }
}

/// A coordinate with one digit behind the point.
fn one(value: f64) -> String {
    format!("{value:.1}")
}

impl Numbers {
    /// The table, folded.
    pub fn draw(&self) -> Markup {
        html! {
            details.numbers {
                summary { "The same in numbers" }
                @if !self.note.is_empty() { p { (self.note) } }
                div.scroll tabindex="0" {
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
