//! What the selected field means, in a line below the fields, or two.

use super::Model;
use super::detail::Detail;
use crate::view::text::{clipped, width, wrap};
use crate::wire::Label;

/// Blanks before the number of the BEP.
const GAP: usize = 2;

/// The words, laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The field's name.
    pub name: String,
    /// Its place among the bytes, which stands behind it.
    pub span: String,
    /// One or two rows; name and place are at the beginning of the first one.
    pub rows: Vec<String>,
    /// The specification, on the right of the last row.
    pub bep: String,
}

impl Meaning {
    /// Of the field that is selected, in so many columns; `None` for an event.
    pub fn of(detail: &Detail, columns: usize) -> Option<Self> {
        let message = detail.message_type?;
        let bep = message.bep;
        let bep = bep.map_or(String::new(), |bep| format!("BEP {bep}"));
        let (mut name, mut span, mut words) = <(String, String, &str)>::default();
        if let Some(node) = detail.selected() {
            let field = node.label.field();
            words = field.map_or("", |field| field.meaning);
            name = match (node.label, field) {
                (Label::Item(number, field), _) => format!("{}[{number}]", field.name),
                (_, Some(field)) => field.name.to_owned(),
                (_, None) => "a key of the sender's own".to_owned(),
            };
            span = match node.end.saturating_sub(node.start) {
                0 => String::new(),
                1 => format!(", byte {}", node.start),
                _ => format!(", bytes {} to {}", node.start, node.end - 1),
            };
        }
        let text = if words.is_empty() {
            format!("{name}{span}")
        } else {
            format!("{name}{span}: {words}")
        };
        let room = columns.saturating_sub(width(&bep) + GAP);
        let first = wrap(&text, room).next().unwrap_or_default();
        let mut rows = vec![first.to_owned()];
        let rest = text[first.len()..].trim_start();
        if !rest.is_empty() {
            rows.push(clipped(rest, room).into_owned());
        }
        Some(Self {
            name,
            span,
            rows,
            bep,
        })
    }
}

impl Model {
    /// What the selected field means.
    pub fn meaning(&self) -> Option<Meaning> {
        Meaning::of(self.detail.as_ref()?, self.size.0.into())
    }

    /// Rows that it takes.
    pub(super) fn meaning_rows(&self) -> u16 {
        self.meaning()
            .map_or(1, |meaning| meaning.rows.len() as u16)
    }
}
