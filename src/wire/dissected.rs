//! What a dissector gives back.

use super::reader::{Malformed, Problem};

/// A message and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dissected<M> {
    /// What could be read.
    pub message: M,
    /// Why that is not all, or what breaks the layout.
    pub problem: Option<Problem>,
}

impl<M> Dissected<M> {
    /// A message with which nothing is wrong.
    pub const fn sound(message: M) -> Self {
        Self {
            message,
            problem: None,
        }
    }

    /// The same as another type of message.
    #[inline]
    pub fn map<N>(self, into: impl FnOnce(M) -> N) -> Dissected<N> {
        Dissected {
            message: into(self.message),
            problem: self.problem,
        }
    }

    /// Where it breaks its layout.
    pub fn malformed(&self) -> Option<Malformed> {
        self.problem.and_then(Problem::malformed)
    }
}
