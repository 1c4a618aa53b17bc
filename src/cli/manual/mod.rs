//! `peerscope man`: the manual. A page for each command is made from what clap
//! knows of it, and where a text of `docs/` tells more, from that as well; the
//! formats have pages of their own. An installed program has no other manual.

mod command;
mod markdown;
mod pages;
mod reader;
mod texts;

pub use command::run;
