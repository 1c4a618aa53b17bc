//! The keys of the objects being written. A dictionary of a capture may hold a
//! key twice, an object of JSON should not: the second becomes `key#2`.

use std::collections::{HashMap, HashSet};

use super::text::push_string;

/// Keys of one object that are looked through one by one; beyond, by hash.
const KEYS_WITHOUT_HASH: usize = 24;

/// Where the first few keys of each open object stand in the output, quotes
/// included; innermost object last.
#[derive(Debug, Default)]
pub struct Spans(Vec<(usize, usize)>);

/// The keys of one object.
#[derive(Debug, Default)]
pub struct Keys {
    /// Index of its first span.
    first: usize,
    /// The others; only a message of very many keys, or of equal ones, has this.
    more: Option<Box<More>>,
}

#[derive(Debug, Default)]
struct More {
    keys: HashSet<String>,
    /// The number that the next of several equal keys gets.
    next: HashMap<String, u32>,
}

impl Keys {
    /// The keys of an object that begins now.
    pub fn begin(spans: &Spans) -> Self {
        Self {
            first: spans.0.len(),
            more: None,
        }
    }

    /// The object is over.
    pub fn end(&self, spans: &mut Spans) {
        spans.0.truncate(self.first);
    }

    /// Appends the key `text`, numbered if it was there before.
    pub fn push(&mut self, spans: &mut Spans, out: &mut String, text: &str) {
        let start = out.len();
        push_string(out, text);
        while self.holds(spans, out, start) {
            let more = self.more.get_or_insert_default();
            let number = more.next.entry(text.to_owned()).or_insert(2);
            out.truncate(start);
            push_string(out, &format!("{text}#{number}"));
            *number += 1;
        }
        if spans.0.len() - self.first < KEYS_WITHOUT_HASH {
            spans.0.push((start, out.len()));
        } else {
            let more = self.more.get_or_insert_default();
            more.keys.insert(out[start..].to_owned());
        }
    }

    fn holds(&self, spans: &Spans, out: &str, start: usize) -> bool {
        let key = &out[start..];
        let few = &spans.0[self.first..];
        few.iter().any(|&(from, to)| &out[from..to] == key)
            || self
                .more
                .as_ref()
                .is_some_and(|more| more.keys.contains(key))
    }
}
