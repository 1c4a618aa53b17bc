//! The fields of a message, taken one by one.

use super::fault::{Fault, Result};
use super::lexer::{FIELD_DUE, Lexer};
use super::value::Value;
use super::{similar, spelling};
use crate::wire::catalogue;
use crate::wire::extension::EXTENDED;

/// Fields that a line of `read` shows under another name.
const ALIASES: [(&str, &str); 3] = [("index", "piece"), ("begin", "offset"), ("piece", "index")];

/// The fields that a text gives to a message.
pub struct Arguments<'t> {
    message: &'t str,
    /// Offset and name of each, and its value until it is taken.
    list: Vec<(usize, Vec<u8>, Option<Value>)>,
    /// Names that were asked for: those that the message has.
    known: Vec<&'static str>,
    /// A value without a name, which ended the reading, and what is wrong with it.
    unnamed: Option<(&'t str, Fault)>,
    end: usize,
}

impl<'t> Arguments<'t> {
    /// Reads all entries up to the end.
    pub fn read(mut lexer: Lexer<'t>, message: &'t str) -> Result<Self> {
        let mut list: Vec<(usize, Vec<u8>, Option<Value>)> = Vec::new();
        let mut unnamed = None;
        while !lexer.is_end() {
            let word = lexer.next_word();
            let (at, key, value) = match lexer.entry() {
                Ok(entry) => entry,
                Err(fault) if fault.reason == FIELD_DUE => {
                    unnamed = Some((word, fault));
                    break;
                }
                Err(fault) => return Err(fault),
            };
            if list.iter().any(|(_, other, _)| *other == key) {
                return Err(Fault::new(at, "this was said before"));
            }
            list.push((at, key, Some(value)));
        }
        let known = Vec::new();
        let end = lexer.offset();
        Ok(Self {
            message,
            list,
            known,
            unnamed,
            end,
        })
    }

    /// Takes a field, if it is given.
    pub fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        let alias = ALIASES.iter().find(|(own, _)| *own == name);
        let names = [Some(name), alias.map(|(_, shown)| *shown)];
        let is = |key: &[u8]| names.iter().flatten().any(|name| key == name.as_bytes());
        let entry = self.list.iter_mut().find(|(_, key, _)| is(key));
        entry.and_then(|(_, _, value)| value.take())
    }

    /// Takes a field that must be given.
    pub fn need(&mut self, name: &'static str) -> Result<Value> {
        self.take(name).ok_or_else(|| self.missing(name))
    }

    /// That a field is missing, or that its name is wrong.
    fn missing(&self, name: &'static str) -> Fault {
        let message = self.message;
        if let Some((word, fault)) = &self.unnamed {
            return self.without_name(name, word, fault.at);
        }
        let alias = ALIASES.iter().find(|(own, _)| *own == name);
        let names = [Some(name), alias.map(|(_, shown)| *shown)];
        let left = || self.list.iter().filter(|(_, _, value)| value.is_some());
        let meant = left().find_map(|(at, key, _)| {
            let key = String::from_utf8_lossy(key);
            let mut names = names.iter().flatten();
            let meant = names.find(|name| spelling::is_near(&key, name))?;
            Some((*at, format!("{message} has no `{key}`: is it `{meant}`?")))
        });
        // A field that the message does not have may be what was meant.
        let other = left().find(|(_, key, _)| !self.has_field(key));
        let other = other.map(|(at, key, _)| {
            let key = String::from_utf8_lossy(key);
            (*at, format!("{message} has no `{key}`: it needs `{name}`"))
        });
        let needs = || (self.end, format!("{message} needs `{name}`"));
        let (at, words) = meant.or(other).unwrap_or_else(needs);
        Fault::new(at, words)
    }

    /// Whether the message has a field of this name.
    fn has_field(&self, key: &[u8]) -> bool {
        let mut messages = catalogue::messages().filter(|message| message.name == self.message);
        let is_key = |message| {
            let mut fields = catalogue::fields(message);
            fields.any(|entry| entry.field.key().as_bytes() == key)
        };
        let alias = ALIASES.iter().any(|(_, shown)| shown.as_bytes() == key);
        alias || messages.any(is_key)
    }

    /// That a word is no field, where `name` is due: `piece 4`, `extended ut_pex`.
    fn without_name(&self, name: &'static str, word: &str, at: usize) -> Fault {
        let message = self.message;
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let meant = similar::joined(message, word).or_else(|| {
            let is_extended = message == EXTENDED.name;
            similar::of_extension(word).filter(|_| is_extended)
        });
        let words = match meant {
            Some(meant) => format!("is it `{meant}`?"),
            None if is_number => format!("{FIELD_DUE}: is it `{name}={word}`?"),
            None => FIELD_DUE.to_owned(),
        };
        Fault::new(at, words)
    }

    /// A number that must be given.
    pub fn number<N: std::str::FromStr>(&mut self, name: &'static str) -> Result<N> {
        self.need(name)?.number()
    }

    /// A number, `default` where it is not given.
    pub fn number_or<N: std::str::FromStr>(&mut self, name: &'static str, default: N) -> Result<N> {
        self.take(name).map_or(Ok(default), |value| value.number())
    }

    /// Bytes, none where they are not given.
    pub fn bytes(&mut self, name: &'static str) -> Result<Vec<u8>> {
        self.take(name)
            .map_or(Ok(Vec::new()), |value| value.bytes())
    }

    /// Takes all that is left: the keys of a dictionary.
    pub fn rest(&mut self) -> Vec<(Vec<u8>, Value)> {
        let left = self.list.iter_mut();
        left.filter_map(|(_, key, value)| Some((key.clone(), value.take()?)))
            .collect()
    }

    /// That nothing is left.
    pub fn finish(self) -> Result<()> {
        let message = self.message;
        let mut left = self.list.iter().filter(|(_, _, value)| value.is_some());
        if let Some((at, key, _)) = left.next() {
            let key = String::from_utf8_lossy(key);
            let meant = self.known.iter().find(|name| spelling::is_near(&key, name));
            let words = match (&self.known[..], meant) {
                ([], _) => format!("{message} has no fields"),
                (_, Some(meant)) => format!("{message} has no `{key}`: is it `{meant}`?"),
                (known, None) => format!("{message} has no `{key}`, but {}", known.join(", ")),
            };
            return Err(Fault::new(*at, words));
        }
        let Some((word, fault)) = &self.unnamed else {
            return Ok(());
        };
        let is_given = |name: &&&str| self.list.iter().any(|(_, key, _)| key == name.as_bytes());
        let next = self.known.iter().find(|name| !is_given(name));
        Err(match next {
            Some(name) => self.without_name(name, word, fault.at),
            None => match similar::joined(message, word) {
                Some(meant) => Fault::new(fault.at, format!("is it `{meant}`?")),
                None => Fault::new(fault.at, format!("{message} has no fields")),
            },
        })
    }
}
