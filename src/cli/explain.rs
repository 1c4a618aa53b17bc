//! `peerscope explain`: what a rule means, and what to do about it.

use clap::Args;

use super::args::Color;
use super::output::Output;
use crate::findings::{UnknownRule, rules};
use crate::view::{ColorChoice, style, write_rule, write_rules};

pub(super) const EXAMPLES: &str = "\
Examples:
  peerscope explain            all rules, a line each
  peerscope explain RQ-04      one of them
  peerscope explain RQ         those on requests";

/// `peerscope explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id of a rule, or what ids begin with; without it all are listed
    #[arg(value_name = "RULE")]
    rule: Option<String>,

    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// Runs the command.
pub fn run(args: &ExplainArgs) -> anyhow::Result<()> {
    let mut out = Output::new();
    let colour = ColorChoice::from(args.color).for_stdout();
    let asked = args
        .rule
        .as_deref()
        .unwrap_or_default()
        .to_ascii_uppercase();
    if let Some(rule) = rules::get(&asked) {
        out.write(|out| write_rule(out, rule, style::stdout_columns(), colour));
    } else {
        let mut some = rules::listed();
        some.retain(|rule| rule.id.starts_with(&asked));
        if some.is_empty() {
            return Err(UnknownRule(asked).into());
        }
        out.write(|out| write_rules(out, some.into_iter(), colour));
    }
    out.finish()
}
