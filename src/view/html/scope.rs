//! What of a capture a page is about.

/// What of a capture a page is about, where that is not all of it.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The expression that is true for its messages.
    pub filter: Option<String>,
    /// The numbers of its connections; all if there are none.
    pub streams: Vec<u64>,
}

impl Scope {
    /// That of an expression and of numbers of connections; `None` is all of it.
    pub fn of(filter: Option<&str>, streams: &[u64]) -> Option<Self> {
        let is_part = filter.is_some() || !streams.is_empty();
        is_part.then(|| Self {
            filter: filter.map(str::to_owned),
            streams: streams.to_vec(),
        })
    }
}
