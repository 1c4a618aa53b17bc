//! A BitTorrent protocol analyzer as a library: packets go in, decoded messages
//! come out, each byte with its name.
//!
//! # What it decodes
//!
//! | protocol | module |
//! |---|---|
//! | the peer wire: BEP 3, 6, 10 and the extensions of BEP 9, 11, 21, 28, 52, 54, 55; Azureus messaging | [`wire::peer`], [`wire::extension`] |
//! | Message Stream Encryption, with or without keys | [`wire::mse`] |
//! | uTP (BEP 29) | [`wire::utp`] |
//! | the DHT (BEP 5, 32, 33, 42, 43, 44, 50, 51) | [`wire::dht`] |
//! | UDP and HTTP trackers (BEP 15, 41; 3, 7, 23, 24, 31, 48), local discovery (BEP 14) | [`wire::udp_tracker`], [`wire::http_tracker`], [`wire::lsd`] |
//! | bencode and metainfo files of v1, v2 and hybrid torrents | [`wire::bencode`], [`wire::metainfo`] |
//! | pcap and pcapng, plain, gzip or zstd; TCP and uTP reassembly | [`capture`], [`packet`], [`flow`] |
//!
//! # Examples
//!
//! One message:
//!
//! ```
//! use peerscope::wire::peer::{self, Context, Message};
//!
//! let bytes = [0, 0, 0, 13, 6, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0x40, 0];
//! let read = peer::dissect(&bytes, bytes.len(), &Context::default(), &mut ());
//! assert!(read.problem.is_none());
//! assert_eq!(read.message.to_string(), "request piece 7, offset 0, 16 KiB");
//! let Message::Request(block) = read.message else { panic!() };
//! assert_eq!((block.index, block.length), (7, 16384));
//! ```
//!
//! Its fields, by the same dissector with another sink. The leaves of the tree
//! cover every byte of a message, whatever is in it:
//!
//! ```
//! use peerscope::wire::Tree;
//! use peerscope::wire::peer::{self, Context};
//!
//! let bytes = [0, 0, 0, 5, 4, 0, 0, 0, 77];
//! let mut tree = Tree::new();
//! peer::dissect(&bytes, bytes.len(), &Context::default(), &mut tree);
//! let fields: Vec<(&str, u32, u32)> = tree
//!     .leaves()
//!     .filter_map(|(_, leaf)| Some((leaf.label.field()?.name, leaf.start, leaf.end)))
//!     .collect();
//! assert_eq!(fields, [("length_prefix", 0, 4), ("id", 4, 5), ("piece", 5, 9)]);
//! ```
//!
//! A capture, heard by an observer:
//!
//! ```
//! use peerscope::capture;
//! use peerscope::pipeline::{Observer, Pipeline};
//! use peerscope::session::{Heard, Torrents};
//!
//! #[derive(Default)]
//! struct Requests(Vec<String>);
//!
//! impl Observer for Requests {
//!     fn message(&mut self, heard: &Heard<'_>) {
//!         if heard.message_name() == "request" {
//!             self.0.push(format!("{} asks {}: {heard}", heard.src, heard.dst));
//!         }
//!     }
//! }
//!
//! let mut source = capture::open(&["captures/demo.pcap".into()])?;
//! let mut requests = Requests::default();
//! let mut pipeline = Pipeline::new(&mut requests, Torrents::default());
//! let read = pipeline.run(&mut source);
//! // What a damaged file holds before the damage was heard all the same.
//! pipeline.finish();
//! read?;
//! assert_eq!(
//!     requests.0[0],
//!     "10.98.0.2:36381 asks 10.98.0.1:6881: request piece 7, offset 0, 16 KiB"
//! );
//! # Ok::<(), peerscope::capture::CaptureError>(())
//! ```
//!
//! # Features
//!
//! | feature | adds | C |
//! |---|---|---|
//! | `cli` (default) | the program `peerscope`, tables for a terminal | no |
//! | `live` (default) | `capture::Live`, and packet filters in the language of libpcap | libpcap |
//! | `keys` (default, Linux) | keys of connections from the memory of running clients | no |
//! | `tui` (default, Unix) | `tui`: the messages of a capture on a whole screen | no |
//! | `active` (default, Unix) | `active`: a peer that downloads and serves | for TLS |
//!
//! Without default features this is the library alone, in pure Rust:
//! `peerscope = { version = "0.1", default-features = false }`.
//!
//! # Bounds
//!
//! Whatever a capture or a peer sends, memory and work stay bounded: a message is
//! kept up to 1 MiB, bencode nests to 128, what streams wait for is limited each
//! and in common. `ARCHITECTURE.md` has the table. Where a bound bites, it is told
//! as a gap or a note, not passed over.
//!
//! # What never panics
//!
//! Nothing that reads bytes: every `dissect` and `parse`, the sources of
//! [`capture`], [`flow`], [`pipeline`] and [`view`] take any input. Property tests
//! and fuzz targets hold them to it. There is no unsafe code. Names and texts of a
//! capture are given as they are, and made harmless by [`view`] alone
//! ([`view::text::Safe`]).
//!
//! # Errors
//!
//! They carry numbers: [`capture::CaptureError`] the file, the offset, and where
//! lengths are wrong how many bytes were needed and which length limited them
//! ([`capture::Lack`]); a message that breaks its layout the offset and the reason
//! ([`wire::Malformed`]), one that is cut what is missing.

#[cfg(all(feature = "active", unix))]
pub mod active;
pub mod capture;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
#[cfg(unix)]
pub mod extract;
pub mod filter;
pub mod findings;
pub mod flow;
pub mod follow;
pub mod identify;
pub mod keys;
pub mod notation;
pub mod packet;
pub mod paste;
pub mod pasted;
pub mod pipeline;
pub mod privacy;
pub mod report;
pub mod session;
pub mod swarm;
pub mod torrent;
#[cfg(all(feature = "tui", unix))]
pub mod tui;
pub mod view;
pub mod wire;
