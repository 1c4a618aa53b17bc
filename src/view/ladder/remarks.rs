//! What is wrong with a message, for its rung.

use super::super::remarks::push_deviation;
use crate::follow::{Remark, Remarks};
use crate::session::{Certainty, Heard};
use crate::wire::{Deviations, Problem, Severity};

/// Anomalies of one message that are told.
const MAX_REMARKS: usize = 4;

/// Says what is wrong with messages.
pub fn remarks() -> Remarks {
    let mut deviations = Deviations::default();
    Box::new(move |heard| of(heard, &mut deviations))
}

fn of(heard: &Heard<'_>, deviations: &mut Deviations) -> Vec<Remark> {
    if heard.certainty() == Certainty::Likely {
        return Vec::new();
    }
    deviations.clear();
    heard.dissect(deviations);
    let broken = heard.problem().map(|problem| match problem {
        Problem::Malformed(malformed) => Remark {
            severity: Severity::Error,
            rule: Some(malformed.anomaly.id),
            words: format!("malformed: {}", malformed.reason()),
        },
        Problem::Cut => Remark {
            severity: Severity::Warning,
            rule: None,
            words: format!(
                "cut: {} of {} bytes are there",
                heard.bytes.len(),
                heard.length
            ),
        },
    });
    let deviations = deviations.list().iter().map(|deviation| {
        let mut words = String::new();
        push_deviation(&mut words, deviation, heard.bytes);
        Remark {
            severity: deviation.anomaly.severity,
            rule: Some(deviation.anomaly.id),
            words,
        }
    });
    broken
        .into_iter()
        .chain(deviations)
        .take(MAX_REMARKS)
        .collect()
}
