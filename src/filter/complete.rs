//! How a name that was begun may go on.

use std::collections::BTreeSet;

use super::fact::Fact;
use super::names::{is_shown, messages};
use super::syntax::{RESERVED, is_delimiter};
use crate::wire::catalogue;

/// The names that begin with `start`, in the order of the alphabet, as they are
/// typed: facts, messages, fields, protocols, and behind a message and a dot its
/// fields. Nothing for an empty beginning.
pub fn completions(start: &str) -> Vec<String> {
    if start.is_empty() {
        return Vec::new();
    }
    let mut found = BTreeSet::new();
    let (qualifier, rest) = match start.rsplit_once('.') {
        Some((qualifier, rest)) => (Some(qualifier), rest),
        None => (None, start),
    };
    let mut add = |name: &str| {
        if name.starts_with(rest) {
            found.insert(match qualifier {
                Some(qualifier) => format!("{qualifier}.{}", typed(name)),
                None => typed(name),
            });
        }
    };
    for message in messages() {
        let protocol = message.protocol.name();
        let is_meant = match qualifier {
            None => {
                add(message.name);
                true
            }
            Some(qualifier) if qualifier == protocol => {
                add(message.name);
                true
            }
            Some(qualifier) => {
                qualifier
                    .strip_prefix(protocol)
                    .and_then(|q| q.strip_prefix('.'))
                    == Some(message.name)
                    || qualifier == message.name
            }
        };
        let fields = catalogue::fields(message).filter(|_| is_meant);
        for entry in fields.filter(is_shown) {
            add(entry.field.key());
        }
    }
    if qualifier.is_none() {
        for fact in Fact::ALL {
            add(fact.name());
        }
        let protocols = messages().map(|message| message.protocol.name());
        protocols.for_each(add);
    }
    found.into_iter().collect()
}

/// A name as it is typed: in quotes where it has to be.
fn typed(name: &str) -> String {
    let is_bare = !name.contains(is_delimiter) && !name.contains('.') && !RESERVED.contains(&name);
    if is_bare {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Filter;

    #[test]
    fn names_go_on() {
        assert!(completions("").is_empty() && completions("nosuchname").is_empty());
        assert_eq!(completions("reques"), ["request"]);
        assert_eq!(completions("unans"), ["unanswered"]);
        assert_eq!(completions("request.in"), ["request.index"]);
        assert_eq!(completions("peer.request.beg"), ["peer.request.begin"]);
        assert_eq!(completions("ut_pex.added."), Vec::<String>::new());
        assert!(completions("added.").is_empty());
        assert!(completions("ut_pex.added").contains(&"ut_pex.\"added.f\"".to_owned()));
        assert!(completions("min").contains(&"\"min interval\"".to_owned()));
        assert!(completions("peer.pi").contains(&"peer.piece".to_owned()));
    }

    #[test]
    fn what_is_offered_is_a_name() {
        for start in ('a'..='z').map(String::from) {
            for name in completions(&start) {
                let filter = Filter::parse(&name);
                assert!(filter.is_ok(), "{name}: {}", filter.unwrap_err());
            }
        }
    }
}
