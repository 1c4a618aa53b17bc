//! Two sessions side by side (`diff`): facts, messages, and where they part.

mod json;
pub(super) mod messages;
mod page;
pub(super) mod value;

pub use json::comparison_json;
pub use page::{Found, write_comparison};
