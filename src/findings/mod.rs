//! What is wrong in a capture: who broke which rule, and why connections ended.
//!
//! A rule is a [`Rule`]: an id, a severity, the evidence it needs, and texts that
//! explain it. What one message alone shows is an
//! [`Anomaly`](crate::wire::Anomaly) of the catalogue, found by the dissector, and
//! the [`Checker`] only collects it. What takes the conversation to see is checked
//! in [`rules`], a file a theme, against a [`Scene`]: the message, the
//! conversation as it was before, and the little that the [`Watch`] of the
//! connection remembers beyond that.
//!
//! A false alarm costs more than a miss. A rule that blames one side for what the
//! other did or did not send is a [`Suspicion`] first: it becomes a finding when
//! the capture has gone on for a while and no hole came to light on either side.

mod cause;
mod checker;
mod connections;
mod deviant;
mod dictionary;
mod discovery;
mod doubles;
mod end;
mod evidence;
mod few;
mod finding;
mod first_word;
mod gathered;
mod greeting;
mod lacks;
mod names;
mod open;
mod queries;
mod report;
mod rule;
pub mod rules;
mod scene;
mod selection;
mod sources;
mod stall;
mod suspicion;
mod turned_away;
mod udp_requests;
mod utp_habits;
mod verified;
mod watch;
mod watches;
mod words;

pub use cause::{Cause, Weight};
pub use checker::Checker;
pub use evidence::{Evidence, Unmet};
pub use finding::{Excerpt, Finding, Place};
pub use report::{Group, NotEvaluated, Report, Standing};
pub use rule::Rule;
pub use scene::Scene;
pub use selection::{Selection, UnknownRule};
pub use suspicion::Suspicion;
pub use verified::Checked;
pub use watch::Watch;
