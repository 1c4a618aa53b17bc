//! The sink that looks for fields while a message is dissected.

use super::condition::Sample;
use super::plan::{Probe, Target};
use crate::wire::span::slice;
use crate::wire::{Field, Group, Kind, Label, Sink, Value};

/// What is kept from one message to the next, to be used again.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// Groups that are open.
    open: Vec<Open>,
    /// Probes that apply to items of open lists.
    lists: Vec<usize>,
    /// Which probes have found what they look for.
    pub found: Vec<bool>,
    /// Which probes have found a field of the name, whatever its value.
    pub seen: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    field: Option<&'static Field>,
    is_list: bool,
    /// Where its probes begin in [`Memory::lists`].
    lists: usize,
}

/// Looks for the targets of one message.
pub struct Search<'a> {
    bytes: &'a [u8],
    targets: &'a [Target],
    probes: &'a [Probe],
    memory: &'a mut Memory,
}

impl<'a> Search<'a> {
    /// Looks through a message of which `bytes` are there.
    pub fn new(
        bytes: &'a [u8],
        targets: &'a [Target],
        probes: &'a [Probe],
        memory: &'a mut Memory,
    ) -> Self {
        memory.open.clear();
        memory.lists.clear();
        Self {
            bytes,
            targets,
            probes,
            memory,
        }
    }

    /// Whether a label is that of a target.
    fn is_hit(&self, label: Label, target: &Target) -> bool {
        let open = self.memory.open.as_slice();
        match &target.key {
            None => label.field() == Some(target.field) && is_within(open, &target.within),
            Some(key) => {
                is_key(label, self.bytes, key)
                    && open.split_last().is_some_and(|(inner, outer)| {
                        inner.field == Some(target.field) && is_within(outer, &target.within)
                    })
            }
        }
    }

    fn sample(&self, label: Label, span: (usize, usize), value: Value) -> Option<Sample<'a>> {
        let kind = label.field().map_or(Kind::Text, |field| field.kind);
        Some(match (value, kind) {
            (_, Kind::Data) => Sample::Number((span.1 - span.0) as i128, kind),
            (Value::Uint(number), _) => Sample::Number(number.into(), kind),
            (Value::Int(number), _) => Sample::Number(number.into(), kind),
            (Value::Bytes { start, end }, _) => Sample::Bytes(slice(self.bytes, start, end), kind),
            (Value::Group(_), _) => return None,
        })
    }

    fn test(&mut self, probe: usize, sample: Option<Sample<'_>>) {
        self.memory.seen[probe] = true;
        if self.memory.found[probe] {
            return;
        }
        self.memory.found[probe] = match (&self.probes[probe].condition, sample) {
            (None, _) => true,
            (Some(condition), Some(sample)) => condition.is_met(sample),
            (Some(_), None) => false,
        };
    }
}

/// Whether the open groups end with these.
fn is_within(open: &[Open], within: &[&'static Field]) -> bool {
    let Some(first) = open.len().checked_sub(within.len()) else {
        return false;
    };
    let fields = open[first..].iter().map(|open| open.field);
    fields.eq(within.iter().map(|field| Some(*field)))
}

/// Whether a label is this key of the sender's own; names of headers are the same
/// in either case.
fn is_key(label: Label, bytes: &[u8], key: &str) -> bool {
    let Label::Key { start, end, .. } = label else {
        return false;
    };
    let name = bytes.get(start as usize..end as usize);
    name.is_some_and(|name| name.eq_ignore_ascii_case(key.as_bytes()))
}

/// What records leave out: see `docs/json.md`.
fn is_left_out(label: Label, value: Value, is_empty: bool) -> bool {
    let Some(field) = label.field() else {
        return false;
    };
    match (field.kind, value) {
        (Kind::Framing, _) => true,
        (Kind::Unclaimed, _) => is_empty,
        (Kind::Enum(name), Value::Uint(id)) => field.is_implied && name(id).is_some(),
        _ => false,
    }
}

impl Sink for Search<'_> {
    const NOTES: bool = false;

    fn open(&mut self, label: Label, _: usize, group: Group) {
        let lists = self.memory.lists.len();
        // A list in a list that is looked for is one of its items.
        let is_list = group == Group::List;
        let outer = self
            .memory
            .open
            .last()
            .filter(|outer| is_list && outer.is_list);
        if let Some(outer) = outer {
            self.memory.lists.extend_from_within(outer.lists..lists);
        }
        for target in self.targets {
            if self.is_hit(label, target) {
                self.test(target.probe, None);
                self.memory.lists.push(target.probe);
            }
        }
        let field = label.field();
        self.memory.open.push(Open {
            field,
            is_list,
            lists,
        });
    }

    fn close(&mut self, _: usize) {
        if let Some(open) = self.memory.open.pop() {
            self.memory.lists.truncate(open.lists);
        }
    }

    fn leaf(&mut self, label: Label, start: usize, end: usize, value: Value) {
        let is_empty = start >= self.bytes.len().min(end);
        if is_left_out(label, value, is_empty) {
            return;
        }
        let sample = self.sample(label, (start, end), value);
        for target in self.targets {
            if self.is_hit(label, target) {
                self.test(target.probe, sample);
            }
        }
        if let Some(list) = self.memory.open.last().copied().filter(|open| open.is_list) {
            for at in list.lists..self.memory.lists.len() {
                self.test(self.memory.lists[at], sample);
            }
        }
    }
}
