//! What departs from a specification in a message.

use crate::wire::Severity;

/// An anomaly of a message, or that it is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// How bad it is.
    pub severity: Severity,
    /// The rule that is broken; `None` where the capture lacks a part.
    pub rule: Option<&'static str>,
    /// What is wrong; sanitised.
    pub words: String,
}
