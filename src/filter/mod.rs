//! Filters of messages: `request and index == 60`.
//!
//! The text is parsed ([`syntax`]), its names are looked up in the catalogue, and
//! for each sort of message it is known beforehand whether anything has to be
//! asked of it. What has to be is asked by a sink while the message is dissected
//! once more; messages that a filter cannot pass cost a look at their type. See
//! `docs/filter.md` for the language.
//!
//! ```
//! use peerscope::filter::Filter;
//!
//! assert!(Filter::parse("request and index == 60").is_ok());
//! let fault = Filter::parse("request and indx == 60").unwrap_err();
//! assert_eq!(fault.column(), 13);
//! assert!(fault.reason().contains("did you mean `index`?"));
//! ```

mod address;
mod check;
mod complete;
mod condition;
mod digits;
mod fact;
mod fates;
mod fault;
mod lexer;
mod matches;
mod names;
mod nearest;
mod parse;
mod plan;
mod quantity;
mod search;
pub mod syntax;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use complete::completions;
pub use fates::Fates;
pub use fault::Fault;
pub use matches::Filter;
