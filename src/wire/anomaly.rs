//! Anomalies: the ways in which a message departs from its specification, as
//! `static`s beside the dissectors that find them. The
//! [`catalogue`](super::catalogue) lists all of them.
//!
//! An anomaly has the id of its rule. A rule that can be broken in several ways
//! has several anomalies with one id, each with words of its own.

use std::fmt;

/// A way in which a message departs from its specification.
#[derive(Debug)]
pub struct Anomaly {
    /// The rule that it breaks: stable, such as `MS-02`.
    pub id: &'static str,
    /// What is wrong, in words; each `{}` stands for an argument of the
    /// [`Deviation`].
    pub words: &'static str,
    /// The BEP that says so; `None` where clients do.
    pub bep: Option<u16>,
    /// How bad it is.
    pub severity: Severity,
    /// Whether the plain field tree and hex dump have always told it: their text
    /// does not change, so that later anomalies are shown on terminals and in
    /// JSON only.
    pub in_plain_text: bool,
    /// Whether the words are about an entry of a dictionary, which begins where the
    /// deviation is: a finding has to name it.
    pub is_of_entry: bool,
}

impl Anomaly {
    /// Mainstream clients close the connection, or a BEP says must.
    pub const fn error(id: &'static str, bep: u16, words: &'static str) -> Self {
        Self::new(id, bep, Severity::Error, words)
    }

    /// A BEP says should, or some clients stumble.
    pub const fn warning(id: &'static str, bep: u16, words: &'static str) -> Self {
        Self::new(id, bep, Severity::Warning, words)
    }

    /// Worth knowing.
    pub const fn info(id: &'static str, bep: u16, words: &'static str) -> Self {
        Self::new(id, bep, Severity::Info, words)
    }

    const fn new(id: &'static str, bep: u16, severity: Severity, words: &'static str) -> Self {
        Self {
            id,
            words,
            bep: if bep == NO_BEP { None } else { Some(bep) },
            severity,
            in_plain_text: false,
            is_of_entry: false,
        }
    }

    /// This, told in plain text too.
    pub const fn plain(self) -> Self {
        Self {
            in_plain_text: true,
            ..self
        }
    }

    /// This, of an entry of a dictionary.
    pub(super) const fn of_entry(self) -> Self {
        Self {
            is_of_entry: true,
            ..self
        }
    }

    /// The same fault under another rule.
    pub(super) const fn under(&self, id: &'static str, bep: u16) -> Self {
        Self {
            id,
            bep: if bep == NO_BEP { None } else { Some(bep) },
            words: self.words,
            severity: self.severity,
            in_plain_text: self.in_plain_text,
            is_of_entry: self.is_of_entry,
        }
    }
}

/// Instead of a BEP, of what no BEP says.
pub const NO_BEP: u16 = 0;

/// Anomalies are compared by their identity: each is a `static` of its own.
impl PartialEq for Anomaly {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Anomaly {}

/// How bad an anomaly is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing, or a likely cause of something else.
    Info,
    /// A BEP says should, or some clients stumble.
    Warning,
    /// A BEP says must, or mainstream clients close the connection.
    Error,
}

impl Severity {
    /// The name, as JSON has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Arguments that the words of an anomaly have at most.
pub const MAX_ARGUMENTS: usize = 2;

/// An anomaly of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deviation {
    /// Which one.
    pub anomaly: &'static Anomaly,
    /// Offset in the message; `None` where it has no place in its bytes.
    pub at: Option<u32>,
    /// What its words speak of, in their order.
    pub arguments: [Argument; MAX_ARGUMENTS],
}

/// What the words of an anomaly speak of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    #[default]
    None,
    /// A number.
    Number(i64),
    /// Bytes of the message that are text.
    Text {
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
    /// Bytes of the message that are a compact address.
    Address {
        /// First byte.
        start: u32,
        /// One past the last byte.
        end: u32,
    },
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Argument {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

/// What a rule finds wrong with a value: the anomaly and what its words speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breach {
    /// Which anomaly.
    pub anomaly: &'static Anomaly,
    /// What its words speak of.
    pub arguments: [Argument; MAX_ARGUMENTS],
}

impl Breach {
    /// A breach at an offset.
    pub fn at(self, at: usize) -> Deviation {
        Deviation {
            anomaly: self.anomaly,
            at: u32::try_from(at).ok(),
            arguments: self.arguments,
        }
    }
}

impl Anomaly {
    /// A breach whose words speak of one thing.
    pub fn with(&'static self, argument: impl Into<Argument>) -> Breach {
        Breach {
            anomaly: self,
            arguments: [argument.into(), Argument::None],
        }
    }

    /// A breach whose words speak of two things.
    pub fn with_both(
        &'static self,
        first: impl Into<Argument>,
        second: impl Into<Argument>,
    ) -> Breach {
        Breach {
            anomaly: self,
            arguments: [first.into(), second.into()],
        }
    }
}

impl From<&'static Anomaly> for Breach {
    fn from(anomaly: &'static Anomaly) -> Self {
        Self {
            anomaly,
            arguments: [Argument::None; MAX_ARGUMENTS],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SHORT: Anomaly = Anomaly::error("XX-01", NO_BEP, "has {} of {} bytes");

    #[test]
    fn severities_are_in_order() {
        assert!(Severity::Error > Severity::Warning);
        assert!(Severity::Warning > Severity::Info);
        assert_eq!(SHORT.bep, None);
    }

    #[test]
    fn a_breach_has_a_place() {
        let deviation = SHORT.with_both(3_u32, 4_usize).at(7);
        assert_eq!(deviation.at, Some(7));
        let numbers = [Argument::Number(3), Argument::Number(4)];
        assert_eq!(deviation.arguments, numbers);
        assert_eq!(deviation.anomaly, &SHORT);
        assert_ne!(&Anomaly::error("XX-01", NO_BEP, ""), &SHORT);
    }
}
