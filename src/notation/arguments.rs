//! The fields of a message, taken one by one.

use super::fault::{Fault, Result};
use super::lexer::Lexer;
use super::spelling;
use super::value::Value;

/// Fields that a line of `read` shows under another name.
const ALIASES: [(&str, &str); 2] = [("index", "piece"), ("begin", "offset")];

/// The fields that a text gives to a message.
pub struct Arguments<'t> {
    message: &'t str,
    /// Offset and name of each, and its value until it is taken.
    list: Vec<(usize, Vec<u8>, Option<Value>)>,
    /// Names that were asked for: those that the message has.
    known: Vec<&'static str>,
    end: usize,
}

impl<'t> Arguments<'t> {
    /// Reads all entries up to the end.
    pub fn read(mut lexer: Lexer<'t>, message: &'t str) -> Result<Self> {
        let mut list: Vec<(usize, Vec<u8>, Option<Value>)> = Vec::new();
        while !lexer.is_end() {
            let (at, key, value) = lexer.entry()?;
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
        let alias = ALIASES.iter().find(|(own, _)| *own == name);
        let names = [Some(name), alias.map(|(_, shown)| *shown)];
        let mut left = self.list.iter().filter(|(_, _, value)| value.is_some());
        let meant = left.find_map(|(at, key, _)| {
            let key = String::from_utf8_lossy(key);
            let mut names = names.iter().flatten();
            let meant = names.find(|name| spelling::is_near(&key, name))?;
            Some((*at, format!("{message} has no `{key}`: is it `{meant}`?")))
        });
        let (at, words) = meant.unwrap_or((self.end, format!("{message} needs `{name}`")));
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
        let mut left = self.list.iter().filter(|(_, _, value)| value.is_some());
        let Some((at, key, _)) = left.next() else {
            return Ok(());
        };
        let key = String::from_utf8_lossy(key);
        let message = self.message;
        Err(Fault::new(
            *at,
            match self.known[..] {
                [] => format!("{message} has no fields"),
                _ => format!("{message} has no `{key}`, but {}", self.known.join(", ")),
            },
        ))
    }
}
