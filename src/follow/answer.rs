//! What a message answers.

/// That something was asked for, and how long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The packet of the request.
    pub request: u64,
    /// From the request to the answer, in nanoseconds.
    pub nanos: i64,
}
