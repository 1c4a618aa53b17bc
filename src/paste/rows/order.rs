//! Which end of a number or a group of digits is the first byte.

use super::block::Rows;
use super::head::Head;
use super::kind::Kind;
use super::number::Notation;
use super::{hex, next};
use crate::paste::cells;
use crate::paste::column::Order;
use crate::paste::form::Form;
use crate::paste::found::Found;

/// Rows of which the characters are looked at.
const MAX_LOOK: usize = 64;

impl Rows<'_, '_> {
    /// Whether a row has numbers or groups of several bytes.
    pub fn has_words(&self, head: &Head) -> bool {
        match self.kind {
            Kind::Hex => {
                let cells = cells::read_row(self.text, head.body.clone());
                cells.groups.iter().any(|group| group.size() > 1)
            }
            Kind::Numbers(notation) => notation.width > 1,
            Kind::Characters => false,
        }
    }

    /// The same rows, to be read with the other end of each group first.
    pub fn other_way(&self) -> Self {
        let order = match self.order {
            Order::Big => Order::Little,
            Order::Little => Order::Big,
        };
        let form = match (self.kind, order) {
            (Kind::Numbers(_), Order::Big) => Form::BigWords,
            _ => self.found.form,
        };
        let found = self.found_as(form);
        Self {
            order,
            found,
            ..*self
        }
    }

    /// The same rows, to be read as decimal numbers, where three digits may be octal ones:
    /// hexyl writes either.
    pub fn other_base(&self, head: &Head) -> Option<Self> {
        let Kind::Numbers(octal) = self.kind else {
            return None;
        };
        let decimal = Kind::Numbers(Notation::plain(10, 1));
        let found = self.found_as(decimal.form());
        (octal == Notation::plain(8, 1) && !head.is_of_od()).then_some(Self {
            kind: decimal,
            found,
            ..*self
        })
    }

    /// What was read so far, in another form.
    fn found_as(&self, form: Form) -> Found {
        let mut found = Found::new(form, self.found.span.start);
        found.bytes.clone_from(&self.found.bytes);
        found.offsets.clone_from(&self.found.offsets);
        found
    }

    /// Which end of a group comes first: characters that are no placeholders tell,
    /// of whichever row.
    pub fn told(&self, first: &Head) -> Option<Order> {
        let mut told = hex::order(self.text, first);
        let mut line = self.first;
        for _ in 0..MAX_LOOK {
            if told.is_some() || self.kind != Kind::Hex {
                break;
            }
            let Some((next_line, next)) = next::next_head(self.text, line, first) else {
                break;
            };
            told = hex::order(self.text, &next);
            line = next_line;
        }
        told
    }
}
