//! A matrix: how much of each to each.

use maud::{Markup, html};

use super::chart::Numbers;
use crate::view::quantity::Bytes;

/// The size of a cell, and the room for names, in the drawing's own coordinates.
const CELL: usize = 84;
const ROW: usize = 34;
const LEFT: usize = 62;
const TOP: usize = 46;

/// Hosts of a matrix that has room beside another plot.
const MAX_NARROW: usize = 5;

/// Shades of a cell.
const SHADES: f64 = 6.0;

/// How many bytes each of some gave to each.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Its id in the page.
    pub id: String,
    /// What it is, a heading.
    pub title: String,
    /// What it shows.
    pub description: String,
    /// The short names.
    pub names: Vec<String>,
    /// A row a giver, a column a taker.
    pub cells: Vec<Vec<u64>>,
    /// The same in numbers.
    pub numbers: Numbers,
}

impl Matrix {
    /// The figure, with what the short names stand for below it.
    pub fn draw(&self, legend: &Markup) -> Markup {
        let (title, description) = (format!("{}-t", self.id), format!("{}-d", self.id));
        let size = self.names.len();
        let (width, height) = (LEFT + size * CELL + 4, TOP + size * ROW + 4);
        html! {
            figure.plot.wide[size > MAX_NARROW] id=(self.id) {
                figcaption {
                    h3 { (self.title) }
                    p { (self.description) }
                }
                div.scroll tabindex="0" role="region" aria-label=(self.title) {
                    svg.matrix viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="img"
                        data-size=(size)
                        aria-labelledby={ (title) " " (description) } {
                        title id=(title) { (self.title) }
                        desc id=(description) { (self.description) }
                        text.label x="4" y="14" { "rows gave, columns got" }
                        @for (index, name) in self.names.iter().enumerate() {
                            text.tick x=(LEFT + index * CELL + CELL / 2) y=(TOP - 8) text-anchor="middle" { (name) }
                            text.tick x=(LEFT - 8) y=(TOP + index * ROW + 21) text-anchor="end" { (name) }
                        }
                        @for (giver, row) in self.cells.iter().enumerate() {
                            @for (taker, bytes) in row.iter().enumerate() {
                                (self.cell(giver, taker, *bytes))
                            }
                        }
                    }
                }
                (legend)
                (self.numbers.draw(&self.title))
            }
        }
    }

    fn cell(&self, giver: usize, taker: usize, bytes: u64) -> Markup {
        let most = self.cells.iter().flatten().copied().max().unwrap_or(0);
        let share = bytes as f64 / most.max(1) as f64;
        let class = |letter: char| match bytes {
            0 => format!("{letter}0"),
            _ => format!("{letter}{:.0}", (share * SHADES).ceil()),
        };
        let (x, y) = (LEFT + taker * CELL, TOP + giver * ROW);
        html! {
            rect class=(class('h')) x=(x + 1) y=(y + 1) width=(CELL - 2) height=(ROW - 2) rx="3" {}
            @if bytes > 0 {
                text class=(class('v')) x=(x + CELL / 2) y=(y + 21) text-anchor="middle" {
                    (Bytes(bytes).to_string())
                }
            }
        }
    }
}
