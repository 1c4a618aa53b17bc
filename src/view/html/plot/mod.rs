//! Plots as SVG: axes, lines, points, bars, and a table of what they show.

mod axis;
mod chart;
mod matrix;
mod series;

pub use axis::{Axis, Measure};
pub use chart::{Chart, Numbers};
pub use matrix::Matrix;
pub use series::{Marks, Series};
