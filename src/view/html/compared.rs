//! Two sessions held against each other.

use maud::{Markup, html};

use crate::compare::Comparison;

/// The part about what differs.
pub fn draw(comparison: &Comparison) -> Markup {
    let _ = comparison;
    html! {}
}
