//! What was transferred, put together again: the `.torrent` and the files.
//!
//! A capture is read twice. The first reading ([`Survey`]) learns what there is to
//! know of the torrents: info dictionaries, piece layers, trackers, `.torrent` files
//! that went by. The second one ([`Collector`]) takes the blocks of all connections,
//! in both directions, joins them to pieces, and writes each piece that its hash
//! proves.
//!
//! | | |
//! |---|---|
//! | [`Survey`], [`Surveyed`] | the first reading |
//! | [`Catalog`], [`Known`] | the torrents whose info dictionary is known |
//! | [`Collector`], [`Options`] | the second reading |
//! | [`Output`] | the folder that is written to |
//! | [`Extracted`] | what came of it, for views |
//!
//! # Memory
//!
//! What has come of pieces that are not whole yet is held up to
//! [`MAX_HELD`](assembly::MAX_HELD); beyond, the pieces that wait for longest go to a
//! file without a name. A hostile capture can make neither grow beyond what it brings
//! itself.

pub mod assembly;
mod catalog;
mod coding;
mod collector;
mod cover;
mod downloads;
mod draft;
mod finish;
mod metafile;
mod output;
mod parts;
mod raw;
mod results;
mod sender;
mod spool;
mod survey;
mod trackers;
mod unread;
mod verified;
mod web;

pub use catalog::{Catalog, Known, Origin};
pub use collector::{Collector, Options, PieceData, Trouble};
pub use finish::WriteMap;
pub use output::{Output, OutputError};
pub use results::{
    Extracted, ExtractedFile, ExtractedTorrent, Failure, Given, PieceMap, Provenance, RawFile,
    Written,
};
pub use sender::{Sender, SenderId, Senders};
pub use spool::Spool;
pub use survey::{Survey, Surveyed};
pub use unread::{Unread, UnreadReason};
pub use verified::VerifiedPieces;
