//! What a report is made of: the findings, the connections that tell most, their
//! courses over time, and totals of all.
//!
//! The [`Collector`] listens to a capture and keeps a bounded [`Digest`] of it. It
//! judges nothing and counts nothing that somebody else counts: findings are those
//! of the [`Checker`](crate::findings::Checker), figures those of the conversations.
//! Its own are the [`Course`]s: how a connection went over time, in series that are
//! bounded by their making. This is the one place of such series.

mod bins;
mod capability;
mod collector;
mod course;
mod courses;
mod digest;
mod ladder;
mod samples;
mod shelf;
mod totals;
mod utp;

pub use bins::{Bins, Merge, Span};
pub use capability::{Capability, CapabilitySide, capabilities};
pub use collector::{Collector, Describe};
pub use course::{Course, Latency, PieceAt, Queue, SideCourse};
pub use courses::{Courses, Gone};
pub use digest::{Card, Digest, Profile, TorrentTotals};
pub use ladder::{Ladder, Step};
pub use samples::Samples;
pub use shelf::MAX_CARDS;
pub use totals::{Requests, Served, Totals};
pub use utp::{UtpBin, UtpCourse};
