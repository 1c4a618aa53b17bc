//! The state of a conversation between two peers: what they announced, what is
//! asked for and has not come, which torrent it is about; and the cutting of
//! their streams into messages. Beside it, what is remembered of conversations
//! with the DHT and with trackers.

mod announced;
pub mod budget;
pub mod certainty;
mod conflict;
mod connection_event;
pub mod content;
pub mod conversation;
mod crossing;
pub mod dht;
mod early;
pub mod ends;
pub mod event;
mod evidence;
mod expectations;
pub mod facts;
mod figures;
mod first_bytes;
pub mod framer;
mod greetings;
mod hole;
mod hosts;
pub mod http;
pub mod keylog;
mod latency;
mod ledger;
pub mod metadata;
mod notice;
mod past;
mod possession;
pub mod recent;
pub mod resync;
mod setback;
mod speaker;
mod stance;
mod tokens;
pub mod torrents;
pub mod udp_tracker;
mod utp;
pub mod web;
mod web_seed;

pub use announced::{Announced, Entry};
pub use budget::{Budget, Charge};
pub use certainty::Certainty;
pub use conflict::Conflict;
pub use connection_event::{
    Actor, ConnectionChange, ConnectionEvent, LastMessage, Negotiation, Outcome,
};
pub use content::{Content, Dissection};
pub use conversation::Conversation;
pub use dht::DhtQueries;
pub use ends::{Ends, NamedBy, Naming, Standing};
pub use event::{Encryption, Ended, Finish, Heard};
pub use expectations::Expectations;
pub use facts::{Fact, FactValue};
pub use figures::{LatencyFigures, RequestFigures};
pub use first_bytes::FirstBytes;
pub use framer::{Body, Frame, Framer, Frames, Lost};
pub use hole::Hole;
pub use hosts::HostNames;
pub use http::HttpTracker;
pub use keylog::{KeyLog, Opened};
pub use latency::{Latencies, LatencyHistogram};
pub use ledger::{Closing, Fates, Ledger, Transition};
pub use notice::{Acked, Notice, REACTION_NANOS};
pub use past::{Past, PastEnd};
pub use possession::Possession;
pub use resync::Resync;
pub use setback::{SetbackWords, setbacks};
pub use speaker::{Counts, Limits, Milestones, Speaker};
pub use stance::Stance;
pub use tokens::{GivenTokens, TokenOrigin};
pub use torrents::{Torrent, Torrents};
pub use udp_tracker::UdpTrackers;
pub use utp::{Sending, UtpFigures, UtpHeard, UtpLimits, UtpMeters, UtpSideFigures, UtpStep};
pub use web::{WebConnection, WebEvent, WebPart};
pub use web_seed::WebSeed;
