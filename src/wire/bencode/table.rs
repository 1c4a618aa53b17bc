//! Key tables: what the keys of a dictionary mean, as statics beside the
//! dissector of its message.

use super::node::Node;
use super::rules::{PLAIN, Rules};
use crate::wire::Field;
use crate::wire::anomaly::Breach;

/// A rule for the value of a key: what is wrong with it, if anything.
pub type Check = fn(Node<'_, '_>) -> Option<Breach>;

/// The known keys of a dictionary.
#[derive(Debug)]
pub struct Table {
    /// Known keys, in any order.
    pub keys: &'static [Key],
    /// How the value of any other key reads (`m`, `file tree`: the keys are
    /// data).
    pub other: Shape,
    /// The rules that a message with this table as its root is held to.
    pub rules: &'static Rules,
}

impl Table {
    /// A dictionary whose other keys are private.
    pub const fn new(keys: &'static [Key]) -> Self {
        Self {
            keys,
            other: Shape::PLAIN,
            rules: &PLAIN,
        }
    }

    /// A dictionary whose keys are data, with values of one shape.
    pub const fn of(other: Shape) -> Self {
        Self {
            keys: &[],
            other,
            rules: &PLAIN,
        }
    }

    /// This table, its message held to the rules of a protocol.
    pub const fn under(self, rules: &'static Rules) -> Self {
        Self { rules, ..self }
    }

    /// No key is known.
    pub const EMPTY: Self = Self::new(&[]);

    pub(super) fn find(&self, name: &[u8]) -> Option<&'static Key> {
        self.keys
            .iter()
            .find(|key| key.field.name.as_bytes() == name)
    }
}

/// A known key. Its text is the field's name.
#[derive(Debug)]
pub struct Key {
    /// Name and kind.
    pub field: &'static Field,
    /// How a container or a packed string under this key reads.
    pub shape: Shape,
    /// What a value must keep to beyond its type; a breach is noted as an
    /// anomaly.
    pub check: Option<Check>,
}

impl Key {
    /// A key with an integer or string value, which reads as `field` says.
    pub const fn new(field: &'static Field) -> Self {
        Self::shaped(field, Shape::PLAIN)
    }

    /// A key with a value of some shape.
    pub const fn shaped(field: &'static Field, shape: Shape) -> Self {
        Self {
            field,
            shape,
            check: None,
        }
    }

    /// This key, with a rule for its value.
    pub const fn checked(self, check: Check) -> Self {
        Self {
            check: Some(check),
            ..self
        }
    }
}

/// How a value reads by its type: a tracker's `peers` is a packed string or a
/// list of dictionaries. What is not said reads generically.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Of a dictionary: its keys.
    pub dict: Option<&'static Table>,
    /// Of a list: how each item reads, and its shape.
    pub items: Option<(&'static Field, &'static Shape)>,
    /// Of a string: records packed in it.
    pub compact: Option<&'static Compact>,
}

impl Shape {
    /// Nothing is known beyond the field itself.
    pub const PLAIN: Self = Self {
        dict: None,
        items: None,
        compact: None,
    };

    /// A dictionary with these keys.
    pub const fn dict(table: &'static Table) -> Self {
        Self {
            dict: Some(table),
            ..Self::PLAIN
        }
    }

    /// A list of integers or strings.
    pub const fn list(item: &'static Field) -> Self {
        Self::list_of(item, &Self::PLAIN)
    }

    /// A list of items of some shape.
    pub const fn list_of(item: &'static Field, shape: &'static Shape) -> Self {
        Self {
            items: Some((item, shape)),
            ..Self::PLAIN
        }
    }

    /// A string of packed records.
    pub const fn compact(compact: &'static Compact) -> Self {
        Self {
            compact: Some(compact),
            ..Self::PLAIN
        }
    }

    /// This, or when the value is a list, what `other` says of lists.
    pub const fn or_list(self, item: &'static Field, shape: &'static Shape) -> Self {
        Self {
            items: Some((item, shape)),
            ..self
        }
    }
}

/// A string of records of fixed length.
#[derive(Debug)]
pub struct Compact {
    /// One record; names the group when it has several parts.
    pub record: &'static Field,
    /// The parts of a record in their order.
    pub parts: &'static [Part],
}

impl Compact {
    /// Records of one part: `size` bytes that read as `field` says.
    pub const fn new(field: &'static Field, parts: &'static [Part]) -> Self {
        Self {
            record: field,
            parts,
        }
    }

    /// Bytes of a record; never 0.
    pub fn size(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.size)
            .sum::<usize>()
            .max(1)
    }
}

/// A part of a packed record.
#[derive(Debug)]
pub struct Part {
    /// Name and kind.
    pub field: &'static Field,
    /// Its length in bytes.
    pub size: usize,
}
