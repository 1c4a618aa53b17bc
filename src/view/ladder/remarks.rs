//! What is wrong with a message, for its rung.

use super::super::remarks::{Cut, push_deviation};
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
    let broken = heard.problem().and_then(|problem| match problem {
        Problem::Malformed(malformed) => Some(Remark {
            severity: Severity::Error,
            rule: Some(malformed.anomaly.id),
            words: format!("malformed: {}", malformed.reason()),
        }),
        // Of what the capture holds not all is kept to be decoded.
        Problem::Cut if heard.missing == 0 => None,
        Problem::Cut => Some(Remark {
            severity: Severity::Warning,
            rule: None,
            words: Cut {
                length: heard.length,
                missing: heard.missing,
                unsent: heard.unsent,
            }
            .to_string(),
        }),
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
