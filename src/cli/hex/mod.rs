//! `peerscope hex`: what pasted bytes mean.

pub mod args;
mod command;
mod input;
mod joined;
mod show;
mod told;

pub use command::run;
