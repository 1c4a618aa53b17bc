//! `peerscope get` and `peerscope seed`: our own peer, and how it is watched.

mod args;
mod bar;
mod events;
mod run;
mod stop;
mod watcher;

pub use args::{GET_EXAMPLES, GetArgs, SEED_EXAMPLES, SeedArgs};
pub use run::{get, seed};
