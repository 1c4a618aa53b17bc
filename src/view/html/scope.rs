//! What of a capture a page is about.

/// What of a capture a page is about, where that is not all of it.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The expression that is true for its messages.
    pub filter: Option<String>,
    /// The numbers of its connections; all if there are none.
    pub streams: Vec<u64>,
}
