//! `peerscope hex`: what pasted bytes mean.

pub mod args;
mod input;
mod join;
mod run;
mod show;
mod told;

pub use run::run;
