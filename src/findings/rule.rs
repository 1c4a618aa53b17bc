//! A rule: its id, what it needs to be judged, and what there is to say about it.

use std::fmt;

use super::evidence::Evidence;
use crate::wire::Severity;

/// A rule of the catalogue. Each is a `static` beside its check; those without a
/// state are beside their explanation only, for the dissector finds them.
#[derive(Debug)]
pub struct Rule {
    /// Stable, such as `RQ-04`.
    pub id: &'static str,
    /// The BEP that says so; `None` where clients do.
    pub bep: Option<u16>,
    /// How bad it is, at worst.
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What who breaks it did, after its name: `sent a bitfield in mid-session`;
    /// empty where the title says it.
    pub deed: &'static str,
    /// What the rule says.
    pub meaning: &'static str,
    /// What happens with real clients.
    pub consequence: &'static str,
    /// What to change.
    pub fix: &'static str,
    /// What must be in the capture to judge it.
    pub needs: &'static [Evidence],
}

impl Rule {
    /// A rule whose breach makes clients close, or that a BEP makes a must.
    pub const fn error(id: &'static str, bep: u16, title: &'static str) -> Self {
        Self::new(id, bep, Severity::Error, title)
    }

    /// One that a BEP recommends, or at whose breach some clients stumble.
    pub const fn warning(id: &'static str, bep: u16, title: &'static str) -> Self {
        Self::new(id, bep, Severity::Warning, title)
    }

    /// Worth knowing.
    pub const fn info(id: &'static str, bep: u16, title: &'static str) -> Self {
        Self::new(id, bep, Severity::Info, title)
    }

    const fn new(id: &'static str, bep: u16, severity: Severity, title: &'static str) -> Self {
        Self {
            id,
            bep: if bep == 0 { None } else { Some(bep) },
            severity,
            title,
            deed: "",
            meaning: "",
            consequence: "",
            fix: "",
            needs: &[],
        }
    }

    /// The theme, with which ids begin: `RQ`.
    pub fn theme(&self) -> &'static str {
        self.id.split('-').next().unwrap_or_default()
    }

    /// This, explained: what the rule says, what its breach leads to, what to
    /// change.
    pub const fn explained(
        self,
        meaning: &'static str,
        consequence: &'static str,
        fix: &'static str,
    ) -> Self {
        Self {
            meaning,
            consequence,
            fix,
            ..self
        }
    }

    /// This, with what who breaks it did.
    pub const fn deed(self, deed: &'static str) -> Self {
        Self { deed, ..self }
    }

    /// This, judged only where there is such evidence.
    pub const fn needs(self, needs: &'static [Evidence]) -> Self {
        Self { needs, ..self }
    }
}

/// Rules are compared by their identity: each is a `static` of its own.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Rule {}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}
