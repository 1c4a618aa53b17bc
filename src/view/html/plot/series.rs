//! What is drawn in a plot: lines, points, bars.

use std::fmt::Write as _;

use maud::{Markup, html};

/// The marks of a series; values as the axes have them.
#[derive(Debug, Clone)]
pub enum Marks {
    /// A value that holds until the next one.
    Steps(Vec<(f64, f64)>),
    /// Points.
    Points(Vec<(f64, f64)>),
    /// From, to, height.
    Bars(Vec<(f64, f64, f64)>),
    /// One value throughout: a limit.
    Level(f64),
}

/// A series of a plot.
#[derive(Debug, Clone)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its colour, dash and mark.
    pub style: usize,
    /// What is drawn.
    pub marks: Marks,
}

impl Series {
    /// The path of its marks, in the coordinates that `place` gives; `floor` is where
    /// bars stand and `right` where levels end.
    pub fn path(
        &self,
        place: impl Fn(f64, f64) -> (f64, f64),
        floor: f64,
        ends: (f64, f64),
    ) -> String {
        let mut path = String::new();
        match &self.marks {
            Marks::Steps(values) => {
                for (index, (x, y)) in values.iter().enumerate() {
                    let (x, y) = place(*x, *y);
                    let _ = if index == 0 {
                        write!(path, "M{x:.1} {y:.1}")
                    } else {
                        write!(path, "H{x:.1}V{y:.1}")
                    };
                }
            }
            Marks::Points(values) => {
                for (x, y) in values {
                    let (x, y) = place(*x, *y);
                    let _ = write!(path, "M{x:.1} {y:.1}{}", shape(self.style));
                }
            }
            Marks::Bars(bars) => {
                for (from, to, height) in bars.iter().filter(|bar| bar.2 > 0.0) {
                    let ((left, top), (right, _)) = (place(*from, *height), place(*to, *height));
                    let right = (right - 0.5).max(left + 0.5);
                    let _ = write!(
                        path,
                        "M{left:.1} {floor:.1}V{top:.1}H{right:.1}V{floor:.1}Z"
                    );
                }
            }
            Marks::Level(value) => {
                let (_, y) = place(0.0, *value);
                let _ = write!(path, "M{:.1} {y:.1}H{:.1}", ends.0, ends.1);
            }
        }
        path
    }

    /// The class that draws it.
    pub fn class(&self) -> String {
        let kind = match self.marks {
            Marks::Steps(_) => "ln",
            Marks::Points(_) => "pt",
            Marks::Bars(_) => "br",
            Marks::Level(_) => "lv",
        };
        format!("{kind} c{}", self.style)
    }

    /// What it looks like, for the legend.
    pub fn swatch(&self) -> Markup {
        let path = match self.marks {
            Marks::Steps(_) | Marks::Level(_) => "M1 7H27".to_owned(),
            Marks::Points(_) => format!("M14 7{}", shape(self.style)),
            Marks::Bars(_) => "M8 13V2H20V13Z".to_owned(),
        };
        html! {
            svg.swatch viewBox="0 0 28 14" aria-hidden="true" { path class=(self.class()) d=(path) {} }
        }
    }
}

/// The mark of a style around the point where the pen is.
fn shape(style: usize) -> String {
    const SHAPES: [&str; 8] = [
        // circle, square, triangle, diamond, cross, plus, bar, dot
        "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
        "m-2.7-2.7h5.4v5.4h-5.4z",
        "m0-3.4l3.3 6h-6.6z",
        "m0-3.8l3.3 3.8l-3.3 3.8l-3.3-3.8z",
        "m-3-3l6 6m0-6l-6 6",
        "m-3.4 0h6.8m-3.4-3.4v6.8",
        "m0-3.4v6.8",
        "m-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z",
    ];
    SHAPES[style % SHAPES.len()].to_owned()
}
