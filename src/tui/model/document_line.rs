//! A line of the panes of fields and bytes.

use crate::view::Role;

/// A line of a pane, in runs, and the field that it is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentLine {
    /// The text, in pieces of one role.
    pub runs: Vec<(Role, String)>,
    /// The node of the tree.
    pub node: Option<usize>,
}
