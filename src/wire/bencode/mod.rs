//! Bencode (BEP 3): the encoding of extension messages, DHT messages, tracker
//! replies and `.torrent` files.
//!
//! [`Tape`] is an iterative, depth-capped parse of any bytes into tokens with
//! spans and anomalies. It never fails outright: what precedes a fault is kept.
//! [`Document`] and [`Node`] read values from it, [`report`] tells a
//! [`Sink`](super::Sink) about it with the names of a [`Table`], [`dissect`] does
//! both for the next bytes of a [`Reader`](super::Reader). [`Dict`] and [`List`]
//! write canonical bencode.
//!
//! ```
//! use peerscope::wire::bencode::Document;
//!
//! let document = Document::parse(b"d8:msg_typei1e5:piecei0ee and what follows");
//! let root = document.root().unwrap();
//! assert_eq!(root.get(b"msg_type").and_then(|node| node.as_int()), Some(1));
//! assert_eq!(document.trailing(), b" and what follows");
//! ```

mod encode;
mod fit;
mod node;
mod parse;
mod report;
mod rules;
mod table;
mod tape;
#[cfg(test)]
mod tests;

pub use encode::{Dict, List, bytes, int};
pub use node::{Document, Entries, Items, Node};
pub(super) use report::ANYWHERE;
pub use report::{dissect, report};
pub use rules::{PLAIN, Rules, TRAILING};
pub use table::{Check, Compact, Key, Part, Shape, Table};
pub use tape::{Anomaly, AnomalyKind, Error, Limits, Reason, Tape, Token, TokenKind};
