//! Every link type, every oddity of IP, and fragments.

mod fragments;
mod ip;
mod link;
mod properties;
