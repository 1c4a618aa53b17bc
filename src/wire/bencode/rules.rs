//! The rules of BEP 3 for bencode, under the ids that they have where a message
//! holds it: unsorted keys are one rule of the extension protocol and another of
//! the DHT.

use super::tape::{AnomalyKind, Reason};
use crate::wire::anomaly::Anomaly;

/// What can be wrong with a bencoded value, under the rules of a protocol.
#[derive(Debug)]
pub struct Rules {
    form: [Anomaly; FORMS],
    broken: [Anomaly; BROKEN],
    /// A value of another type than its key asks for.
    pub(super) types: WrongTypes,
}

const FORMS: usize = 4;
const BROKEN: usize = 11;

/// A value that does not suit its key.
#[derive(Debug)]
pub(super) struct WrongTypes {
    pub address_length: Anomaly,
    pub string_for_integer: Anomaly,
    pub not_an_integer: Anomaly,
    pub integer_for_string: Anomaly,
    pub not_a_string: Anomaly,
    pub not_a_dictionary: Anomaly,
    pub not_a_list: Anomaly,
    pub partial_record: Anomaly,
}

impl Rules {
    /// The rules under an id for the form, one for the types of values, and one
    /// for strings of records that hold a part of a record.
    pub const fn new(
        form: &'static str,
        types: &'static str,
        records: &'static str,
        bep: u16,
    ) -> Self {
        const fn of_form(id: &'static str, bep: u16, kind: AnomalyKind) -> Anomaly {
            Anomaly::warning(id, bep, kind.text()).plain()
        }
        const fn broken(id: &'static str, bep: u16, reason: Reason) -> Anomaly {
            Anomaly::error(id, bep, reason.text()).plain()
        }
        const fn of_type(id: &'static str, bep: u16, words: &'static str) -> Anomaly {
            Anomaly::warning(id, bep, words).plain().of_entry()
        }
        Self {
            form: [
                of_form(form, bep, AnomalyKind::UnsortedKey),
                of_form(form, bep, AnomalyKind::DuplicateKey),
                of_form(form, bep, AnomalyKind::LeadingZero),
                of_form(form, bep, AnomalyKind::NegativeZero),
            ],
            broken: [
                broken(form, bep, Reason::Truncated),
                broken(form, bep, Reason::StringPastEnd),
                broken(form, bep, Reason::BadLength),
                broken(form, bep, Reason::EmptyInteger),
                broken(form, bep, Reason::BadInteger),
                broken(form, bep, Reason::BadByte),
                broken(form, bep, Reason::KeyNotString),
                broken(form, bep, Reason::KeyWithoutValue),
                broken(form, bep, Reason::TooDeep),
                broken(form, bep, Reason::TooMany),
                broken(form, bep, Reason::TooLong),
            ],
            types: WrongTypes {
                address_length: of_type(types, bep, "not the length of an address"),
                string_for_integer: of_type(types, bep, "a string where an integer is due"),
                not_an_integer: of_type(types, bep, "not an integer"),
                integer_for_string: of_type(types, bep, "an integer where a string is due"),
                not_a_string: of_type(types, bep, "not a string"),
                not_a_dictionary: of_type(types, bep, "not a dictionary"),
                not_a_list: of_type(types, bep, "not a list"),
                partial_record: Anomaly::error(
                    records,
                    bep,
                    "length is not a multiple of its records",
                )
                .plain()
                .of_entry(),
            },
        }
    }

    /// The anomaly that a deviation of form is.
    pub fn form(&'static self, kind: AnomalyKind) -> &'static Anomaly {
        &self.form[kind as usize]
    }

    /// The anomaly that the end of a parse is.
    pub fn broken(&'static self, reason: Reason) -> &'static Anomaly {
        &self.broken[reason as usize]
    }

    /// All of them.
    pub fn all(&'static self) -> impl Iterator<Item = &'static Anomaly> {
        let types = &self.types;
        self.form.iter().chain(&self.broken).chain([
            &types.address_length,
            &types.string_for_integer,
            &types.not_an_integer,
            &types.integer_for_string,
            &types.not_a_string,
            &types.not_a_dictionary,
            &types.not_a_list,
            &types.partial_record,
        ])
    }
}

/// Bytes behind a value that stands alone.
pub static TRAILING: Anomaly =
    Anomaly::error("BE-01", 3, "bytes after the end of the value").plain();

/// Bencode by itself, in no message.
pub static PLAIN: Rules = Rules::new("BE-01", "BE-02", "BE-03", 3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_words() {
        for kind in [
            AnomalyKind::UnsortedKey,
            AnomalyKind::DuplicateKey,
            AnomalyKind::LeadingZero,
            AnomalyKind::NegativeZero,
        ] {
            assert_eq!(PLAIN.form(kind).words, kind.text());
        }
        for reason in [
            Reason::Truncated,
            Reason::StringPastEnd,
            Reason::BadLength,
            Reason::EmptyInteger,
            Reason::BadInteger,
            Reason::BadByte,
            Reason::KeyNotString,
            Reason::KeyWithoutValue,
            Reason::TooDeep,
            Reason::TooMany,
            Reason::TooLong,
        ] {
            assert_eq!(PLAIN.broken(reason).words, reason.text());
        }
    }
}
