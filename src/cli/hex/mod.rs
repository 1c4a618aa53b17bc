//! `peerscope hex`: what pasted bytes mean.

pub mod args;
mod bencode;
mod command;
mod input;
mod joined;
mod looks;
mod made;
mod remarks;
mod show;
mod subject;
mod told;

pub use command::run;
