//! Which rules are looked at: `--rules` and `--ignore`.

use std::fmt;

use super::rule::Rule;

/// A name that no rule and no theme has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRule(pub String);

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no rule is called {:?}; `peerscope explain` lists all",
            self.0
        )
    }
}

impl std::error::Error for UnknownRule {}

/// The rules that are looked at: by default all.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    only: Vec<String>,
    ignored: Vec<String>,
}

impl Selection {
    /// `only` these of `rules` (all if there are none), but for those `ignored`. A
    /// name is an id (`RQ-04`) or what ids begin with (`RQ`).
    pub fn new(
        only: &[String],
        ignored: &[String],
        rules: &(impl Iterator<Item = &'static Rule> + Clone),
    ) -> Result<Self, UnknownRule> {
        let known = |name: &String| {
            let name = name.to_ascii_uppercase();
            let is_known = rules.clone().any(|rule| matches(rule, &name));
            if is_known {
                Ok(name)
            } else {
                Err(UnknownRule(name))
            }
        };
        Ok(Self {
            only: only.iter().map(known).collect::<Result<_, _>>()?,
            ignored: ignored.iter().map(known).collect::<Result<_, _>>()?,
        })
    }

    /// Whether findings of this rule are wanted.
    pub fn takes(&self, rule: &Rule) -> bool {
        let is_in = |names: &[String]| names.iter().any(|name| matches(rule, name));
        (self.only.is_empty() || is_in(&self.only)) && !is_in(&self.ignored)
    }
}

/// Whether a name is that of the rule or of its theme.
fn matches(rule: &Rule, name: &str) -> bool {
    name == rule.id || name == rule.theme()
}
