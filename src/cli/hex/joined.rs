//! Messages that were printed in two parts.

use super::show;
use crate::paste::{Dump, Section};
use crate::pasted;

/// Joins dumps that are one message with words between its sections; the words go
/// before it.
pub(super) fn joined(sections: Vec<Section<'_>>) -> Vec<Section<'_>> {
    let mut joined: Vec<Section<'_>> = Vec::new();
    for section in sections {
        if let Section::Dump(second) = &section
            && second.follows
            && let Some(index) = last_dump(&joined)
            && let Section::Dump(first) = &joined[index]
            && let Some(order) = Order::of(first, second, &joined[index + 1..])
        {
            let (Section::Dump(mut first), Section::Dump(mut second)) =
                (joined.remove(index), section)
            else {
                continue;
            };
            if order == Order::Swapped {
                std::mem::swap(&mut first, &mut second);
            }
            first.append(second);
            joined.push(Section::Dump(first));
            continue;
        }
        joined.push(section);
    }
    joined
}

/// In which order two dumps are one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    AsPrinted,
    /// The payload was printed first.
    Swapped,
}

impl Order {
    fn of(first: &Dump, second: &Dump, between: &[Section<'_>]) -> Option<Self> {
        let completes =
            |a: &Dump, b: &Dump| pasted::completes(&show::sample(a, ""), &show::sample(b, ""));
        // The value of a variable between them is not printed: `b".." + info_hash + b".."`.
        let is_sum = |section: &Section<'_>| match section {
            Section::Context(words) => {
                words.text.trim().starts_with('+') && words.text.trim().ends_with('+')
            }
            Section::Dump(_) | Section::Logged(_) => false,
        };
        if between.iter().any(is_sum) {
            return None;
        }
        let names_header = |section: &Section<'_>| match section {
            Section::Context(words) => words.text.to_ascii_lowercase().contains("header"),
            Section::Dump(_) | Section::Logged(_) => false,
        };
        if completes(first, second) {
            Some(Self::AsPrinted)
        } else if between.iter().any(names_header) && completes(second, first) {
            Some(Self::Swapped)
        } else {
            None
        }
    }
}

fn last_dump(sections: &[Section<'_>]) -> Option<usize> {
    sections
        .iter()
        .rposition(|section| matches!(section, Section::Dump(_)))
}
