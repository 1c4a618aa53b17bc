//! `peerscope read --write-wireshark`: a capture as Wireshark shows best what
//! peerscope knows of it.
//!
//! Every packet is written, in its order, so that numbers stay what they are;
//! behind them come the messages that no packet shows. Findings are known only when
//! the capture has been read, so it is read up to three times: for the findings,
//! for the packets, and for the messages if there are any.

mod command;
mod findings;
mod hidden;
mod messages;
mod output;

pub use command::run;
