//! What a check found, as people and programs see it.

mod explain;
mod fold;
mod json;
mod note;
mod sarif;
mod text;

pub use explain::{write_rule, write_rules};
pub use json::write_findings_json;
pub use note::finding_note;
pub use sarif::write_findings_sarif;
pub use text::{FindingsText, push_group, push_totals, write_findings};
