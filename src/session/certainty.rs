//! How sure a statement is.

/// How sure it is that a connection is what it is told as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Its bytes look like it and nothing speaks against it: "may be". Such a
    /// connection is in no total and is shown only when asked for.
    Likely,
    /// Its bytes look like it, and messages of the capture name its acceptor as a
    /// peer.
    Inferred,
    /// Its bytes prove it.
    #[default]
    Certain,
}

impl Certainty {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Likely => "likely",
            Self::Inferred => "inferred",
            Self::Certain => "certain",
        }
    }
}
