//! What people and programs see: lines, field tree, annotated hex, tables, JSON.
//!
//! Views write a [`Document`], lines of styled runs, or a [`Table`], rows of cells;
//! what they look like is decided last, by a renderer: [`Terminal`] is the one for
//! terminals, files and pipes. A command describes a decoded message as a
//! [`Record`] and gives it to a [`Printer`], which does both; whoever renders in
//! another way gives it to a [`Describer`], or writes its fields
//! ([`tree::push_tree`]) and bytes ([`hexdump::push_dump`]) themselves. Text of a
//! capture gets into a document by no other way: see [`text`] for what is done to
//! it.

pub mod array;
mod brief;
pub mod clock;
mod compare;
mod connection;
pub mod describer;
pub mod document;
pub mod dump;
mod ends;
#[cfg(unix)]
mod extract;
mod facts;
mod findings;
#[cfg(test)]
mod fixture;
mod flags;
#[cfg(feature = "cli")]
pub mod grid;
mod heard;
pub mod hexdump;
#[cfg(feature = "cli")]
pub mod html;
pub mod json;
mod ladder;
pub mod line;
mod listing;
pub mod number;
pub mod options;
pub mod printer;
pub mod quantity;
mod record;
mod remarks;
mod request_line;
#[cfg(all(test, feature = "cli"))]
mod safety;
mod session_details;
#[cfg(feature = "cli")]
mod session_list;
#[cfg(feature = "cli")]
mod session_table;
mod sessions;
pub mod style;
mod swarm;
pub mod table;
pub mod terminal;
pub mod text;
pub mod tree;
mod words;

pub use array::{ArrayWriter, Language};
pub use brief::brief;
pub use clock::TimeFormat;
pub use compare::{Found, comparison_json, write_comparison};
pub use connection::Happening;
pub use describer::Describer;
pub use document::{Document, Line};
#[cfg(unix)]
pub use extract::{
    CaptureSum, push_extracted, push_raw, write_extracted_json, write_manifest, write_piece_map,
};
pub use facts::peer_facts;
pub use findings::{
    FindingsText, finding_note, push_group, push_totals, write_findings, write_findings_json,
    write_findings_sarif, write_rule, write_rules,
};
pub use heard::with_record;
pub use ladder::{Ladder, LadderJson, remarks as ladder_remarks};
pub use options::{Format, Medium, Options};
pub use printer::Printer;
pub use record::{Captured, Gap, LogLine, Origin, Place, Record, Subject};
pub use request_line::{RequestFate, RequestLine};
pub use session_details::{push_attempt, push_details};
#[cfg(feature = "cli")]
pub use session_list::SessionList;
#[cfg(feature = "cli")]
pub use session_table::SessionTable;
pub use sessions::{End, SessionJson, SessionSummary};
pub use style::{ColorChoice, Role};
#[cfg(feature = "cli")]
pub use style::{stderr_columns, stdout_columns};
pub use swarm::{
    Verified, push_dht, push_swarm, torrent_table, write_dht_json, write_swarm_json,
    write_swarms_dot, write_torrent_json,
};
pub use table::Table;
pub use terminal::Terminal;
