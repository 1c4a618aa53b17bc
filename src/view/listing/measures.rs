//! What stands on the right of a line: the queue of requests, and the latency of an answer.

use crate::capture::Timestamp;
use crate::session::Transition;
use crate::view::document::Document;
use crate::view::quantity::Latency;
use crate::view::record::Captured;
use crate::view::style::Role;

/// Columns of the queue, with the space before it.
pub const QUEUE_COLUMNS: usize = 6;

/// Columns of a latency, with the space before it.
pub const LATENCY_COLUMNS: usize = 10;

/// What stands on the right of a line, if it says something.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measures {
    /// Requests of the asker that are open after the message.
    pub queue: Option<u32>,
    /// Time from the request, in nanoseconds.
    pub latency: Option<i64>,
}

impl Measures {
    /// Those of a message.
    pub fn of(captured: &Captured<'_>) -> Self {
        let transition = captured.heard.and_then(|heard| heard.transition);
        let latency = captured.answers.map(|asked| asked.time);
        let is_known = |asked: &Timestamp| *asked != Timestamp::UNKNOWN;
        Self {
            queue: transition.and_then(Transition::queue),
            latency: latency
                .filter(is_known)
                .filter(|_| is_known(&captured.time))
                .map(|asked| captured.time.since(asked)),
        }
    }

    /// Whether nothing stands there.
    pub fn is_none(self) -> bool {
        self.queue.is_none() && self.latency.is_none()
    }

    /// The columns that they take.
    pub fn columns(self) -> usize {
        match (self.queue, self.latency) {
            (Some(_), _) => QUEUE_COLUMNS + LATENCY_COLUMNS,
            (None, Some(_)) => LATENCY_COLUMNS,
            (None, None) => 0,
        }
    }

    /// Appends them.
    pub fn push(self, document: &mut Document) {
        document.role(Role::Quiet);
        if let Some(queue) = self.queue {
            document.push_display(format_args!("{queue:>QUEUE_COLUMNS$}"));
        }
        if let Some(latency) = self.latency {
            let latency = Latency(latency).to_string();
            document.push_display(format_args!("{latency:>LATENCY_COLUMNS$}"));
        }
    }
}
