//! Choke and interest.

/// How one side stands towards the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stance {
    pub choking: bool,
    pub interested: bool,
}

impl Stance {
    /// Both sides begin so (BEP 3).
    pub(super) const INITIAL: Self = Self {
        choking: true,
        interested: false,
    };
}
